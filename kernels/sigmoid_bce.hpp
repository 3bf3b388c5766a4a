// Sigmoid and binary cross-entropy in one pass, from logits to loss and gradient.
#pragma once

#include <cstdint>

#include "kernels/queue.hpp"

namespace agon::kernels {

/// Means over each segment, written by the device.
struct SigmoidBceResult {
  float loss[2];         ///< weight * mean cross-entropy of the segment; 0 where the segment is empty
  float probability[2];  ///< mean sigmoid(logit) of the segment; 0 where it is empty
};

/// The logits are two segments: [0, split) and [split, n), such as a batch of real rows and one of fakes.
/// With t = target[s], w = weight[s] and m the segment's length,
///   loss[s] = w/m sum( softplus(z) - t z ),   dlogits = w/m (sigmoid(z) - t),   softplus(z) = max(z,0) +
///   log1p(e^-|z|)
/// which is finite and right for every finite logit. The literal minimax loss of a generator,
/// mean log(1 - sigmoid(z)), is target 0 with weight -1.
struct SigmoidBce {
  std::int64_t n = 0;                  ///< logits in all
  std::int64_t split = 0;              ///< 0 <= split <= n
  const float* logits = nullptr;       ///< (n)
  float* dlogits = nullptr;            ///< (n), every element written; may be null
  SigmoidBceResult* result = nullptr;  ///< written; device memory
  float target[2] = {1.0f, 0.0f};      ///< in [0, 1]; below 1 is label smoothing
  float weight[2] = {1.0f, 1.0f};
};

/// Sums are two-stage and deterministic. Source: Goodfellow et al., "Generative adversarial nets" (2014), eq.
/// 1 and section 3 (the non-saturating generator is target 1).
void sigmoid_bce(QueueView queue, const SigmoidBce& op);

}  // namespace agon::kernels
