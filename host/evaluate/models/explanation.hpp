// Which columns tell synthetic rows from real ones.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "host/evaluate/models/detection.hpp"
#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

struct ExplanationOptions {
  std::uint64_t seed = 0;
  int threads = 1;  ///< figures do not depend on it
  std::int64_t explained_rows = 2'000;
  std::int64_t explained_pairs = 3'000;  ///< rows times features whose pairs are explained: these take long
  std::int64_t words = 10;               ///< of so many columns, the worst
  std::int64_t pair_words = 5;           ///< of so many pairs at most
  /// How a number of a column, an index, is spelled; none: with ten digits.
  std::function<std::string(std::int64_t column, double value)> spell{};
};

/// What a column adds to the verdict "synthetic".
struct Telltale {
  std::string column;
  double mean_shap = 0;  ///< mean |what the column adds to the log-odds|, marks with their column
  double share = 0;      ///< of the sum over all columns
  std::string words;     ///< in what it differs, by itself or with another column; empty after the worst
  double real_share = 0, synthetic_share = 0;  ///< the shares in `words`
};

/// What two columns add together, beyond what each of them adds by itself.
struct TellingPair {
  std::string first, second;
  double mean_shap = 0;  ///< mean |exact Shapley interaction value|, both orders together
  double share = 0;      ///< of the sum over all pairs
  std::string words;     ///< in what they differ
  double real_share = 0, synthetic_share = 0;  ///< the shares in `words`
};

struct Explanation {
  double auc = 0;  ///< of the model that is explained, on the rows of its fold; NaN: too few rows, no columns
  double standard_error = 0;
  std::int64_t explained_rows = 0;
  std::vector<Telltale> columns;   ///< worst first
  std::vector<TellingPair> pairs;  ///< worst first; of the strongest those that differ by more than chance
};

/// Explains the first fold's model, on rows that it has not learnt from.
Explanation explain_detection(const ComparedTables& tables, const DetectionModel& model,
                              const ExplanationOptions& options = {});

nlohmann::ordered_json to_json(const Explanation& explanation);
std::string to_text(const Explanation& explanation);

}  // namespace agon::host
