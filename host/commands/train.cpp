#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include "engine/runtime/atomic_file.hpp"
#include "host/commands/commands.hpp"
#include "host/commands/exit_code.hpp"
#include "host/commands/train_plan.hpp"
#include "host/commands/train_report.hpp"
#include "host/config/recipes.hpp"
#include "host/config/toml.hpp"
#include "host/run/console.hpp"
#include "host/run/layer_plan.hpp"
#include "host/run/trainer.hpp"

namespace agon::host {
namespace fs = std::filesystem;
namespace {

/// Replicas that had diverged take no further part.
void restore(Gan& gan, const TrainPlan& plan) {
  if (gan.replicas() == 1) return gan.restore(plan.from->checkpoint.snapshot);
  for (int r = 0; r < gan.replicas(); ++r) {
    const auto& snapshot = plan.snapshots[static_cast<std::size_t>(r)];
    if (snapshot) {
      gan.restore(*snapshot, r);
    } else {
      gan.end(r);
    }
  }
}

/// Makes or opens the folder and writes its config.toml, with what "auto" meant here.
RunFolder prepare_folder(TrainPlan& plan, const TrainOptions& options) {
  RunFolder folder =
      plan.from ? RunFolder::open(plan.folder) : RunFolder::create(plan.folder, options.overwrite);
  if (plan.from) folder.lock();
  plan.settings.data.table = absolute_table(plan.settings);
  plan.settings.device.name = plan.device.name();
  plan.settings.device.threads = plan.device.kind() == DeviceKind::cpu ? plan.device.threads() : 0;
  write_file_atomically(folder.config(), to_toml(plan.settings));
  return folder;
}

/// Null for a new run.
const std::string* recorded_plan(const TrainPlan& plan) {
  static const std::string none;
  if (!plan.from) return nullptr;
  const auto& metadata = plan.from->checkpoint.metadata;
  const auto found = metadata.find(kPlanRecord);
  return found == metadata.end() ? &none : &found->second;
}

Gan make_gan(const TrainPlan& plan, bool quiet) {
  Gan gan(plan.config, plan.device, {.steps_per_launch = plan.settings.device.steps_per_launch},
          plan.replicas());
  gan.set_data(plan.standardised, plan.table.rows);
  if (plan.from) restore(gan, plan);
  plan_layers(gan, plan.settings.device.plan, recorded_plan(plan), quiet);
  return gan;
}

/// What may hold where these settings did not: a G that collapses mostly outruns its D, so it alone is slowed
/// down; of a divergence either may be the cause.
void slow_down(Settings& settings, Outcome outcome) {
  constexpr double kSlower = 0.25;
  settings.generator.rate *= kSlower;
  if (outcome == Outcome::diverged) settings.discriminator.rate *= kSlower;
}

std::string_view what_happened(Outcome outcome) {
  if (outcome == Outcome::diverged) return "the training diverged";
  return outcome == Outcome::collapsed ? "the training collapsed"
                                       : "the training came nowhere near the held-out rows";
}

/// The training with the next seeds and lower rates, from its beginning; what there is so far is set aside.
void begin_again(TrainPlan& plan, const RunFolder& folder, const TrainingResult& result) {
  Settings& settings = plan.settings;
  const auto seed = static_cast<std::uint64_t>(settings.training.seed);
  folder.set_aside(seed);
  settings.training.seed += settings.training.replicas;
  slow_down(settings, result.outcome);
  print_message(fmt::format(
      "agon: {} at step {}: what it learnt is kept in {}, and it begins again with seed {} and rates of "
      "{:.3g} for G, {:.3g} for D",
      what_happened(result.outcome), grouped(result.step), folder.attempt(seed).string(),
      settings.training.seed, settings.generator.rate, settings.discriminator.rate));
  plan.from.reset();
  plan.before = {};
  plan.snapshots.clear();
  plan.held_out.reset();
  read_data(plan);
  write_file_atomically(folder.config(), to_toml(settings));
}

/// The best checkpoint of an attempt, with its scores; nothing where there is none.
struct BestOf {
  std::uint64_t step;
  ReplicaTable replicas;
  const HeldOutScore& score() const {
    return replicas.replicas[static_cast<std::size_t>(replicas.best())].score;
  }
};
std::optional<BestOf> best_of(const fs::path& file) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return {};
  const Checkpoint checkpoint = read_checkpoint(file);
  ReplicaTable replicas = stored_replicas(checkpoint, file.string());
  if (replicas.replicas.empty()) return {};
  return BestOf{checkpoint.snapshot.step, std::move(replicas)};
}

/// After the last attempt: an earlier one that has a better best becomes the run again.
void keep_best_attempt(const TrainPlan& plan, const RunFolder& folder, TrainingResult& result) {
  const auto last = static_cast<std::uint64_t>(plan.settings.training.seed);
  std::optional<BestOf> best = best_of(folder.best());
  std::uint64_t seed = last;
  for (const std::uint64_t other : folder.attempts()) {
    std::optional<BestOf> its = best_of(folder.attempt(other) / folder.best().filename());
    if (!its || (best && !is_better(its->score(), best->score()))) continue;
    best = std::move(its);
    seed = other;
  }
  if (seed == last) return;
  folder.set_aside(last);
  folder.bring_back(seed);
  print_message(fmt::format(
      "agon: the attempt with seed {} came nearest to the held-out rows: it is the run again; the last one "
      "is kept in {}",
      seed, folder.attempt(last).string()));
  result.outcome = Outcome::finished;
  result.best = ScoredStep{best->step, best->score()};
  result.replicas = std::move(best->replicas);
}

}  // namespace

int train(const TrainOptions& options) {
  if (options.recipe == "list") {
    print_data(recipe_list());
    return kDone;
  }
  const Settings settings = layered_settings(options);
  if (options.print_config) {
    print_data(to_toml(settings));
    return kDone;
  }
  TrainPlan plan = make_plan(options, settings);
  if (options.dry_run) {
    print_data(summary(plan, settings.device.name));
    return kDone;
  }
  if (!options.quiet) print_raw_message(summary(plan, settings.device.name));
  if (!options.quiet) report_cautions(plan.settings);
  if (plan.from) report_resume(plan);
  const auto start = std::chrono::steady_clock::now();
  Gan gan = make_gan(plan, options.quiet);
  const RunFolder folder = prepare_folder(plan, options);
  const std::string title = fs::path(plan.settings.data.table).filename().string();
  const Progress::Style progress = options.quiet ? Progress::Style::silent : Progress::detect();
  TrainingResult result{};
  for (std::int64_t left = plan.settings.run.restarts - static_cast<std::int64_t>(folder.attempts().size());;
       --left) {
    result = train_run({&gan, &folder, plan.settings, plan.data, title, progress, plan.held_out, left > 0,
                        about(plan, false)});
    if (left <= 0 || result.outcome == Outcome::finished || result.outcome == Outcome::interrupted) break;
    begin_again(plan, folder, result);
    gan = make_gan(plan, options.quiet);
  }
  if (result.outcome != Outcome::interrupted) keep_best_attempt(plan, folder, result);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  return report_outcome(result, plan, seconds.count(), options.quiet);
}

}  // namespace agon::host
