// What a training step costs in arithmetic.
#pragma once

#include <cstdint>

#include "engine/training/config.hpp"

namespace agon::host {

/// Multiply-adds of one step for each row of its batch. With M(N) = multiply_adds of network N, f(N) those of
/// its first layer, whose input gradient nobody needs while N itself learns:
///   G forward for both phases   2 M(G)
///   D's phase, real and fake    2 (M(D) forward + M(D) weight gradients + M(D) - f(D) input gradients)
///   G's phase through D         M(D) forward + M(D) input gradients, no weight gradients
///   G backward                  M(G) weight gradients + M(G) - f(G) input gradients
/// A multiply-add is two floating-point operations.
std::int64_t step_multiply_adds(const GanConfig& config);

}  // namespace agon::host
