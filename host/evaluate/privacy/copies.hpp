// Synthetic rows that repeat real ones, and distances to the closest real row.
#pragma once

#include <cstdint>
#include <optional>

#include "host/evaluate/distances/distance_rows.hpp"
#include "host/evaluate/distances/row_search.hpp"
#include "host/evaluate/rates.hpp"
#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

/// Rows of one table that repeat rows of the real one. Shares are of the table's rows.
struct CopyRates {
  Rate exact;       ///< equal to a real row in every cell
  Rate near;        ///< no farther from a real row than Copies::near_distance
  Rate exact_rare;  ///< equal to a rare real row
  Rate near_rare;  ///< nearest to a rare real row, and no farther than half as far as its nearest real row is
};

struct CopiesOptions {
  std::int64_t most_rows = 100'000;    ///< of the real table, for distances; equal rows are looked for in all
  std::int64_t most_queries = 20'000;  ///< of another table, for distances
  double near_quantile = 0.01;
  double rare_quantile = 0.9;
  std::uint64_t seed = 1;
};

/// A rare real row is farther from its nearest real row than most (options.rare_quantile): what it says can
/// be said of few. Held-out rows tell how many copies come about by chance.
struct Copies {
  std::int64_t distance_rows = 0;  ///< real rows that distances were taken to
  double near_distance = 0;    ///< options.near_quantile of the real rows' distances to their nearest other
  double rare_distance = 0;    ///< options.rare_quantile of them
  std::int64_t rare_rows = 0;  ///< real rows beyond it
  std::int64_t rare_rows_copied = 0;  ///< how many of them at least one synthetic row equals
  CopyRates synthetic;
  std::optional<CopyRates> held_out;
};
/// Throws DataError where a table has no two rows, DeviceError.
Copies find_copies(const RowSearch& search, const ComparedTables& tables, const DistanceTables& points,
                   const CopiesOptions& options = {});

/// Distances to the closest record (DCR), as they are often reported. They say little of privacy: rows can
/// leak without being near (Yao, Krco, Ganev, de Montjoye, "The DCR delusion", 2025).
struct ClosestRecords {
  std::int64_t rows = 0;  ///< of the real and of the held-out table, as many of either
  /// Synthetic rows nearer to a real than to a held-out row; one that is as near counts half. 1/2 is what a
  /// generator reaches that has not learnt single rows.
  double share = 0;
  Interval share_interval;  ///< 95%, as if synthetic rows were independent
  double ratio_median = 0;  ///< of (d1 + 1e-8) / (d2 + 1e-8), d1 and d2 the two nearest real rows' distances
  double ratio_median_held_out = 0;
  double fifth_percentile = 0;  ///< of the distances to the closest real row
  double fifth_percentile_held_out = 0;
};
struct ClosestOptions {
  std::int64_t most_rows = 10'000;  ///< synthetic rows that are looked at
  std::uint64_t seed = 1;
};
/// Nothing without held-out rows, two or more.
std::optional<ClosestRecords> closest_records(const RowSearch& search, const DistanceTables& points,
                                              const ClosestOptions& options = {});

}  // namespace agon::host
