// One synthetic row: why the detection model doubts it, and how near it is to real rows, none of which is
// shown.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/evaluate/distances/row_search.hpp"
#include "host/evaluate/models/detection.hpp"
#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

/// What a column of the row adds to the log-odds that it is synthetic (exact Shapley values).
struct DoubtedCell {
  std::string column, cell;  ///< the row's own cell; "no value"
  double adds = 0;
};

/// Distance to the nearest row of a table, and the share of real rows that lie farther from their own nearest
/// other real row.
struct NearestRow {
  double distance = 0, farther = 0;
};

/// What a run's discriminator says of the row.
struct DiscriminatorsWord {
  double logit = 0;
  double real_below = 0;  ///< share of real rows, of those looked at, that it takes for less real
};

struct DoubtedRow {
  std::int64_t number = 0;  ///< in the synthetic table, from 1
  double probability =
      0;  ///< that it is synthetic, by a model that has not learnt from it; NaN: there is none
  std::vector<DoubtedCell> cells;  ///< what speaks most for synthetic first
  NearestRow real;
  std::optional<NearestRow> held_out;
  std::optional<DiscriminatorsWord> discriminator;  ///< of a run
};

struct RowOptions {
  std::int64_t most_rows = 20'000;  ///< real rows whose own nearest ones are looked at
  std::uint64_t seed = 1;
  std::function<std::string(std::int64_t column, double value)> spell{};
};

/// `number` (from 1) must be a row of the synthetic table.
DoubtedRow look_at_row(const RowSearch& search, const ComparedTables& tables, const DistanceTables& points,
                       const DetectionModel& model, std::int64_t number, const RowOptions& options = {});

nlohmann::ordered_json to_json(const DoubtedRow& row);
std::string to_text(const DoubtedRow& row);
/// "the nearest real row is 0.31 away; 12.0% of real rows are farther from their nearest other", ...
std::string nearest_in_words(const NearestRow& nearest, const char* table);

}  // namespace agon::host
