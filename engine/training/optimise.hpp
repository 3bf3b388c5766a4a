// A network's update, once its gradient is whole.
#pragma once

#include "engine/training/update.hpp"

namespace agon {

/// The gradient by normalised weights becomes the one by the weights, the norm of that is taken where it is
/// clipped (state->gradient_norm), and Adam moves the parameters.
void optimise(Program& program, const StepMemory& memory, const Network& network, kernels::AdamState* state);

/// Before each phase, where D's weights are normalised: D was just updated, or is about to be.
void normalise_discriminator(Program& program, const StepMemory& memory);

}  // namespace agon
