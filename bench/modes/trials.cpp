#include "bench/modes/trials.hpp"

#include <algorithm>
#include <chrono>

#include "engine/metrics/column_statistics.hpp"
#include "host/run/budget.hpp"
#include "host/run/interrupt.hpp"
#include "host/run/layer_plan.hpp"
#include "host/run/replica_run.hpp"
#include "host/table/scaling.hpp"

namespace agon::host {
namespace {

using Clock = std::chrono::steady_clock;

std::int64_t seeds_at_once(const ModeRun& run) {
  const std::int64_t all = run.protocol.seeds;
  if (run.at_once > 0) return std::min(run.at_once, all);
  return run.device.kind() == DeviceKind::cuda ? all : std::min<std::int64_t>(run.device.threads(), all);
}

/// One thread for each replica where there are as many.
Device device_for(const ModeRun& run, std::int64_t replicas) {
  if (run.device.kind() != DeviceKind::cpu) return run.device;
  return Device::cpu(static_cast<int>(std::min<std::int64_t>(run.device.threads(), replicas)));
}

/// The progress line while a Gan trains.
class Watcher {
 public:
  Watcher(const ModeRun& run, const Gan& gan, std::uint64_t steps)
      : run_(run), gan_(gan), steps_(steps), seen_(static_cast<std::size_t>(gan.replicas())) {}

  bool look(Progress& progress) {
    if (progress.due()) report(progress);
    return !InterruptGuard::requested();
  }

 private:
  void report(Progress& progress) {
    ProgressState state;
    for (int r = 0; r < gan_.replicas(); ++r) {
      std::uint64_t& seen = seen_[static_cast<std::size_t>(r)];
      const std::vector<StepStatistics> fresh = gan_.statistics(seen, r);
      if (fresh.empty()) continue;
      seen = fresh.back().step;
      state.step = std::max(state.step, seen);
      MeanStatistics mean;
      mean.add(fresh);
      state.means.push_back(mean.take());
    }
    if (state.means.empty()) return;
    state.steps = steps_;
    state.epochs = run_.protocol.epochs;
    state.epoch = static_cast<double>(state.step) * static_cast<double>(run_.config.rows_of_step()) /
                  static_cast<double>(run_.table->rows);
    state.replicas = seen_.size();
    state.steps_per_second =
        static_cast<double>(state.step) / std::chrono::duration<double>(Clock::now() - start_).count();
    progress.report(state);
  }

  const ModeRun& run_;
  const Gan& gan_;
  std::uint64_t steps_;
  std::vector<std::uint64_t> seen_;
  Clock::time_point start_ = Clock::now();
};

void judge(const ModeRun& run, const Gan& gan, int replica, const ModeTrialDone& done) {
  ModeTrial trial{.seed = gan.config().seed + static_cast<std::uint64_t>(replica),
                  .failed = gan.diverged(replica),
                  .steps = gan.steps(replica),
                  .score = {}};
  std::vector<double> samples;
  if (!trial.failed) {
    const std::vector<float> raw = gan.sample(run.protocol.samples, trial.seed, replica);
    trial.failed = !all_finite(raw);
    if (!trial.failed) samples = restore(raw, run.table->columns);
  }
  if (!trial.failed) trial.score = score_modes(*run.mixture, samples);
  done(trial, samples);
}

}  // namespace

void run_trials(const ModeRun& run, const ModeTrialDone& done) {
  const std::vector<float> standardised = standardise(*run.table);
  const std::uint64_t steps = steps_of(run.protocol.epochs, run.table->rows, run.config.rows_of_step());
  const std::int64_t at_once = seeds_at_once(run);
  for (std::int64_t first = 0; first < run.protocol.seeds; first += at_once) {
    const std::int64_t replicas = std::min(at_once, run.protocol.seeds - first);
    GanConfig config = run.config;
    config.seed = run.protocol.seed + static_cast<std::uint64_t>(first);
    Gan gan(config, device_for(run, replicas), {.steps_per_launch = run.steps_per_launch},
            static_cast<int>(replicas));
    plan_layers(gan, run.plan, nullptr, true);
    gan.set_data(standardised, run.table->rows);
    {
      Progress progress(run.progress);
      Watcher watcher(run, gan, steps);
      gan.train(steps, [&] { return watcher.look(progress); });
    }
    // A run that ended because all of its replicas diverged is done; one that was told to stop is not.
    if (InterruptGuard::requested()) return;
    for (int r = 0; r < gan.replicas(); ++r) judge(run, gan, r, done);
  }
}

std::vector<ModeTrial> truth_trials(const Mixture& mixture, const ModeProtocol& protocol) {
  std::vector<ModeTrial> trials;
  for (std::int64_t i = 0; i < protocol.seeds; ++i) {
    const auto set = static_cast<std::uint64_t>(i) + 1;  // 0 is what is learnt
    trials.push_back(
        {.seed = protocol.seed + static_cast<std::uint64_t>(i),
         .failed = false,
         .steps = 0,
         .score = score_modes(mixture, draw_points(mixture, protocol.samples, protocol.data_seed, set))});
  }
  return trials;
}

}  // namespace agon::host
