#include "host/run/trainer.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "engine/runtime/atomic_file.hpp"
#include "engine/training/checkpoint.hpp"
#include "host/plot/loss_curve.hpp"
#include "host/run/interrupt.hpp"
#include "host/table/csv.hpp"
#include "host/table/scaling.hpp"

namespace agon::host {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Chooses pieces of about a tenth of a second: short enough for Ctrl-C and the progress line, long enough to
/// cost nothing.
class Pace {
 public:
  std::uint64_t piece() const { return piece_; }
  double steps_per_second() const { return steps_ / std::max(seconds_, 1e-9); }

  void took(std::uint64_t steps, double seconds) {
    constexpr double kPieceSeconds = 0.1, kMemorySeconds = 10;
    const double forget = std::exp(-seconds / kMemorySeconds);
    steps_ = forget * steps_ + static_cast<double>(steps);
    seconds_ = forget * seconds_ + seconds;
    const double now = static_cast<double>(steps) / std::max(seconds, 1e-9);
    const auto wanted = static_cast<std::uint64_t>(std::min(now, steps_per_second()) * kPieceSeconds);
    piece_ = std::clamp<std::uint64_t>(wanted, 1, std::min<std::uint64_t>(2 * piece_, Gan::kStatisticsRing));
  }

 private:
  std::uint64_t piece_ = 1;
  double steps_ = 0, seconds_ = 0;  // of the last ten seconds or so
};

/// Sums statistics between two reports.
class Mean {
 public:
  void add(std::span<const StepStatistics> statistics) {
    for (const StepStatistics& s : statistics) {
      const double values[4] = {s.discriminator_loss, s.generator_loss, s.probability_real,
                                s.probability_fake};
      for (int i = 0; i < 4; ++i) sum_[i] += values[i];
    }
    count_ += static_cast<double>(statistics.size());
  }
  StepStatistics take() {
    const auto mean = [&](int i) { return static_cast<float>(sum_[i] / std::max(count_, 1.0)); };
    const StepStatistics result{0, mean(0), mean(1), mean(2), mean(3)};
    *this = {};
    return result;
  }

 private:
  double sum_[4] = {};
  double count_ = 0;
};

bool all_finite(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [](float x) { return std::isfinite(x); });
}

bool all_finite(const Gan::Snapshot& snapshot) {
  return std::all_of(snapshot.tensors.begin(), snapshot.tensors.end(), [](const auto& t) {
    return all_finite(t.value) && all_finite(t.moment1) && all_finite(t.moment2);
  });
}

/// The first multiple of `every` beyond `step`.
std::uint64_t next_multiple(std::uint64_t step, std::int64_t every) {
  return (step / static_cast<std::uint64_t>(every) + 1) * static_cast<std::uint64_t>(every);
}

class Trainer {
 public:
  explicit Trainer(const TrainingRun& run)
      : run_(run),
        gan_(*run.gan),
        settings_(run.settings),
        step_(gan_.steps()),
        saved_(step_),
        steps_(steps_of(settings_.training.epochs, run.data.rows, settings_.training.batch)),
        log_(run.folder->stats(), step_, settings_.run.log_every, static_cast<double>(run.data.rows),
             static_cast<double>(settings_.training.batch)),
        progress_(run.progress) {}

  Outcome run() {
    const InterruptGuard guard;
    const bool sound = (step_ > 0 || save()) && train();
    if (sound) return step_ < steps_ ? Outcome::interrupted : Outcome::finished;
    log_.append(std::span(&last_, 1), true);  // the step at which it went wrong
    return Outcome::diverged;
  }

 private:
  /// Until the end, Ctrl-C, or divergence, which gives false.
  bool train() {
    while (step_ < steps_ && !InterruptGuard::requested()) {
      if (!advance()) return false;
      if (settings_.run.samples_every > 0 && due(settings_.run.samples_every) && !write_samples())
        return false;
      if (due(settings_.run.checkpoint_every) && !save()) return false;
    }
    return saved_ == step_ || save();
  }

  bool due(std::int64_t every) const {
    return step_ == steps_ || step_ % static_cast<std::uint64_t>(every) == 0;
  }

  /// Steps until something is due.
  std::uint64_t ahead() const {
    std::uint64_t next = std::min(steps_, next_multiple(step_, settings_.run.checkpoint_every));
    if (settings_.run.samples_every > 0)
      next = std::min(next, next_multiple(step_, settings_.run.samples_every));
    return next - step_;
  }

  /// One piece. False where the run diverged.
  bool advance() {
    const Clock::time_point start = Clock::now();
    const std::uint64_t done = gan_.train(std::min(pace_.piece(), ahead()));
    pace_.took(done, seconds_since(start));
    step_ += done;
    const std::vector<StepStatistics> all = gan_.statistics();
    const auto fresh = std::span(all).last(std::min<std::size_t>(done, all.size()));
    if (!fresh.empty()) last_ = fresh.back();
    mean_.add(fresh);
    log_.append(fresh);
    if (gan_.diverged()) return false;
    report();
    return true;
  }

  void report() {
    if (!progress_.due()) return;
    const double rows = static_cast<double>(run_.data.rows);
    progress_.report({step_, steps_,
                      static_cast<double>(step_) * static_cast<double>(settings_.training.batch) / rows,
                      settings_.training.epochs, mean_.take(), pace_.steps_per_second()});
  }

  /// False where a parameter is not finite: nothing is written then.
  bool save() {
    Checkpoint checkpoint{gan_.config(), gan_.snapshot(), gan_.device().name(), gan_.device().threads(), {}};
    if (!all_finite(checkpoint.snapshot)) return false;
    store(run_.data, checkpoint);
    if (step_ > 0) {
      checkpoint.metadata["statistics"] = stats_line(last_, static_cast<double>(run_.data.rows),
                                                     static_cast<double>(settings_.training.batch));
    }
    log_.sync();  // a checkpoint never knows of steps that the log does not
    run_.folder->save(checkpoint, settings_.run.keep);
    write_file_atomically(run_.folder->losses(), loss_curve_svg(log_.logged(), run_.title));
    saved_ = step_;
    return true;
  }

  /// False where a value is not finite: nothing is written then.
  bool write_samples() const {
    const auto& columns = run_.data.columns;
    const std::int64_t count = settings_.run.samples;
    const std::vector<float> drawn = gan_.sample(count, gan_.config().seed);
    if (!all_finite(drawn)) return false;
    write_csv(run_.folder->samples(step_), Table{columns, count, restore(drawn, columns)});
    return true;
  }

  const TrainingRun& run_;
  Gan& gan_;
  const Settings& settings_;
  std::uint64_t step_, saved_, steps_;
  StatsLog log_;
  Progress progress_;
  Pace pace_;
  Mean mean_;
  StepStatistics last_;
};

}  // namespace

std::uint64_t steps_of(std::int64_t epochs, std::int64_t rows, std::int64_t batch) {
  const auto total = static_cast<std::uint64_t>(epochs) * static_cast<std::uint64_t>(rows);
  return (total + static_cast<std::uint64_t>(batch) - 1) / static_cast<std::uint64_t>(batch);
}

Outcome train_run(const TrainingRun& run) { return Trainer(run).run(); }

}  // namespace agon::host
