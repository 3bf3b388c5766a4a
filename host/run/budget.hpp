// How long a run is.
#pragma once

#include <cstdint>

#include "host/config/settings.hpp"

namespace agon::host {

/// Steps of so many epochs: ceil(epochs * rows / rows_of_step).
std::uint64_t steps_of(std::int64_t epochs, std::int64_t rows, std::int64_t rows_of_step);

/// Steps that the settings ask for: training.steps, or where that is 0 training.epochs' worth, or where that
/// is 0, too, table_steps() or image_steps().
std::uint64_t steps_of(const Settings& settings, std::int64_t rows);

/// Steps for so many images, of which a step takes `images_of_step`: 25 passes, but at least 600,000 and at
/// most 3 million images shown, and no more than 500 passes (bench/results, image quality). Both at least 1.
std::uint64_t image_steps(std::int64_t images, std::int64_t images_of_step);

/// Passes over the table that so many steps make, rounded.
std::int64_t epochs_of(std::uint64_t steps, std::int64_t rows, std::int64_t rows_of_step);

}  // namespace agon::host
