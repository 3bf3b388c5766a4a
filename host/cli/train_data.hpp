// What a training learns from.
#pragma once

#include "host/cli/train_setup.hpp"

namespace agon::host {

/// Reads the plan's table or images, what is held out of them, and settles what follows from both, by the
/// plan's settings. Throws ConfigurationError, DataError.
void read_data(TrainSetup& plan);

}  // namespace agon::host
