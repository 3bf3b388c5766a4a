// What moves over the first part of a run beside the learning rates (kernels/rate_schedule.hpp). The device
// evaluates it (kernels/step.hpp), the host only sets it.
#pragma once

#include <cstdint>

namespace agon::kernels {

/// Each goes from what it starts as to its final value by half a cosine. In the step after `s` completed ones
/// it is, with p = min(1, s / steps),
///   final + (first - final) (1 + cos(pi p)) / 2
/// Source: Huang, Gokaslan, Kuleshov, Tompkin, "The GAN is dead; long live the GAN! A modern GAN baseline"
/// (2024); the formula, in images shown instead of steps, is its program's (github.com/brownvc/R3GAN).
struct BurnIn {
  std::uint64_t steps = 0;   ///< 0: nothing moves
  double final_penalty = 1;  ///< share of their weights that penalties go to, from all of it
  double final_beta2 = 0;    ///< of every optimiser; 0: each keeps its own

  friend bool operator==(const BurnIn&, const BurnIn&) = default;
};

}  // namespace agon::kernels
