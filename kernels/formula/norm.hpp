// A normalised number, its activation, and what goes back through both.
#pragma once

#include <cstdint>

#include "kernels/formula/annotate.hpp"
#include "kernels/formula/leaky_relu.hpp"
#include "kernels/norm.hpp"

namespace agon::kernels::formula {

/// 1 / sqrt(variance + epsilon)
AGON_FORMULA float inverse_deviation(float variance) {
  return quotient(1.0f, square_root(variance + kNormEpsilon));
}

AGON_FORMULA float normalised(float x, float mean, float inverse) { return (x - mean) * inverse; }

/// phi(gamma x^ + beta)
AGON_FORMULA float norm_output(float normal, float gamma, float beta, float slope) {
  return leaky_relu(fused(gamma, normal, beta), slope);
}

/// What a running statistic becomes.
AGON_FORMULA float running_statistic(float before, float now) {
  return fused(kNormMomentum, now - before, before);
}

/// The variance that a batch of `rows` rows estimates, from its squares about the mean.
AGON_FORMULA float unbiased_variance(float squares, std::int64_t rows) {
  return rows > 1 ? quotient(squares, static_cast<float>(rows - 1)) : 0.0f;
}

/// (g - mean(g) - x^ mean(g x^)) inverse
AGON_FORMULA float norm_gradient(float g, float normal, float mean_g, float mean_product, float inverse) {
  return fused(-normal, mean_product, g - mean_g) * inverse;
}

}  // namespace agon::kernels::formula
