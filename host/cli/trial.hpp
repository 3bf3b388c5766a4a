// A few steps of a run before it begins, to learn how long it takes.
#pragma once

#include "host/cli/train_setup.hpp"

namespace agon::host {

struct Trial {
  double seconds = 0;    ///< of a step
  double megabytes = 0;  ///< the most memory that the process has taken so far
};

/// Takes part of a second, and leaves nothing behind.
Trial try_steps(const TrainSetup& plan);

/// Makes the run as long as training.minutes says, where it says something: training.steps takes its place.
void fit_to_minutes(TrainSetup& plan);

}  // namespace agon::host
