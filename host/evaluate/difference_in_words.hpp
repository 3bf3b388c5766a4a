// In what a column of two tables differs most, in words that no single person stands behind.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "host/evaluate/compared_tables.hpp"

namespace agon::host {

/// How a number of a column is spelled.
using SpellNumber = std::function<std::string(double)>;

struct Difference {
  /// "0 in 95.3% of real rows, 93.9% of synthetic ones", "from 30 to below 40 in 26.0% of ..."; where shares
  /// differ by no more than chance makes them, that the column is alike by itself.
  std::string words;
  double real_share = 0, synthetic_share = 0;  ///< of all rows; 0 where the column is alike or lost
};

/// Looks for the level, the mark, the single value or the range of numbers, or their absence, whose shares
/// differ most. None that 1 to 4 real rows have, or all but 1 to 4 of them, is considered; ends of ranges and
/// medians are rounded to a power of ten, some 20 of which span the real numbers. `rows`: of each table.
Difference difference_in_words(const ComparedColumn& column, const ComparedCells& real,
                               const ComparedCells& synthetic, const SpellNumber& spell = {});

}  // namespace agon::host
