#include "engine/records/table_recipe.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "kernels/error.hpp"

namespace agon {

GanConfig table_config(const RecordLayout& layout, std::uint64_t steps) {
  constexpr std::uint64_t kWarmUpSteps = 200;
  GanConfig config;
  config.generator = {{64, 256, 256, 256, 256, layout.scores()},
                      0.2f,
                      NormKind::layer,
                      Residual::pre_activation,
                      0,
                      ActivationKind::identity,
                      layout};
  config.discriminator = {{config.width(), 256, 256, 256, 1}, 0.2f, NormKind::none, Residual::add};
  config.objective = Objective::relativistic;
  config.penalties = {.r1 = 4, .r2 = 4};
  config.generator_rate = config.discriminator_rate = 5e-4;
  config.beta1 = 0;
  config.beta2 = 0.99;
  config.batch = 500;
  config.rate_schedule = {kernels::RateShape::cosine, std::min(kWarmUpSteps, steps / 4), steps, 0.02};
  config.ema_samples = 346574;
  config.validate();
  return config;
}

std::uint64_t table_steps(std::int64_t rows, std::int64_t rows_of_step) {
  constexpr double kPasses = 250, kFewest = 600, kMost = 10000;
  if (rows < 1 || rows_of_step < 1)
    throw ConfigurationError("steps for " + std::to_string(rows) + " rows, of which a step takes " +
                             std::to_string(rows_of_step) + ": both must be at least 1");
  const double steps = std::ceil(kPasses * static_cast<double>(rows) / static_cast<double>(rows_of_step));
  return static_cast<std::uint64_t>(std::clamp(steps, kFewest, kMost));
}

}  // namespace agon
