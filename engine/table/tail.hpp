// How far a column of numbers reaches, without the number of the row that reaches furthest.
#pragma once

#include <cstdint>
#include <span>

#include "engine/table/number_support.hpp"

namespace agon {

/// Mean of the outermost `rows` rows without the outermost: no single row shows in it, and the most extreme
/// one has no part in it. `values` ascending, at least one; `lower`: of the smallest.
double pooled_end(std::span<const CountedValue> values, std::int64_t rows, bool lower);

/// Where the largest of as many new rows can be expected: half of all draws of so many rows from a
/// generalised Pareto distribution reach it, which has the probability-weighted moments of the outermost rows
/// (Hosking and Wallis, Technometrics 29, 1987), the very last of them counted as the one before it. At least
/// pooled_end() of `rarest` rows, at most half way between the last two; rarest 1: the last one itself. Rows
/// of atoms don't count.
double tail_end(std::span<const CountedValue> values, std::int64_t rarest, bool lower);

}  // namespace agon
