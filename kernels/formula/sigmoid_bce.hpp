// Binary cross-entropy of one logit, its gradient and its probability, from one exponential.
#pragma once

#include "kernels/formula/elementary.hpp"

namespace agon::kernels::formula {

struct SigmoidBceElement {
  float loss;         ///< softplus(z) - target z
  float probability;  ///< sigmoid(z)
};

/// Right to a few ulp for every finite z: with e = e^-|z| on (0, 1], sigmoid is 1/(1 + e) or e/(1 + e), and
/// the loss is (max(z, 0) - target z) + log1p(e), where neither term is negative and so nothing cancels. d
/// loss / dz is probability - target. log1p(e) is log(1 + e), corrected by what rounding 1 + e lost.
AGON_FORMULA SigmoidBceElement sigmoid_bce(float z, float target) {
  const float e = exponential_of_nonpositive(z < 0.0f ? z : -z);
  const float sum = 1.0f + e;
  const float inverse = quotient(1.0f, sum);
  const float log1p = fused(e - (sum - 1.0f), inverse, logarithm(sum));
  const float positive = z > 0.0f ? z : 0.0f;
  return {fused(-target, z, positive) + log1p, z < 0.0f ? e * inverse : inverse};
}

}  // namespace agon::kernels::formula
