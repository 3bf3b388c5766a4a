// Training as a run: the Gan moved to where something is to be kept, and watched on its way there.
#pragma once

#include <cstdint>
#include <string>

#include "engine/training/gan.hpp"
#include "host/config/settings.hpp"
#include "host/run/data_identity.hpp"
#include "host/run/progress.hpp"
#include "host/run/run_folder.hpp"
#include "host/run/stats_log.hpp"

namespace agon::host {

/// Steps of so many epochs: ceil(epochs * rows / batch).
std::uint64_t steps_of(std::int64_t epochs, std::int64_t rows, std::int64_t batch);

struct TrainingRun {
  Gan* gan = nullptr;  ///< with its data, and restored where the run goes on
  const RunFolder* folder = nullptr;
  Settings settings;
  DataIdentity data;
  std::string title;  ///< of the loss curve
  Progress::Style progress = Progress::Style::silent;
};

enum class Outcome { finished, interrupted, diverged };

struct TrainingResult {
  Outcome outcome;
  std::uint64_t step;   ///< the last one; where the run diverged, the one at which it did
  std::uint64_t saved;  ///< that of the newest checkpoint
};

/// Trains up to settings.training.epochs, or until Ctrl-C. A checkpoint is written at the start of a new run,
/// every checkpoint_every steps and at the end, whichever it is; after divergence of what the Gan goes back
/// to, where that is newer than the last one. The result does not depend on how the run was cut into pieces,
/// by intervals or by interruptions. Throws Error on a file that cannot be written.
TrainingResult train_run(const TrainingRun& run);

}  // namespace agon::host
