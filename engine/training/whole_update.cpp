#include "engine/training/whole_update.hpp"

#include "kernels/gradient_norm.hpp"

namespace agon {

bool waits(const StepMemory& m, const Network& network) {
  return m.config->clip_norm > 0 || network.flat().normalised != nullptr || network.spec().has_blocks();
}

void whole_update(QueueView queue, const StepMemory& m, const Network& network, kernels::AdamState* state) {
  const FlatParameters& flat = network.flat();
  if (flat.normalised != nullptr) network.normalise_gradient(queue);
  if (m.config->clip_norm > 0)
    kernels::gradient_norm(
        queue, {.n = flat.size, .gradient = flat.gradient, .clip = m.config->clip_norm, .state = state});
  kernels::adam(queue, network.adam(state));
}

void normalise_discriminator(QueueView queue, const StepMemory& m) {
  if (m.discriminator->flat().normalised != nullptr) m.discriminator->normalise(queue, /*iterate=*/true);
}

}  // namespace agon
