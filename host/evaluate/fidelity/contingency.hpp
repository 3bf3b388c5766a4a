// Contingency tables of two columns: how alike those of two samples are, and how much the columns have to do
// with each other.
#pragma once

#include <cstdint>
#include <vector>

namespace agon::host {

/// The codes of two columns, (rows) each, and how often each row counts.
struct CountedCells {
  const std::vector<std::int32_t>& first;
  const std::vector<std::int32_t>& second;
  const std::vector<std::uint32_t>& times;
};

struct ContingencyFigures {
  double similarity = 0;  ///< 1 - half the sum of |p - q| over all cells
  double reference = 0,
         sample = 0;  ///< Cramer's V, without correction; NaN of a single row or column of cells
};
/// `first_codes`, `second_codes`: codes are below them. Of few enough possible cells they are counted in
/// place; of more, the cells that occur are sorted.
ContingencyFigures compare_contingency(const CountedCells& reference, const CountedCells& sample,
                                       std::int32_t first_codes, std::int32_t second_codes);

}  // namespace agon::host
