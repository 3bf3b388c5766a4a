// How the learning rates move over a run. The device evaluates it (kernels/step.hpp), the host only sets it.
#pragma once

#include <cstdint>

namespace agon::kernels {

enum class RateShape : std::uint32_t { constant, linear, cosine };

/// The factor on every learning rate in the step after `s` completed ones, s = 0, 1, ... With W =
/// warmup_steps, T = steps, f = final_fraction and p = (s - W) / (T - W):
///   s < W        (s + 1) / W
///   s >= T       f (constant: 1)
///   constant     1
///   linear       1 - (1 - f) p
///   cosine       f + (1 - f) (1 + cos(pi p)) / 2
/// So the first step after the warm-up has the full rate, and f is reached by the step after the last.
/// Source: Loshchilov, Hutter, "SGDR: stochastic gradient descent with warm restarts" (2017), equation 5, one
/// cycle.
struct RateSchedule {
  RateShape shape = RateShape::constant;
  std::uint64_t warmup_steps = 0;
  std::uint64_t steps = 0;    ///< the whole run's; a constant rate needs none
  double final_fraction = 0;  ///< of the full rate; a constant rate ignores it

  friend bool operator==(const RateSchedule&, const RateSchedule&) = default;
};

}  // namespace agon::kernels
