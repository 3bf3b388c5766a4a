// Whole numbers as people type them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/gan/config_fields.hpp"

namespace agon::host {

/// "1000", "+1000", "1e6", "2.5e3"; nothing for another text or a number beyond 64 bits.
std::optional<std::int64_t> parse_whole_number(std::string_view text);
/// The number, where it is whole and 64 bits hold it.
std::optional<std::int64_t> whole_number(double value);

/// "an integer from 1 to 1048576"
std::string whole_numbers_text(std::int64_t least, std::int64_t most);

/// Of every command.
inline constexpr auto kLargestSeed = static_cast<std::int64_t>(fields::kSeeds.high);

}  // namespace agon::host
