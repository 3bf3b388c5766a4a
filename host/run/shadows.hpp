// Shadow runs: trainings as a run's own, on other rows, side by side as far as the device has room.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/gan/gan.hpp"
#include "host/run/progress.hpp"
#include "host/run/representation.hpp"

namespace agon::host {

struct ShadowRequest {
  GanConfig config;         ///< the run's, but for the seed: shadow s has seed + s
  std::uint64_t steps = 0;  ///< of each
  int shadows = 0;
  Progress::Style progress = Progress::Style::silent;
  /// What shadow s learns; all have equally many rows, in one coding.
  std::function<TableRows(int shadow)> rows;
  /// Shadow s has been trained, as that replica. What it throws ends the work.
  std::function<void(const Gan&, int replica, int shadow)> trained;
  std::function<void(double seconds)> expects;  ///< once, early: how long all will take about; may be empty
};

struct ShadowResult {
  bool interrupted = false;   ///< by Ctrl-C: InterruptGuard must live
  std::vector<int> diverged;  ///< shadows that were not handed to `trained`
};

/// Trains them in groups: on the processor as many at a time as it has threads, on a GPU at most 64, or fewer
/// where its memory is too small. Shadow s depends on (config, s, its rows) alone, and as every training on
/// the device and on how many threads it gets. Throws ConfigurationError, DataError, DeviceError.
ShadowResult train_shadows(const ShadowRequest& request, const Device& device);

}  // namespace agon::host
