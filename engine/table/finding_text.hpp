// Words that findings share.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/table/inference.hpp"

namespace agon {

/// 319883 as "319,883".
std::string grouped(std::uint64_t number);
/// "1 row", "41 rows".
std::string rows_text(std::int64_t rows);
/// "41 rows (8.2%)"; shares below 0.1% have two significant digits.
std::string share_text(std::int64_t rows, std::int64_t of);
/// "8.2%"
std::string percent_text(std::int64_t part, std::int64_t of);
/// The shortest exact form: "0.5", "-999".
std::string number_text(double value);
/// "'a', 'b', 'c' and 4 more"
std::string examples_text(std::span<const std::string_view> texts);
/// Those that `fewest` rows have: "'a', 'b' and 3 more", "'a' and 2 that fewer than 5 rows have", "2 that
/// fewer than 5 rows have".
std::string examples_text(std::span<const Level> levels, std::int64_t fewest);

}  // namespace agon
