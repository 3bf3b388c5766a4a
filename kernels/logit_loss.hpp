// A discriminator's last layer with the objective behind it: logits, their gradient, and its way back.
#pragma once

#include <cstdint>

#include "kernels/queue.hpp"

namespace agon::kernels {

/// Rows [0, split) are segment 0 (real, or the generator's), the rest segment 1. For row r of segment s,
///   z = x_r . weight + bias        dlogits_r = scale[s] (sigmoid(z) - target[s])
///   dx_r = dlogits_r weight * phi'(x_r),    phi'(x) = x > 0 ? 1 : input_slope
/// dlogits is the gradient of scale[s] times the summed cross-entropy of kernels/sigmoid_bce.hpp: scale =
/// weight / rows of the whole batch gives that of its mean. No output may overlap an input.
struct LogitLoss {
  std::int64_t rows = 0;                  ///< at least 1
  std::int64_t in = 0;                    ///< columns of x, at least 1
  std::int64_t split = 0;                 ///< 0 <= split <= rows
  const float* x = nullptr;               ///< (rows, in)
  const float* weight = nullptr;          ///< (1, in)
  const float* bias = nullptr;            ///< (1)
  float* logits[2] = {nullptr, nullptr};  ///< (split) and (rows - split), every element written
  float* dlogits = nullptr;               ///< (rows), every element written
  float* dx = nullptr;                    ///< (rows, in), every element written; or null
  float input_slope = 1.0f;               ///< slope of the activation behind x; 1 where x came out of none
  float target[2] = {1.0f, 0.0f};         ///< in [0, 1]
  float scale[2] = {1.0f, 1.0f};
};

/// Source: Goodfellow et al., "Generative adversarial nets" (2014), eq. 1.
void logit_loss(QueueView queue, const LogitLoss& op);

}  // namespace agon::kernels
