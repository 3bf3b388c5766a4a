// Rounding to the tensor cores' operands, as floats again.
#pragma once

#include "kernels/formula/annotate.hpp"
#include "kernels/precision.hpp"

namespace agon::kernels::formula {

/// To 10 bits of mantissa, ties away from zero. Denormal numbers are rounded like others, what lies beyond
/// the largest number becomes infinite, NaN stays NaN. Source: PTX ISA, cvt.rna.tf32.f32.
AGON_FORMULA float rounded_to_tf32(float value) {
  const float nearest = float_of((bits_of(value) + 0x1000u) & ~0x1fffu);
  return value == value ? nearest : value;
}

/// To 7 bits of mantissa, ties to even; the rest as above. Source: PTX ISA, cvt.rn.bf16.f32.
AGON_FORMULA float rounded_to_bf16(float value) {
  const std::uint32_t bits = bits_of(value);
  const float nearest = float_of((bits + 0x7fffu + (bits >> 16 & 1u)) & 0xffff0000u);
  return value == value ? nearest : value;
}

/// A factor of a product in precision P.
template <Precision P>
AGON_FORMULA float rounded(float value) {
  if constexpr (P == Precision::tf32) return rounded_to_tf32(value);
  if constexpr (P == Precision::bf16) return rounded_to_bf16(value);
  return value;
}

}  // namespace agon::kernels::formula
