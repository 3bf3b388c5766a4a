#include "engine/runtime/decimal_text.hpp"

#include <array>
#include <charconv>

namespace agon {
namespace {

std::string decimal(double value, std::chars_format format, int digits) {
  std::array<char, 400> text;  // 309 digits, sign, point and a few decimals
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value, format, digits);
  return {text.data(), end};
}

}  // namespace

std::string short_decimal(double value, int digits) {
  return decimal(value, std::chars_format::general, digits);
}

std::string fixed_decimal(double value, int decimals) {
  return decimal(value, std::chars_format::fixed, decimals);
}

}  // namespace agon
