#include "host/config/whole_number.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace agon::host {

std::optional<std::int64_t> whole_number(double value) {
  constexpr double kBeyond = 0x1p63;
  if (!(value >= -kBeyond && value < kBeyond) || value != std::trunc(value)) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

std::optional<std::int64_t> parse_whole_number(std::string_view text) {
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  const char* const end = text.data() + text.size();
  std::int64_t value = 0;
  if (const auto read = std::from_chars(text.data(), end, value); read.ec == std::errc() && read.ptr == end)
    return value;
  if (text.find_first_of("eE") == text.npos) return std::nullopt;
  double number = 0;
  const auto read = std::from_chars(text.data(), end, number);
  return read.ec == std::errc() && read.ptr == end ? whole_number(number) : std::nullopt;
}

std::string whole_numbers_text(std::int64_t least, std::int64_t most) {
  return fmt::format("an integer from {} to {}", least, most);
}

}  // namespace agon::host
