#include "host/run/budget.hpp"

#include <algorithm>
#include <cmath>

#include "engine/records/table_recipe.hpp"

namespace agon::host {

std::uint64_t steps_of(std::int64_t epochs, std::int64_t rows, std::int64_t rows_of_step) {
  const auto total = static_cast<std::uint64_t>(epochs) * static_cast<std::uint64_t>(rows);
  return (total + static_cast<std::uint64_t>(rows_of_step) - 1) / static_cast<std::uint64_t>(rows_of_step);
}

std::uint64_t steps_of(const Settings& settings, std::int64_t rows) {
  if (settings.training.steps > 0) return static_cast<std::uint64_t>(settings.training.steps);
  const std::int64_t each = settings.gan.rows_of_step();
  if (settings.training.epochs > 0) return steps_of(settings.training.epochs, rows, each);
  return settings.data.coding == "images" ? image_steps(rows, each) : table_steps(rows, each);
}

std::uint64_t image_steps(std::int64_t images, std::int64_t images_of_step) {
  constexpr double kPasses = 25, kFewest = 600e3, kMost = 3e6, kMostPasses = 500;
  const auto count = static_cast<double>(images);
  const double shown = std::min(std::clamp(kPasses * count, kFewest, kMost), kMostPasses * count);
  return static_cast<std::uint64_t>(std::ceil(shown / static_cast<double>(images_of_step)));
}

std::int64_t epochs_of(std::uint64_t steps, std::int64_t rows, std::int64_t rows_of_step) {
  return std::llround(static_cast<double>(steps) * static_cast<double>(rows_of_step) /
                      static_cast<double>(rows));
}

}  // namespace agon::host
