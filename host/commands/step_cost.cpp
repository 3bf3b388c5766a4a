#include "host/commands/step_cost.hpp"

namespace agon::host {

std::int64_t step_multiply_adds(const GanConfig& config) {
  const auto first = [](const NetworkSpec& spec) { return spec.widths[0] * spec.widths[1]; };
  const std::int64_t g = config.generator.multiply_adds(), d = config.discriminator.multiply_adds();
  const std::int64_t discriminator_phase = 2 * (3 * d - first(config.discriminator));
  const std::int64_t generator_phase = 2 * d + 2 * g - first(config.generator);
  return 2 * g + discriminator_phase + generator_phase;
}

}  // namespace agon::host
