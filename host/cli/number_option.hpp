// Whole numbers among CLI11's options: a part of main.cpp, which alone includes it.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <string>

#include "host/config/whole_number.hpp"

namespace agon::host {

/// For an option of whole numbers or a list of them: "1e6" is a million, and what is out of bounds is refused
/// with the bounds.
inline CLI::Validator whole_numbers(std::int64_t least, std::int64_t most) {
  const auto read = [least, most](std::string& text) -> std::string {
    const auto value = parse_whole_number(text);
    if (!value || *value < least || *value > most)
      return fmt::format("expected {}, got {}", whole_numbers_text(least, most),
                         value ? fmt::format("{}", *value) : "'" + text + "'");
    text = fmt::format("{}", *value);
    return {};
  };
  return CLI::Validator(read, fmt::format("from {} to {}", least, most));
}

inline CLI::Validator numbers(double least, double most) {
  const auto read = [least, most](std::string& text) -> std::string {
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto found = std::from_chars(text.data(), end, value);
    if (found.ec == std::errc() && found.ptr == end && value >= least && value <= most) return {};
    return fmt::format("expected a number from {} to {}, got '{}'", least, most, text);
  };
  return CLI::Validator(read, fmt::format("from {} to {}", least, most));
}

inline CLI::Validator seeds() { return whole_numbers(0, kLargestSeed).description(""); }

}  // namespace agon::host
