// What a run's discriminator still looks at: how much its verdict changes with each column.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/gan/gan.hpp"
#include "engine/table/coding.hpp"

namespace agon::host {

struct ViewedColumn {
  std::string column;
  /// Mean over rows of |slope of D's logit| times the spread of what D reads, summed over all that D reads of
  /// the column: by so much a usual change of the column moves the logit.
  double real = 0, synthetic = 0;
  double share = 0;  ///< `synthetic`, of the sum over all columns
  /// Of a column of numbers: mean change of the logit of synthetic rows by the column's rank, from the least
  /// (0) to the greatest (1); above 0 D would have them larger.
  std::optional<double> upward;
};

struct DiscriminatorView {
  std::int64_t rows = 0;                       ///< of either table
  double real_logit = 0, synthetic_logit = 0;  ///< D's mean verdict
  std::vector<ViewedColumn> columns;           ///< the largest share first
};

/// `real` and `synthetic` are rows as D reads them, (n, width) each. Nothing where D has a norm.
std::optional<DiscriminatorView> view_of_discriminator(const Gan& gan, const Coding& coding,
                                                       const std::vector<float>& real,
                                                       const std::vector<float>& synthetic);

nlohmann::ordered_json to_json(const DiscriminatorView& view);
std::string to_text(const DiscriminatorView& view);

/// What D and G are, and what is shown, for people who do not know them.
extern const std::string_view kAboutDiscriminator;

}  // namespace agon::host
