#include "host/run/trainer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "engine/metrics/column_statistics.hpp"
#include "engine/metrics/health_reference.hpp"
#include "engine/runtime/atomic_file.hpp"
#include "host/report/report.hpp"
#include "host/report/training/training_record.hpp"
#include "host/run/budget.hpp"
#include "host/run/console.hpp"
#include "host/run/held_out.hpp"
#include "host/run/interrupt.hpp"
#include "host/run/step_rate.hpp"

namespace agon::host {
namespace {

using Clock = std::chrono::steady_clock;

/// The first multiple of `every` beyond `step`.
std::uint64_t next_multiple(std::uint64_t step, std::int64_t every) {
  return (step / static_cast<std::uint64_t>(every) + 1) * static_cast<std::uint64_t>(every);
}

/// Where the checkpoint of a multiple of the interval is written: what a health sample sees of the step
/// before it is in no checkpoint, so one that is due right before a sample waits for it.
std::uint64_t checkpoint_step(std::uint64_t multiple) {
  return (multiple + 1) % kHealthEvery == 0 ? multiple + 1 : multiple;
}

/// The step that the run is at: a replica that has ended stays where it was.
std::uint64_t step_of(const Gan& gan) {
  std::uint64_t furthest = 0;
  for (int r = 0; r < gan.replicas(); ++r) furthest = std::max(furthest, gan.steps(r));
  return furthest;
}

class Trainer {
 public:
  explicit Trainer(const TrainingRun& run)
      : run_(run),
        gan_(*run.gan),
        settings_(run.settings),
        step_(step_of(gan_)),
        saved_(step_),
        steps_(run.steps),
        progress_(run.progress) {
    for (int r = 0; r < gan_.replicas(); ++r) runs_.push_back(std::make_unique<ReplicaRun>(run, r, step_));
    std::vector<RunColumns> logs;
    for (const auto& replica : runs_) logs.emplace_back(run.folder->logs(replica->suffix()));
    record_.emplace(TrainingPart{run.about, gan_.config(), step_, steps_}, std::move(logs));
    if (!run.held_out) return;
    const GanConfig& config = gan_.config();
    const std::uint64_t seed = run.held_out->seed;
    std::vector<double> unit;
    if (config.generator.records.any()) unit = column_statistics(run.learnt, config.width()).deviation;
    judge_.emplace(gan_.device(), seen_rows(gan_.device(), config, run.held_out->rows, seed), config.width(),
                   seed, std::move(unit));
    for (const auto& replica : runs_)
      for (const ScoredStep& scored : replica->scores())
        if (better(scored)) best_ = scored;
  }

  TrainingResult run() {
    const bool sound = (step_ > 0 || save()) && train();
    const bool early = step_ < steps_ && out_of_patience();
    const Outcome outcome = !sound                                     ? Outcome::diverged
                            : collapsed(HealthLimits::kLastingSamples) ? Outcome::collapsed
                            : early || step_ == steps_                 ? outcome_at_end()
                                                                       : Outcome::interrupted;
    if (outcome == Outcome::diverged) end_report("diverged", "Nothing was evaluated: the training diverged.");
    if (outcome == Outcome::collapsed)
      end_report("collapsed", "Nothing was evaluated: the training collapsed.");
    if (outcome == Outcome::finished && early) end_report("ended early", no_verdict());
    return {outcome, step_, saved_, std::move(replicas_), best_, early};
  }

 private:
  bool better(const ScoredStep& scored) const {
    if (!best_ || is_better(scored.score, best_->score)) return true;
    return !is_better(best_->score, scored.score) && scored.step < best_->step;
  }

  bool out_of_patience() const {
    if (settings_.run.patience == 0 || !best_) return false;
    std::int64_t without = 0;
    for (const auto& replica : runs_)
      without = std::max(without, scores_after(replica->scores(), best_->step));
    return without >= settings_.run.patience;
  }

  /// All that still train have, for so many samples, and that is reason to end.
  bool collapsed(int samples) const {
    const auto fine = [=](const auto& replica) {
      return replica->going() && !replica->collapsed_for(samples);
    };
    return run_.ends_on_failure && std::none_of(runs_.begin(), runs_.end(), fine);
  }

  bool is_sound() {
    if (!best_ || best_->score.collapsed()) return false;
    return !best_->score.far(judge_->score(run_.learnt).sliced_wasserstein);
  }

  /// How it did at its end, by itself or out of patience. A sound best makes up for a late collapse.
  Outcome outcome_at_end() {
    if (!run_.ends_on_failure || is_sound()) return Outcome::finished;
    if (collapsed(HealthLimits::kSamplesInARow)) return Outcome::collapsed;
    return best_ ? Outcome::unlearnt : Outcome::finished;
  }

  bool goes_on() const { return !InterruptGuard::requested() && !collapsed(HealthLimits::kLastingSamples); }

  /// Beyond the step before a health sample, as checkpoint_step().
  bool leave_a_good_place() {
    if (step_ == steps_ || step_ == saved_ || (step_ + 1) % kHealthEvery != 0) return true;
    with_health_ = Clock::now();
    gan_.train(1);
    take_in();
    return each_going([&](const ReplicaRun& replica) { return !gan_.diverged(replica.replica()); });
  }

  /// Until the end, Ctrl-C, the end of patience, a lasting collapse, or divergence of all, which gives false.
  bool train() {
    while (step_ < steps_ && goes_on() && !out_of_patience()) {
      if (!advance()) return false;
      if (samples_due() && !write_samples()) return false;
      if (checkpoint_due(step_) && !save()) return false;
    }
    return leave_a_good_place() && (saved_ == step_ || save());
  }

  bool samples_due() const {
    const std::int64_t every = settings_.run.samples_every;
    return every > 0 && (step_ == steps_ || step_ % static_cast<std::uint64_t>(every) == 0);
  }

  /// Unlike one that Ctrl-C or a divergence calls for: what a run is judged by must not depend on these.
  bool checkpoint_due(std::uint64_t step) const {
    return step == steps_ || step == checkpoint_step(last_multiple(step));
  }

  /// Of the checkpoints' interval.
  std::uint64_t last_multiple(std::uint64_t step) const {
    const auto every = static_cast<std::uint64_t>(settings_.run.checkpoint_every);
    return step / every * every;
  }

  /// Steps until something is due.
  std::uint64_t ahead() const {
    std::uint64_t next = checkpoint_step(last_multiple(step_));
    if (next <= step_) next = checkpoint_step(next_multiple(step_, settings_.run.checkpoint_every));
    if (settings_.run.samples_every > 0)
      next = std::min(next, next_multiple(step_, settings_.run.samples_every));
    return std::min(steps_, next) - step_;
  }

  /// Calls `use` for every replica that is going, and ends those for which it says false. Whether any still
  /// goes.
  template <class Use>
  bool each_going(const Use& use) {
    bool any = false;
    for (const auto& replica : runs_) {
      if (!replica->going()) continue;
      if (use(*replica)) {
        any = true;
      } else {
        end(*replica);
      }
    }
    return any;
  }

  void end(ReplicaRun& replica) {
    if (runs_.size() == 1 && gan_.diverged()) keep_last_good(replica);
    replica.end();
  }

  /// The state that the Gan has gone back to, where that is newer than what is saved.
  void keep_last_good(ReplicaRun& replica) {
    const std::uint64_t good = gan_.steps();
    if (good <= saved_ || good >= step_) return;
    const std::vector<StepStatistics> since = gan_.statistics(good - 1);
    if (!since.empty() && since.front().step == good) save_one(replica, since.front());
  }

  /// Up to where something is due, or Ctrl-C. False where all diverged.
  bool advance() {
    with_health_ = Clock::now();
    gan_.train(ahead(), [this] {
      take_in();
      return goes_on();
    });
    take_in();
    return each_going([&](const ReplicaRun& replica) { return !gan_.diverged(replica.replica()); });
  }

  /// Takes in what has been done since the last call, be the device at work or not.
  void take_in() {
    std::uint64_t done = 0;
    for (const auto& replica : runs_) {
      if (!replica->going()) continue;
      done = std::max(done, replica->take_in());
      step_ = std::max(step_, replica->step());
      for (const HealthWarning& warning : replica->take_warnings()) warn(*replica, warning);
    }
    const Clock::time_point now = Clock::now();
    rate_.took(done, std::chrono::duration<double>(now - with_health_).count());
    with_health_ = now;
    if (done > 0) report();
  }

  void warn(const ReplicaRun& replica, const HealthWarning& warning) {
    progress_.clear();
    const std::string who = runs_.size() > 1 ? fmt::format("seed {}: ", replica.seed()) : "";
    print_message(fmt::format("agon: warning at step {}: {}{}: {}", grouped(warning.step), who, warning.text,
                              warning.advice));
  }

  void report() {
    if (!progress_.due()) return;
    ProgressState state;
    state.step = step_;
    state.steps = steps_;
    state.epochs = std::max<std::int64_t>(epochs_of(steps_, run_.data.rows, gan_.config().rows_of_step()), 1);
    state.epoch = static_cast<double>(step_) * static_cast<double>(gan_.config().rows_of_step()) /
                  static_cast<double>(run_.data.rows);
    for (const auto& replica : runs_)
      if (replica->going()) state.means.push_back(replica->take_mean());
    state.replicas = runs_.size();
    state.steps_per_second = rate_.steps_per_second();
    progress_.report(state);
  }

  bool write_samples() {
    return each_going([](const ReplicaRun& replica) { return replica.write_samples(); });
  }

  void draw_report(std::size_t shown) {
    record_->update(shown, step_, replicas_);
    if (run_.data.representation.of_images())
      grids_ = sample_grids(*run_.folder, step_, runs_[shown]->suffix());
    write_report(no_verdict());
  }

  void end_report(std::string how, std::string why_no_verdict) {
    record_->end(step_, std::move(how));
    write_report(std::move(why_no_verdict));
  }

  void write_report(std::string why_no_verdict) {
    write_file_atomically(run_.folder->page(), report_html({.title = run_.title,
                                                            .training = &record_->part(),
                                                            .no_verdict = std::move(why_no_verdict),
                                                            .samples = grids_}));
  }

  std::string no_verdict() const {
    return settings_.run.evaluate
               ? "How far to trust what it draws will stand here when the training has ended."
               : "How far to trust what it draws was not asked for; agon evaluate measures it for a run, "
                 "too.";
  }

  /// What has been trained so far. False where no parameters are finite: nothing is written then.
  bool save() {
    if (gan_.replicas() > 1) return save_all();
    if (save_one(*runs_.front(), runs_.front()->last())) return true;
    end(*runs_.front());
    return false;
  }

  bool save_one(ReplicaRun& replica, const StepStatistics& at) {
    std::optional<Checkpoint> checkpoint = replica.checkpoint(at);
    if (!checkpoint) return false;
    if (judge_) {
      ReplicaTable table = scored();
      table.replicas.front().last = at;
      if (table.best() < 0) return false;
      keep(*checkpoint, table);
    }
    draw_report(static_cast<std::size_t>(replica.replica()));
    run_.folder->save(*checkpoint, settings_.run.keep);
    saved_ = checkpoint->snapshot.step;
    return true;
  }

  /// The scores in the checkpoint, and the checkpoint as the best where it is, of those that are due. These
  /// and the page come before the last checkpoint: a run that is killed in between does the same again.
  void keep(Checkpoint& checkpoint, const ReplicaTable& table) {
    store(table, checkpoint);
    const ScoredStep now{checkpoint.snapshot.step,
                         table.replicas[static_cast<std::size_t>(table.best())].score};
    if (checkpoint_due(now.step) && better(now)) {
      best_ = now;
      write_checkpoint(run_.folder->best(), checkpoint);
    }
    replicas_ = table;
  }

  /// Every replica's checkpoint, and the best one's once more as the run's own: that comes last, so that
  /// where it is the others are.
  bool save_all() {
    each_going([&](ReplicaRun& replica) {
      const std::optional<Checkpoint> checkpoint = replica.checkpoint();
      if (checkpoint) run_.folder->write(*checkpoint, replica.suffix());
      return checkpoint.has_value();
    });
    ReplicaTable table = scored();
    const int best = table.best();
    if (best < 0) return false;
    ReplicaRun& chosen = *runs_[static_cast<std::size_t>(best)];
    Checkpoint checkpoint = chosen.checkpoint().value();
    keep(checkpoint, table);
    write_file_atomically(run_.folder->replicas(), to_csv(table));
    draw_report(static_cast<std::size_t>(best));
    run_.folder->save(checkpoint, settings_.run.keep);
    for (const auto& replica : runs_)
      if (replica->going()) run_.folder->prune(step_, settings_.run.keep, replica->suffix());
    saved_ = step_;
    return true;
  }

  /// Replicas whose samples are not finite end here.
  ReplicaTable scored() {
    ReplicaTable table{held_out_share(settings_), run_.held_out->whole, {}, gan_.config().objective};
    for (const auto& run : runs_) {
      const auto replica = static_cast<int>(table.replicas.size());
      constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
      HeldOutScore score{kNone, kNone, kNone};
      if (run->going()) {
        score = judge_->score(gan_, replica);
        if (std::isnan(score.sliced_wasserstein)) {
          if (runs_.size() > 1) end(*run);
        } else if (checkpoint_due(gan_.steps(replica))) {
          run->note(score);
        }
      }
      table.replicas.push_back({run->seed(), score, !run->going(), run->last()});
    }
    return table;
  }

  const TrainingRun& run_;
  Gan& gan_;
  const Settings& settings_;
  std::uint64_t step_, saved_, steps_;
  std::vector<std::unique_ptr<ReplicaRun>> runs_;  // one for each replica
  std::optional<TrainingRecord> record_;
  std::vector<SampleGrid> grids_;  // of images, for the page
  Progress progress_;
  StepRate rate_;
  Clock::time_point with_health_;
  ReplicaTable replicas_;
  std::optional<HeldOutJudge> judge_;  // where rows are held out
  std::optional<ScoredStep> best_;     // so far
};

}  // namespace

TrainingResult train_run(const TrainingRun& run) { return Trainer(run).run(); }

}  // namespace agon::host
