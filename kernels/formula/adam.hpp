// Adam, element by element, and what a step derives from its settings.
#pragma once

#include <cstdint>

#include "kernels/adam.hpp"
#include "kernels/formula/annotate.hpp"

namespace agon::kernels::formula {

/// What every element of one update needs, each rounded to float once from double.
struct AdamCoefficients {
  float beta1;
  float rest1;  ///< 1 - beta1
  float beta2;
  float rest2;  ///< 1 - beta2
  float epsilon;
  float step_size;
  float inv_sqrt_bias2;
};

AGON_FORMULA AdamCoefficients adam_coefficients(const AdamState& state) {
  return {static_cast<float>(state.beta1),
          static_cast<float>(1.0 - state.beta1),
          static_cast<float>(state.beta2),
          static_cast<float>(1.0 - state.beta2),
          static_cast<float>(state.epsilon),
          state.step_size,
          state.inv_sqrt_bias2};
}

/// One element; p, m and v are updated. Rounds where PyTorch's processor kernels round (mul then fused add
/// for m; mul, then (1 - beta2) g fused with g for v; step_size m, then divided), with one difference: it
/// divides sqrt(v) by sqrt(1 - beta2^t), we multiply by the inverse, which moves about 1 parameter in 1000 by
/// 1 ulp.
AGON_FORMULA void adam_element(const AdamCoefficients& c, float g, float& p, float& m, float& v) {
  m = fused(g, c.rest1, m * c.beta1);
  v = fused(c.rest2 * g, g, v * c.beta2);
  const float denominator = fused(square_root(v), c.inv_sqrt_bias2, c.epsilon);
  p -= quotient(c.step_size * m, denominator);
}

/// a b, rounded: no sum that follows may be contracted with it.
AGON_FORMULA double rounded_product(double a, double b) {
#if defined(__CUDA_ARCH__)
  return __dmul_rn(a, b);
#else
  return a * b;
#endif
}

/// base^exponent by squaring: the same bits on every device, which a library's pow is not.
AGON_FORMULA double integer_power(double base, std::uint64_t exponent) {
  double result = 1.0;
  for (; exponent != 0; exponent >>= 1) {
    if (exponent & 1) result = rounded_product(result, base);
    base = rounded_product(base, base);
  }
  return result;
}

/// Begins an update: counts it, and derives the bias-corrected step size, of `rate_factor` times the rate,
/// and scale, in double.
AGON_FORMULA void advance(AdamState& state, double rate_factor) {
  ++state.step;
  const double bias1 = 1.0 - integer_power(state.beta1, state.step);
  const double bias2 = 1.0 - integer_power(state.beta2, state.step);
  state.step_size = static_cast<float>(rounded_product(state.rate, rate_factor) / bias1);
#if defined(__CUDA_ARCH__)
  state.inv_sqrt_bias2 = static_cast<float>(1.0 / __dsqrt_rn(bias2));
#else
  state.inv_sqrt_bias2 = static_cast<float>(1.0 / __builtin_sqrt(bias2));
#endif
}

}  // namespace agon::kernels::formula
