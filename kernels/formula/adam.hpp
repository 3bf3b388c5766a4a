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
  float gradient_scale;
  float decay;
  float average_rest;
  float l2;
};

AGON_FORMULA AdamCoefficients adam_coefficients(const AdamState& state) {
  return {static_cast<float>(state.beta1),
          static_cast<float>(1.0 - state.beta1),
          static_cast<float>(state.beta2),
          static_cast<float>(1.0 - state.beta2),
          static_cast<float>(state.epsilon),
          state.step_size,
          state.inv_sqrt_bias2,
          state.gradient_scale,
          state.decay,
          state.average_rest,
          static_cast<float>(state.l2)};
}

/// One element; p, m and v are updated. Rounds where PyTorch's processor kernels round (mul then fused add
/// for m; mul, then (1 - beta2) g fused with g for v; step_size m, then divided), with one difference: it
/// divides sqrt(v) by sqrt(1 - beta2^t), we multiply by the inverse, which moves about 1 parameter in 1000 by
/// 1 ulp. A decay and a scale of 1 and an l2 of 0 change no bits.
AGON_FORMULA void adam_element(const AdamCoefficients& c, float gradient, float& p, float& m, float& v) {
  const float scaled = gradient * c.gradient_scale;
  const float g = c.l2 == 0.0f ? scaled : fused(c.l2, p, scaled);
  m = fused(g, c.rest1, m * c.beta1);
  v = fused(c.rest2 * g, g, v * c.beta2);
  const float denominator = fused(square_root(v), c.inv_sqrt_bias2, c.epsilon);
  p = rounded_product(p, c.decay) - quotient(c.step_size * m, denominator);
}

/// One element of the average of the parameters that adam_element() leaves.
AGON_FORMULA void average_element(const AdamCoefficients& c, float p, float& average) {
  average = fused(c.average_rest, p - average, average);
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

/// 2^-x for x >= 0, to a relative 1e-15 (0 from x = 1000 on), with the same bits on every device. With n the
/// whole number nearest to x and a = (n - x) log 2, |a| <= 0.35: 2^-n times Taylor's polynomial of e^a of
/// degree 13, whose rest is below 5e-18.
AGON_FORMULA double power_of_half(double x) {
  if (!(x < 1000.0)) return 0.0;
  const auto n = static_cast<std::uint64_t>(x + 0.5);
  const double a = rounded_product(static_cast<double>(n) - x, 0x1.62e42fefa39efp-1);
  double sum = 1.0;
  for (int k = 13; k > 0; --k) sum = 1.0 + rounded_product(a, sum) / k;
  return rounded_product(integer_power(0.5, n), sum);
}

/// The share that an average takes of the weights after update `step`; see AdamState.
AGON_FORMULA float average_rest(double half_life, std::uint64_t step) {
  if (half_life <= 0.0) return 0.0f;
  const double ramp = rounded_product(kAverageRamp, static_cast<double>(step));
  return static_cast<float>(1.0 - power_of_half(1.0 / (half_life < ramp ? half_life : ramp)));
}

AGON_FORMULA double bias_correction(double beta, std::uint64_t step) {
  return 1.0 - integer_power(beta, step);
}

/// What update `step` is derived from, in double: on a GPU threads of their own work it out.
struct UpdateParts {
  double rate_factor;
  double beta2;
  double bias1, bias2;  ///< corrections
  float average_rest;
};

/// Begins an update: counts it, and derives the bias-corrected step size, of the factor times the rate, and
/// scale.
AGON_FORMULA void advance(AdamState& state, const UpdateParts& parts) {
  ++state.step;
  state.beta2 = parts.beta2;
  const double rate = rounded_product(state.rate, parts.rate_factor);
  state.step_size = static_cast<float>(rate / parts.bias1);
  state.decay = static_cast<float>(1.0 - rounded_product(rate, state.weight_decay));
  state.average_rest = parts.average_rest;
  state.inv_sqrt_bias2 = static_cast<float>(1.0 / square_root(parts.bias2));
}

AGON_FORMULA void advance(AdamState& state, double rate_factor, double beta2) {
  const std::uint64_t step = state.step + 1;
  advance(state, {rate_factor, beta2, bias_correction(state.beta1, step), bias_correction(beta2, step),
                  average_rest(state.average_half_life, step)});
}

}  // namespace agon::kernels::formula
