#include "host/cli/restarts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/runtime/atomic_file.hpp"
#include "host/config/toml.hpp"
#include "host/run/console.hpp"
#include "host/run/data_words.hpp"
#include "host/run/held_out.hpp"
#include "host/run/stats_log.hpp"

namespace agon::host {
namespace fs = std::filesystem;
namespace {

/// What may hold where these settings did not: a G that collapses mostly outruns its D, so it alone is slowed
/// down; of a divergence either may be the cause.
void slow_down(Settings& settings, Outcome outcome) {
  constexpr double kSlower = 0.25;
  settings.gan.generator_rate *= kSlower;
  if (outcome == Outcome::diverged) settings.gan.discriminator_rate *= kSlower;
}

std::string what_happened(Outcome outcome, const GanConfig& config) {
  if (outcome == Outcome::diverged) return "the training diverged";
  return outcome == Outcome::collapsed
             ? "the training collapsed"
             : in_words_of(config, "the training came nowhere near the held-out rows");
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

std::string suffix_of(const ReplicaTable& table, const ReplicaResult& replica) {
  return table.replicas.size() > 1 ? replica_suffix(replica.seed) : "";
}

/// Of the attempt that is the run again, as its files tell: one that diverged has logged a step beyond its
/// last checkpoint.
TrainingResult result_of(const TrainSetup& plan, const RunFolder& folder, BestOf best) {
  const std::uint64_t saved = folder.checkpoint_steps().front();
  std::uint64_t logged = 0;
  std::int64_t without = 0;
  for (const ReplicaResult& replica : best.replicas.replicas) {
    const std::string suffix = suffix_of(best.replicas, replica);
    const std::vector<StepStatistics> statistics = read_stats(folder.stats(suffix));
    if (!statistics.empty()) logged = std::max(logged, statistics.back().step);
    without = std::max(without, scores_after(read_scores(folder.scores(suffix), plan.steps), best.step));
  }
  const bool diverged = logged > saved;
  const std::int64_t patience = plan.settings.run.patience;
  const ScoredStep scored{best.step, best.score()};
  return {.outcome = diverged ? Outcome::diverged : Outcome::finished,
          .step = diverged ? logged : saved,
          .saved = saved,
          .replicas = std::move(best.replicas),
          .best = scored,
          .early = !diverged && saved < plan.steps && patience > 0 && without >= patience};
}

}  // namespace

void begin_again(TrainSetup& plan, const RunFolder& folder, const TrainingResult& result) {
  Settings& settings = plan.settings;
  const std::uint64_t seed = settings.gan.seed;
  const std::vector<std::uint64_t> earlier = folder.attempts();
  const auto last = earlier.empty() ? seed : std::max(seed, earlier.back());
  settings.gan.seed = last + static_cast<std::uint64_t>(settings.training.replicas);
  slow_down(settings, result.outcome);
  plan.config = gan_config(settings, plan.data.representation, plan.steps);
  plan.from.reset();
  plan.before = {};
  plan.snapshots.clear();
  folder.set_aside(seed);
  write_file_atomically(folder.config(), to_toml(settings));
  print_message(fmt::format(
      "agon: {} at step {}: what it learnt is kept in {}, and it begins again with seed {} and rates of "
      "{:.3g} for G, {:.3g} for D",
      what_happened(result.outcome, plan.config), grouped(result.step), folder.attempt(seed).string(),
      settings.gan.seed, settings.gan.generator_rate, settings.gan.discriminator_rate));
}

void keep_best_attempt(const TrainSetup& plan, const RunFolder& folder, TrainingResult& result) {
  const std::vector<std::uint64_t> earlier = folder.attempts();
  if (earlier.empty()) return;
  const std::uint64_t last = plan.settings.gan.seed;
  std::optional<BestOf> best = best_of(folder.best());
  std::uint64_t seed = last;
  for (const std::uint64_t other : earlier) {
    std::optional<BestOf> its = best_of(folder.attempt(other) / folder.best().filename());
    if (!its || (best && !is_better(its->score(), best->score()))) continue;
    best = std::move(its);
    seed = other;
  }
  if (seed == last) return;
  folder.set_aside(last);
  folder.bring_back(seed);
  print_message(fmt::format(
      "agon: the attempt with seed {} came nearest to the held-out {}: it is the run again; the last one "
      "is kept in {}",
      seed, rows_word(plan.data.representation), folder.attempt(last).string()));
  result = result_of(plan, folder, std::move(*best));
}

}  // namespace agon::host
