#include "engine/table/number.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace agon {
namespace {

constexpr std::array<double, 23> kPowersOfTen = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr std::int64_t kFarExponent = 10'000'000;  // beyond any field's digits: clamps absurd exponents

bool is_digit(char c) { return c >= '0' && c <= '9'; }

const char* skip_blanks(const char* p, const char* end) {
  while (p != end && (*p == ' ' || *p == '\t')) ++p;
  return p;
}

// The digits of a number, read once.
struct Digits {
  std::uint64_t mantissa = 0;       // the leading significant digits
  int significant = 0;              // how many are in it; at most kHeld
  std::int64_t leading_zeros = 0;   // before it
  std::int64_t count = 0;           // all digits seen
  std::int64_t fraction = 0;        // of them, after the point
  std::int64_t trailing_zeros = 0;  // at the end of all digits
  static constexpr int kHeld = 18;

  bool complete() const { return significant < kHeld; }
  bool zero() const { return trailing_zeros == count; }
  // Whether the number is 1 or more, where it is not 0.
  bool large(std::int64_t exponent) const { return count - fraction - leading_zeros + exponent > 0; }

  const char* read(const char* p, const char* end) {
    const char* const start = p;
    for (; p != end && is_digit(*p); ++p) {
      trailing_zeros = *p == '0' ? trailing_zeros + 1 : 0;
      if (significant == kHeld) continue;
      mantissa = mantissa * 10 + static_cast<std::uint64_t>(*p - '0');
      significant += mantissa != 0;
      leading_zeros += mantissa == 0;
    }
    count += p - start;
    return p;
  }
};

// Reads "e-12" into `exponent`; leaves `p` where there is none.
const char* read_exponent(const char* p, const char* end, std::int64_t& exponent) {
  if (p == end || (*p != 'e' && *p != 'E')) return p;
  const char* q = p + 1;
  const bool negative = q != end && *q == '-';
  if (q != end && (*q == '-' || *q == '+')) ++q;
  if (q == end || !is_digit(*q)) return p;
  for (; q != end && is_digit(*q); ++q) exponent = std::min(exponent * 10 + (*q - '0'), kFarExponent);
  if (negative) exponent = -exponent;
  return q;
}

int capped(std::int64_t decimals) {
  return decimals >= kDecimalsAsNeeded ? kDecimalsAsNeeded
                                       : static_cast<int>(std::max<std::int64_t>(decimals, 0));
}

// Exact where one correctly rounded operation on exact operands gives it (W. D. Clinger, How to read floating
// point numbers accurately, 1990); std::from_chars elsewhere. False, with `value` 0, where out of a double's
// range.
bool to_double(const Digits& digits, std::int64_t exponent, const char* begin, const char* end,
               double& value) {
  constexpr std::uint64_t kExact = std::uint64_t{1} << 53;
  const std::int64_t power = exponent - digits.fraction;
  if (digits.complete() && digits.mantissa <= kExact && std::abs(power) < std::ssize(kPowersOfTen)) {
    const double mantissa = static_cast<double>(digits.mantissa);
    value = power < 0 ? mantissa / kPowersOfTen[-power] : mantissa * kPowersOfTen[power];
    return true;
  }
  value = 0;
  if (digits.zero()) return true;
  return std::from_chars(begin, end, value).ec == std::errc{} && value != 0;
}

}  // namespace

NumberResult parse_number(const char* begin, const char* end, Number& number) {
  const char* p = skip_blanks(begin, end);
  const bool negative = p != end && *p == '-';
  if (p != end && (*p == '-' || *p == '+')) ++p;
  const char* const unsigned_begin = p;
  Digits digits;
  p = digits.read(p, end);
  if (p != end && *p == '.') {
    const std::int64_t whole = digits.count;
    p = digits.read(p + 1, end);
    digits.fraction = digits.count - whole;
  }
  if (digits.count == 0) return {begin, NumberStatus::not_a_number};
  std::int64_t exponent = 0;
  p = read_exponent(p, end, exponent);
  double magnitude = 0;
  const bool in_range = to_double(digits, exponent, unsigned_begin, p, magnitude);
  p = skip_blanks(p, end);
  if (in_range ? magnitude > kLargestMagnitude : digits.large(exponent))
    return {p, NumberStatus::out_of_range};
  number = {.vanished = !in_range};
  if (number.vanished) return {p, NumberStatus::number};
  number.value = negative && magnitude != 0 ? -magnitude : magnitude;
  number.printed_decimals = capped(digits.fraction - exponent);
  number.decimals = digits.zero() ? 0 : capped(digits.fraction - digits.trailing_zeros - exponent);
  return {p, NumberStatus::number};
}

void forget_noise(Number& number) {
  std::array<char, 32> text;  // -d.dddddddddddddde-ddd
  const char* const begin = text.data();
  const char* const end =
      std::to_chars(text.data(), text.data() + text.size(), number.value, std::chars_format::scientific, 14)
          .ptr;
  const char* const mark = std::find(begin, end, 'e');
  const char* last = mark;
  while (last[-1] == '0') --last;
  const std::int64_t mantissa_decimals = last - std::find(begin, mark, '.') - 1;
  std::int64_t exponent = 0;
  read_exponent(mark, end, exponent);
  const int decimals = capped(mantissa_decimals - exponent);
  if (mantissa_decimals < 12 && decimals < number.decimals)
    number.decimals = number.printed_decimals = decimals;
}

}  // namespace agon
