#include "bench/step/cost.hpp"

#include "engine/gan/penalties.hpp"
#include "engine/network/weighted_parts.hpp"
#include "kernels/objective.hpp"

namespace agon::host {

std::int64_t step_multiply_adds(const GanConfig& config) {
  const auto first = [](const NetworkSpec& spec) { return weighted_parts(spec).front().multiply_adds(); };
  const std::int64_t g = config.generator.multiply_adds(), d = config.discriminator.multiply_adds();
  const std::int64_t last = weighted_parts(config.discriminator).back().multiply_adds();
  const std::int64_t segment = config.batch / config.pack;
  const bool between = config.penalties.wgan_gp != 0 || config.penalties.dragan != 0;
  const std::int64_t discriminator_phase =
      (between ? 3 : 2) * segment * (3 * d - first(config.discriminator)) +
      penalised_rows(config) * (first(config.discriminator) + d - last);
  const std::int64_t through_discriminator = (kernels::is_paired(config.objective) ? 3 : 2) * segment * d;
  const std::int64_t generator_backward = 2 * g - first(config.generator);
  return config.discriminator_steps * discriminator_phase + through_discriminator +
         config.batch * ((config.discriminator_steps + 1) * g + generator_backward);
}

GanConfig timed_step(const GanConfig& config) {
  const GanConfig defaults;
  GanConfig timed = config;
  timed.generator_rate = defaults.generator_rate;
  timed.discriminator_rate = defaults.discriminator_rate;
  timed.beta1 = defaults.beta1;
  timed.beta2 = defaults.beta2;
  timed.epsilon = defaults.epsilon;
  timed.real_label = defaults.real_label;
  timed.seed = defaults.seed;
  timed.rate_schedule = defaults.rate_schedule;
  timed.burn_in = defaults.burn_in;
  return timed;
}

GanConfig plain_step(const GanConfig& config) {
  GanConfig plain;
  plain.generator = config.generator;
  plain.discriminator = config.discriminator;
  if (!config.of_images()) plain.discriminator.widths.front() = config.width();
  plain.objective = config.objective;
  plain.batch = config.batch;
  plain.micro_batch = config.micro_batch;
  plain.precision = config.precision;
  return plain;
}

}  // namespace agon::host
