// Rounding to a precision's factors in the arithmetic of doubles, which hold every float and half a unit
// more.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/precision.hpp"

namespace agon::test {

/// Bits of mantissa after the leading one.
inline int mantissa_bits(kernels::Precision precision) {
  switch (precision) {
    case kernels::Precision::tf32:
      return 10;
    case kernels::Precision::bf16:
      return 7;
    default:
      return 23;
  }
}

/// Source: PTX ISA, "cvt": tf32 by .rna, ties away from zero; bf16 by .rn, ties to even.
inline float nearest(float value, kernels::Precision precision) {
  const double magnitude = std::abs(static_cast<double>(value));
  if (magnitude == 0 || !std::isfinite(value)) return value;
  const int exponent = std::max(std::ilogb(magnitude), -126);
  const double unit = std::ldexp(1.0, exponent - mantissa_bits(precision));
  const double units = magnitude / unit;
  const double whole =
      precision == kernels::Precision::bf16 ? std::nearbyint(units) : std::floor(units + 0.5);
  return std::copysign(static_cast<float>(whole * unit), value);
}

inline std::vector<float> nearest(std::vector<float> values, kernels::Precision precision) {
  for (float& value : values) value = nearest(value, precision);
  return values;
}

/// The largest relative error of a product of two rounded factors.
inline double product_error(kernels::Precision precision) {
  if (precision == kernels::Precision::fp32) return 0;
  const double factor = std::ldexp(1.0, -mantissa_bits(precision) - 1);
  return 2 * factor + factor * factor;
}

}  // namespace agon::test
