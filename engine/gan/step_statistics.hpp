// What a step of a Gan's training came to.
#pragma once

#include <cstdint>

namespace agon {

/// Losses are means over the batch. Outputs are the discriminator's in its phase, before its update, as the
/// objective reads them: means of sigmoid(logit), the probability of being real, or of the logit itself
/// (is_probability() in kernels/objective.hpp says which).
struct StepStatistics {
  std::uint64_t step = 0;  ///< 1 for the first step
  float discriminator_loss = 0;
  float generator_loss = 0;
  float output_real = 0;   ///< mean D(x)
  float output_fake = 0;   ///< mean D(G(z))
  float penalty = 0;       ///< in no loss above
  float augmentation = 0;  ///< probability of augmentation's transformations, as the step leaves it
};

}  // namespace agon
