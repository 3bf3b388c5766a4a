// One number out of text, with what its spelling says about precision.
#pragma once

#include <cstdint>

namespace agon {

/// Beyond it is no number of a table, so that sums and squares of differences stay finite.
inline constexpr double kLargestMagnitude = 1e300;
/// Stands for decimals beyond 17: as many as the number needs (its shortest exact form), such as 1.5e-40.
inline constexpr int kDecimalsAsNeeded = 18;

struct Number {
  double value = 0;  ///< correctly rounded; never -0
  /// Digits after the point in plain notation, without and with trailing zeros: 0 and 1 for "54.0", 3 and 3
  /// for "1.5e-2". kDecimalsAsNeeded where there are more than 17.
  int decimals = 0;
  int printed_decimals = 0;
  bool vanished = false;  ///< not 0 as written, but too small for a double: its value is 0, without decimals
};

enum class NumberStatus : std::uint8_t {
  number,
  not_a_number,
  out_of_range,  ///< magnitude above kLargestMagnitude
};

/// Parses the longest text from `begin` that is: blanks, sign, digits with an optional point, exponent,
/// blanks; at least one digit before the exponent. Returns where it ended; `number` is written for
/// NumberStatus::number only.
struct NumberResult {
  const char* end;
  NumberStatus status;
};
NumberResult parse_number(const char* begin, const char* end, Number& number);

/// Takes the noise of a conversion to binary and back out of the number's precision, not out of its value:
/// 4.803999999999999 has three decimals. Noise is what makes more than 12 significant digits of a number that
/// has at most 12 when it is rounded to 15.
void forget_noise(Number& number);

}  // namespace agon
