// What a training step costs in arithmetic, and what it would be without the parts of a recipe.
#pragma once

#include <cstdint>

#include "engine/gan/config.hpp"

namespace agon::host {

/// Multiply-adds of one step on its whole batch. With M(N) = multiply_adds of network N, f(N) those of its
/// first layer, whose input gradient nobody needs while N itself learns, l(D) those of D's last; for each row
/// of G, and for each of D, of which there are batch / pack in a segment:
///   G forward for every phase   (discriminator_steps + 1) M(G)
///   D's phases, each            s (M(D) forward + M(D) weight gradients + M(D) - f(D) input gradients)
///     s segments: real, fake, and with WGAN-GP or DRAGAN the points between
///     where p segments are penalised, p (f(D) input gradients + M(D) - l(D) tangents) besides
///   G's phase through D         M(D) forward (2 M(D) where the objective compares with real rows) + M(D)
///   input
///                               gradients, no weight gradients
///   G backward                  M(G) weight gradients + M(G) - f(G) input gradients
/// A multiply-add is two floating-point operations. Spectral norm, clipping, Adam, noise and what else is
/// done by the element are not counted.
std::int64_t step_multiply_adds(const GanConfig& config);

/// `config` as far as a step's time depends on it: rates and all that only changes numbers are the defaults'.
GanConfig timed_step(const GanConfig& config);

/// The plain step beside it: same networks (D for one row at a time), objective, batch and precision; without
/// penalties, packing, more phases of D, instance noise, weight decay, clipping, spectral norm and averaging.
GanConfig plain_step(const GanConfig& config);

}  // namespace agon::host
