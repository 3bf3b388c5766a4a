// Rows of two tables in one, with the labels and folds of a model that tells them apart.
#pragma once

#include <cstdint>
#include <vector>

#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

/// All rows where there are at most `most`, else as many by (seed, step).
RecordSet at_most(const RecordSet& records, std::int64_t most, std::uint64_t seed, std::uint64_t step);

/// A table's rows are counted on from the other's: row `first.rows + i` is row i of `second`.
struct TwoTables {
  RecordSet first, second;
  std::vector<std::int32_t> labels;  ///< (first.rows + second.rows): 1 for the second table
  std::vector<std::int32_t> fold;    ///< of each row
  int folds = 0;                     ///< 0: a table has fewer than two rows

  /// Rows inside (true) or outside (false) of a fold.
  std::vector<std::int64_t> rows_of(int which, bool inside) const;
};
TwoTables pair_up(RecordSet first, RecordSet second, int folds, std::uint64_t seed);

/// The labels of these rows.
std::vector<std::int32_t> labels_of(const TwoTables& pair, const std::vector<std::int64_t>& rows);

}  // namespace agon::host
