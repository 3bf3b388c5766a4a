#include "host/run/trainer.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "engine/runtime/atomic_file.hpp"
#include "engine/training/checkpoint.hpp"
#include "host/plot/loss_curve.hpp"
#include "host/run/interrupt.hpp"
#include "host/run/layer_plan.hpp"
#include "host/table/csv.hpp"
#include "host/table/scaling.hpp"

namespace agon::host {
namespace {

using Clock = std::chrono::steady_clock;

/// Of the last ten seconds or so.
class StepRate {
 public:
  double steps_per_second() const { return steps_ / std::max(seconds_, 1e-9); }

  void took(std::uint64_t steps, double seconds) {
    constexpr double kMemorySeconds = 10;
    const double forget = std::exp(-seconds / kMemorySeconds);
    steps_ = forget * steps_ + static_cast<double>(steps);
    seconds_ = forget * seconds_ + seconds;
  }

 private:
  double steps_ = 0, seconds_ = 0;
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

  TrainingResult run() {
    const InterruptGuard guard;
    const bool sound = (step_ > 0 || save()) && train();
    if (sound) return {step_ < steps_ ? Outcome::interrupted : Outcome::finished, step_, saved_};
    if (gan_.diverged()) keep_last_good();
    log_.append(std::span(&last_, 1), true);  // the step at which it went wrong
    return {Outcome::diverged, step_, saved_};
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

  /// The state that the Gan has gone back to, where that is newer than what is saved.
  void keep_last_good() {
    const std::uint64_t good = gan_.steps();
    if (good <= saved_ || good >= step_) return;
    const std::vector<StepStatistics> since = gan_.statistics(good - 1);
    if (!since.empty() && since.front().step == good) save(good, since.front());
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

  /// Up to where something is due, or Ctrl-C. False where the run diverged.
  bool advance() {
    looked_ = Clock::now();
    gan_.train(ahead(), [this] {
      look();
      return !InterruptGuard::requested();
    });
    look();
    return !gan_.diverged();
  }

  /// Takes in what has been done since the last look, be the device at work or not.
  void look() {
    const std::vector<StepStatistics> fresh = gan_.statistics(step_);
    const Clock::time_point now = Clock::now();
    const std::uint64_t done = fresh.empty() ? 0 : fresh.back().step - step_;
    rate_.took(done, std::chrono::duration<double>(now - looked_).count());
    looked_ = now;
    if (fresh.empty()) return;
    last_ = fresh.back();
    step_ = last_.step;
    mean_.add(fresh);
    log_.append(fresh);
    report();
  }

  void report() {
    if (!progress_.due()) return;
    const double rows = static_cast<double>(run_.data.rows);
    progress_.report({step_, steps_,
                      static_cast<double>(step_) * static_cast<double>(settings_.training.batch) / rows,
                      settings_.training.epochs, mean_.take(), rate_.steps_per_second()});
  }

  /// What has been trained so far. False where a parameter is not finite: nothing is written then.
  bool save() { return save(step_, last_); }

  /// The same where the Gan is at another step, whose statistics these are.
  bool save(std::uint64_t step, const StepStatistics& statistics) {
    Checkpoint checkpoint{gan_.config(), gan_.snapshot(), gan_.device().name(), gan_.device().threads(), {}};
    if (!all_finite(checkpoint.snapshot)) return false;
    store(run_.data, checkpoint);
    if (gan_.device().kind() == DeviceKind::cuda) checkpoint.metadata[kPlanRecord] = record_plan(gan_);
    if (step > 0) {
      checkpoint.metadata["statistics"] = stats_line(statistics, static_cast<double>(run_.data.rows),
                                                     static_cast<double>(settings_.training.batch));
    }
    log_.sync();  // a checkpoint never knows of steps that the log does not
    run_.folder->save(checkpoint, settings_.run.keep);
    write_file_atomically(run_.folder->losses(), loss_curve_svg(log_.logged(), run_.title));
    saved_ = step;
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
  StepRate rate_;
  Clock::time_point looked_;
  Mean mean_;
  StepStatistics last_;
};

}  // namespace

std::uint64_t steps_of(std::int64_t epochs, std::int64_t rows, std::int64_t batch) {
  const auto total = static_cast<std::uint64_t>(epochs) * static_cast<std::uint64_t>(rows);
  return (total + static_cast<std::uint64_t>(batch) - 1) / static_cast<std::uint64_t>(batch);
}

TrainingResult train_run(const TrainingRun& run) { return Trainer(run).run(); }

}  // namespace agon::host
