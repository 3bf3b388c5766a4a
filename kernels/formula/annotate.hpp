// How per-element mathematics is declared, and the operations whose rounding must not be left to a compiler.
//
// Everything in formula/ is per-element, branch-free where it is called in a vectorised loop, and has
// internal linkage and forced inlining: the processor's sources are compiled once per instruction set, and a
// function with external linkage would be merged across them by the linker.
#pragma once

#include <cstdint>

#if defined(__CUDACC__)
#define AGON_FORMULA static __host__ __device__ __forceinline__
#define AGON_MEMBER_FORMULA __host__ __device__ __forceinline__
#else
#define AGON_FORMULA static inline __attribute__((always_inline))
#define AGON_MEMBER_FORMULA inline __attribute__((always_inline))
#endif

namespace agon::kernels::formula {

AGON_FORMULA std::uint32_t bits_of(float value) {
#if defined(__CUDA_ARCH__)
  return __float_as_uint(value);
#else
  return __builtin_bit_cast(std::uint32_t, value);
#endif
}

AGON_FORMULA float float_of(std::uint32_t bits) {
#if defined(__CUDA_ARCH__)
  return __uint_as_float(bits);
#else
  return __builtin_bit_cast(float, bits);
#endif
}

/// a b + c, rounded once, on every device. A product that feeds a sum is always written this way in formula/,
/// so that no compiler has anything left to contract and all devices agree bit for bit.
///
/// A processor without the instruction gets the exact emulation, which vectorises (the C library's does not):
/// the product is exact in double, the sum is rounded to odd, and so the last rounding, to float, is the only
/// one that counts. Source: Boldo, Melquiond, "Emulation of FMA and correctly rounded sums: proved algorithms
/// using rounding to odd" (2008); the sum's error is Knuth's TwoSum.
AGON_FORMULA float fused(float a, float b, float c) {
#if defined(__CUDA_ARCH__)
  return __fmaf_rn(a, b, c);
#elif defined(__FMA__) || defined(__ARM_FEATURE_FMA)
  return __builtin_fmaf(a, b, c);
#else
  const double product = static_cast<double>(a) * b;
  const double sum = product + c;
  const double other = sum - product;
  const double error = (product - (sum - other)) + (c - other);
  const std::uint64_t sum_bits = __builtin_bit_cast(std::uint64_t, sum);
  const std::uint64_t error_bits = __builtin_bit_cast(std::uint64_t, error);
  const std::uint64_t magnitude = error_bits + error_bits;
  const std::uint64_t inexact = (magnitude | (0 - magnitude)) >> 63;
  const std::uint64_t toward_zero = (error_bits ^ sum_bits) >> 63;
  // To odd: of the two neighbours of the true sum, the one whose last bit is 1. An even sum moves one step.
  const std::uint64_t step = inexact & ~sum_bits & 1;
  const double odd = __builtin_bit_cast(double, sum_bits + step - 2 * (step & toward_zero));
  const float nearest = static_cast<float>(sum);
  return nearest - nearest == 0.0f ? static_cast<float>(odd)
                                   : nearest;  // an infinite sum has no error to speak of
#endif
}

/// Correctly rounded, as is that of a double.
AGON_FORMULA float square_root(float value) {
#if defined(__CUDA_ARCH__)
  return __fsqrt_rn(value);
#else
  return __builtin_sqrtf(value);
#endif
}

AGON_FORMULA double square_root(double value) {
#if defined(__CUDA_ARCH__)
  return __dsqrt_rn(value);
#else
  return __builtin_sqrt(value);
#endif
}

/// a / b, correctly rounded.
AGON_FORMULA float quotient(float a, float b) {
#if defined(__CUDA_ARCH__)
  return __fdiv_rn(a, b);
#else
  return a / b;
#endif
}

/// a b, rounded: no sum that follows may be contracted with it.
AGON_FORMULA float rounded_product(float a, float b) {
#if defined(__CUDA_ARCH__)
  return __fmul_rn(a, b);
#else
  return a * b;
#endif
}
AGON_FORMULA double rounded_product(double a, double b) {
#if defined(__CUDA_ARCH__)
  return __dmul_rn(a, b);
#else
  return a * b;
#endif
}

}  // namespace agon::kernels::formula
