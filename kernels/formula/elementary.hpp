// Logarithm, exponential, sine and cosine in single precision: branch-free, vectorisable, and with every
// rounding written out, so that they give the same bits on every device.
//
// The polynomials are our own minimax fits (Lawson's reweighted least squares in 30 digits; coefficients
// rounded to float one by one, the rest refitted after each). tests/kernels/elementary_test.cpp holds the
// accuracies stated here against long double.
#pragma once

#include <cstdint>

#include "kernels/formula/annotate.hpp"

namespace agon::kernels::formula {

/// x = 2^exponent (1 + f), 1 + f on [sqrt(1/2), sqrt(2)), exactly.
struct LogarithmArgument {
  float exponent;
  float f;
};

AGON_FORMULA LogarithmArgument split_for_logarithm(float x) {
  const std::uint32_t bits = bits_of(x);
  const std::int32_t exponent = static_cast<std::int32_t>(bits - 0x3f3504f3u) >> 23;
  return {static_cast<float>(exponent), float_of(bits - (static_cast<std::uint32_t>(exponent) << 23)) - 1.0f};
}

/// log(1 + f) = f - f^2/2 + f^3 P(f), and exponent log 2 in two parts.
AGON_FORMULA float logarithm_of(LogarithmArgument x) {
  const float f = x.f;
  float p = -0x1.38bcfep-4f;
  p = fused(p, f, 0x1.055a66p-3f);
  p = fused(p, f, -0x1.0d81e6p-3f);
  p = fused(p, f, 0x1.22d95cp-3f);
  p = fused(p, f, -0x1.547298p-3f);
  p = fused(p, f, 0x1.99a020p-3f);
  p = fused(p, f, -0x1.000226p-2f);
  p = fused(p, f, 0x1.555554p-2f);
  const float square = f * f;
  float tail = fused(x.exponent, 0x1.7f7d1cp-20f, (square * f) * p);  // log 2 less its upper part
  tail = fused(-0.5f, square, tail);
  return fused(x.exponent, 0x1.62e400p-1f, f + tail);  // log 2 to 15 bits: its multiples are exact
}

/// Natural logarithm of a positive normal number, to 1 ulp.
AGON_FORMULA float logarithm(float x) { return logarithm_of(split_for_logarithm(x)); }

/// e^x = 2^n (1 + p): n = round(x / log 2), and with r the rest p = r + r^2 Q(r), on [-0.3, 0.42].
struct ExponentialParts {
  std::uint32_t n;  ///< modulo 2^32
  float p;          ///< e^r - 1, to 1 ulp
};

/// Of x on [-104, 0]. NaN's p is NaN.
AGON_FORMULA ExponentialParts split_exponential(float x) {
  constexpr float kShift = 0x1.8p23f;  // adding it leaves round(x) in the low bits
  const float shifted = fused(x, 0x1.715476p0f, kShift);
  const float n = shifted - kShift;
  float r = fused(n, -0x1.62e400p-1f, x);
  r = fused(n, -0x1.7f7d1cp-20f, r);
  float q = 0x1.6a4b40p-10f;
  q = fused(q, r, 0x1.12399ep-7f);
  q = fused(q, r, 0x1.5558b2p-5f);
  q = fused(q, r, 0x1.555492p-3f);
  q = fused(q, r, 0x1.fffffcp-2f);
  return {bits_of(shifted) - bits_of(kShift), fused(r * r, q, r)};
}

/// 2^n value, where neither leaves the normal numbers.
AGON_FORMULA float scaled_by_power(float value, std::uint32_t n) {
  return float_of(bits_of(value) + (n << 23));
}

/// e^x for x <= 0, to 1 ulp; 0 below x = -87, where e^x < 1.7e-38. NaN stays NaN.
AGON_FORMULA float exponential_of_nonpositive(float x) {
  const ExponentialParts parts = split_exponential(x < -87.0f ? -87.0f : x);
  const float scaled = scaled_by_power(parts.p + 1.0f, parts.n);
  const float outside = x < -87.0f ? 0.0f : x;  // x: NaN
  return x >= -87.0f ? scaled : outside;
}

struct SinCos {
  float sine;
  float cosine;
};

/// Sine and cosine of 2 pi turn / 2^32, to 2 ulp. The two upper bits (after rounding) are the quadrant, the
/// rest is t = 4/pi times the angle left, on [-1, 1): sin = t S(t^2), cos = 1 + t^2 C(t^2).
AGON_FORMULA SinCos sincos_of_turn(std::uint32_t turn) {
  const std::uint32_t quadrant = (turn + 0x20000000u) >> 30;
  const float t = static_cast<float>(static_cast<std::int32_t>(turn - (quadrant << 30))) * 0x1p-29f;
  const float square = t * t;
  float s = -0x1.2da0d4p-15f;
  s = fused(s, square, 0x1.465ee8p-9f);
  s = fused(s, square, -0x1.4abbbap-4f);
  s = fused(s, square, -0x1.a30478p-26f);  // pi/4 less its float
  s = fused(t, 0x1.921fb6p-1f, t * s);
  float c = 0x1.d4e30ep-19f;
  c = fused(c, square, -0x1.55b298p-12f);
  c = fused(c, square, 0x1.03c1b0p-6f);
  c = fused(c, square, -0x1.3bd3ccp-2f);
  c = fused(c, square, 1.0f);
  const bool swap = (quadrant & 1u) != 0;
  const std::uint32_t sine_sign = (quadrant & 2u) << 30;
  const std::uint32_t cosine_sign = ((quadrant + 1u) & 2u) << 30;
  return {float_of(bits_of(swap ? c : s) ^ sine_sign), float_of(bits_of(swap ? s : c) ^ cosine_sign)};
}

}  // namespace agon::kernels::formula
