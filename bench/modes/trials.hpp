// Training on a mixture from one seed after another, several at once, and judging what comes out.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/modes/result.hpp"
#include "engine/gan/gan.hpp"
#include "host/run/progress.hpp"

namespace agon::host {

struct ModeRun {
  const Mixture* mixture = nullptr;
  const Table* table = nullptr;  ///< the training points
  ModeProtocol protocol;
  GanConfig config;  ///< its seed and batch are the protocol's
  Device device = Device::cpu(1);
  std::int64_t at_once = 0;  ///< 0: all seeds on a GPU, as many as there are threads on the processor
  std::int64_t steps_per_launch = 0;
  std::string plan = "auto";
  Progress::Style progress = Progress::Style::silent;
};

/// Called for each seed that is done: what it scored, and the samples it was judged by, (samples, width)
/// row-major in the mixture's units; empty where it failed.
using ModeTrialDone = std::function<void(const ModeTrial&, std::span<const double>)>;

/// Trains and judges every seed of the protocol, `at_once` replicas of one Gan at a time. On the processor
/// each has one thread of its own, so its bits do not depend on how many there are. Interrupted
/// (InterruptGuard, which the caller holds), it returns with the seeds that were done; those under way are
/// lost. Throws what Gan does.
void run_trials(const ModeRun& run, const ModeTrialDone& done);

/// Fresh points of the mixture itself, none of them learnt from, scored as often as there are seeds.
std::vector<ModeTrial> truth_trials(const Mixture& mixture, const ModeProtocol& protocol);

}  // namespace agon::host
