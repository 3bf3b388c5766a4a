// Where a column of numbers begins and ends, said so that no single row's value shows.
#pragma once

#include <cstdint>

#include "host/table/table.hpp"

namespace agon::host {

/// Rows that must stand behind a figure of the real table that is shown by itself.
inline constexpr std::int64_t kFewestShown = 5;

/// The least of 1, 2, 5 times a power of ten that is at least `step`, which is positive and finite.
double round_up(double step);

/// Moves each minimum and maximum outward to a multiple of 1, 2 or 5 times a power of ten: of the least with
/// which the outermost `kFewestShown` rows have the same multiple. A value that so many rows share stays as
/// it is. Where even the size of the column's largest number is no such step (few rows above zero, say), the
/// bound is the first one beyond that size, or zero. Means and deviations stay.
void round_bounds(Table& table);

}  // namespace agon::host
