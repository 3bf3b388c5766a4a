// Updates that cannot follow each piece of a gradient as it is computed: of clipped gradients, of weights
// that are normalised, and of layers with a norm.
#pragma once

#include "engine/training/update.hpp"

namespace agon {

/// Whether the network's update waits for its whole gradient.
bool waits(const StepMemory& memory, const Network& network);

/// That update, once the gradient is whole: the gradient by normalised weights becomes the one by the
/// weights, the norm of that is taken where it is clipped (state->gradient_norm), and Adam moves the
/// parameters.
void whole_update(QueueView queue, const StepMemory& memory, const Network& network,
                  kernels::AdamState* state);

/// Before each phase, where D's weights are normalised: D was just updated, or is about to be.
void normalise_discriminator(QueueView queue, const StepMemory& memory);

}  // namespace agon
