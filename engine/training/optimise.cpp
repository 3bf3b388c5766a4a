#include "engine/training/optimise.hpp"

#include "kernels/gradient_norm.hpp"

namespace agon {

void optimise(Program& program, const StepMemory& m, const Network& network, kernels::AdamState* state) {
  const FlatParameters& flat = network.flat();
  if (flat.normalised != nullptr) network.normalise_gradient(program);
  if (m.config->clip_norm > 0)
    program.add<kernels::gradient_norm>(
        {.n = flat.size, .gradient = flat.gradient, .clip = m.config->clip_norm, .state = state});
  program.add<kernels::adam>(network.adam(state));
}

void normalise_discriminator(Program& program, const StepMemory& m) {
  if (m.discriminator->flat().normalised != nullptr) m.discriminator->normalise(program, /*iterate=*/true);
}

}  // namespace agon
