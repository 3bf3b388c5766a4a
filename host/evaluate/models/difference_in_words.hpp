// In what a column of two tables differs most, by itself and with another one, in words that no single person
// stands behind.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "host/evaluate/models/round_ends.hpp"
#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

struct Difference {
  /// "0 in 95.3% of real rows, 93.9% of synthetic ones", "from 30 to below 40 in 26.0% of ..."; empty where
  /// shares differ by no more than chance makes them.
  std::string words{};
  double real_share = 0,
         synthetic_share = 0;  ///< of all rows; 0 where there are no words, or a column is lost
};

/// Looks for the level, the mark, the single value or the range of numbers, or their absence, whose shares
/// differ most. None that 1 to 4 real rows have, or all but 1 to 4 of them, is considered; ends of ranges and
/// medians are rounded to a power of ten, some 20 of which span the real numbers. `rows`: of each table.
Difference difference_in_words(const ComparedColumn& column, const ComparedCells& real,
                               const ComparedCells& synthetic, const SpellNumber& spell = {});

/// Likewise of two columns, indices, together: names the pair of levels or ranges that differs most, in its
/// shares and beyond what either column's own shares make of it: "below 20 with marital-status 'Married' in
/// 0.0% of real rows, 1.2% of synthetic ones". `spell` takes the column's index, too.
Difference pair_in_words(const ComparedTables& tables, std::int64_t first, std::int64_t second,
                         const std::function<std::string(std::int64_t column, double value)>& spell = {});

}  // namespace agon::host
