#include "host/run/budget.hpp"

#include <algorithm>
#include <cmath>

namespace agon::host {

std::uint64_t steps_of(std::int64_t epochs, std::int64_t rows, std::int64_t rows_of_step) {
  const auto total = static_cast<std::uint64_t>(epochs) * static_cast<std::uint64_t>(rows);
  return (total + static_cast<std::uint64_t>(rows_of_step) - 1) / static_cast<std::uint64_t>(rows_of_step);
}

std::uint64_t steps_of(const Settings& settings, std::int64_t rows) {
  constexpr std::int64_t kEnoughSteps = 6500, kFewestSteps = 600, kEpochs = 250;
  if (settings.training.steps > 0) return static_cast<std::uint64_t>(settings.training.steps);
  const std::int64_t each = settings.gan.rows_of_step();
  if (settings.training.epochs > 0) return steps_of(settings.training.epochs, rows, each);
  return std::clamp<std::uint64_t>(steps_of(kEpochs, rows, each), kFewestSteps, kEnoughSteps);
}

std::int64_t epochs_of(std::uint64_t steps, std::int64_t rows, std::int64_t rows_of_step) {
  return std::llround(static_cast<double>(steps) * static_cast<double>(rows_of_step) /
                      static_cast<double>(rows));
}

}  // namespace agon::host
