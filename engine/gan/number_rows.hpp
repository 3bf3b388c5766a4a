// A training table of numbers, as a caller hands it over.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace agon {

/// Throws DataError with row and column of the first number that is not finite. Returns a line that says
/// which columns of `rows`, (n, width), are not standardised; empty where all are: means within 1 of 0,
/// deviations from a quarter to 4. A column that never changes needs no deviation. `which`: the table's name
/// in both. One pass over the numbers.
std::string check_number_rows(const std::string& which, std::span<const float> rows, std::int64_t width);

}  // namespace agon
