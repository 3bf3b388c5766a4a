// How strong the discriminator's noise is at a step.
#pragma once

#include <cstdint>

#include "kernels/formula/annotate.hpp"
#include "kernels/instance_noise.hpp"

namespace agon::kernels::formula {

AGON_FORMULA float noise_deviation(const InstanceNoise& op, std::uint64_t step) {
  if (op.steps == 0) return op.deviation;
  if (step >= op.steps) return 0.0f;
  const double left = static_cast<double>(op.steps - step) / static_cast<double>(op.steps);
  return static_cast<float>(left * static_cast<double>(op.deviation));
}

}  // namespace agon::kernels::formula
