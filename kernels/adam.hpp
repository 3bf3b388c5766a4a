// The Adam optimiser over one flat parameter buffer.
#pragma once

#include <cstdint>

#include "kernels/queue.hpp"

namespace agon::kernels {

/// Lives in device memory: a captured graph must see the step count and the rates change.
struct AdamState {
  std::uint64_t step =
      0;            ///< updates begun; step_begin (kernels/step.hpp) advances it before the update reads it
  double rate = 0;  ///< learning rate
  double beta1 = 0;
  double beta2 = 0;
  double epsilon = 0;
  // Derived from the above by step_begin, in double, rounded once:
  float step_size = 0;       ///< rate times its schedule's factor / (1 - beta1^step)
  float inv_sqrt_bias2 = 0;  ///< 1 / sqrt(1 - beta2^step)
};

/// m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2
/// p -= step_size m / (sqrt(v) inv_sqrt_bias2 + epsilon)
struct Adam {
  std::int64_t n = 0;
  float* parameter = nullptr;        ///< (n), updated; these four are 16-byte aligned and do not overlap
  const float* gradient = nullptr;   ///< (n)
  float* moment1 = nullptr;          ///< (n), updated
  float* moment2 = nullptr;          ///< (n), updated
  const AdamState* state = nullptr;  ///< device memory
};

/// Source: Kingma, Ba, "Adam: a method for stochastic optimization" (2015), algorithm 1, arranged as PyTorch
/// does.
void adam(QueueView queue, const Adam& op);

}  // namespace agon::kernels
