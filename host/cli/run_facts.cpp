#include "host/cli/run_facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "host/cli/describe.hpp"
#include "host/config/recipes.hpp"
#include "host/config/toml.hpp"
#include "host/run/budget.hpp"
#include "host/run/console.hpp"
#include "host/run/data_words.hpp"
#include "host/run/held_out.hpp"

namespace agon::host {
namespace {

struct RunFacts {
  const Settings& settings;
  const GanConfig& config;
  const Representation& how;
  std::int64_t rows = 0, held_out = 0;
  std::uint64_t steps = 0;
  std::string device;
};

AboutRows about_rows_of(const RunFacts& run) {
  const auto count = [](std::int64_t n) { return grouped(static_cast<std::uint64_t>(n)); };
  const GanConfig& config = run.config;
  const std::int64_t replicas = run.settings.training.replicas;
  AboutRows rows;
  const std::string name = std::filesystem::path(run.settings.data.table).filename().string();
  if (run.how.of_images()) {
    rows.emplace_back(
        "images",
        fmt::format(
            "{}: {} of {}{}", name, count(run.rows), image_size_text(run.how.images),
            run.how.classes.any() ? fmt::format(", by {} classes", run.how.classes.names.size()) : ""));
  } else {
    rows.emplace_back("table", fmt::format("{}: {} rows, {} columns", name, count(run.rows),
                                           count(std::ssize(run.how.names()))));
  }
  rows.emplace_back("generator", network_text(config.generator));
  rows.emplace_back("discriminator", network_text(config.discriminator));
  rows.emplace_back("training",
                    fmt::format("{}, batch {}: {} steps; {}, seed {}",
                                epochs_text(run.steps, run.rows, config.rows_of_step()), count(config.batch),
                                grouped(run.steps), to_string(config.objective), config.seed));
  if (!run.settings.run.from_recipe.empty()) rows.emplace_back("recipe", recipe_text(run.settings));
  if (replicas > 1) {
    const std::uint64_t first = run.settings.gan.seed;
    rows.emplace_back(
        "replicas", fmt::format("{}, seeds {} to {}; {} more {} are held out to score them", replicas, first,
                                first + static_cast<std::uint64_t>(replicas) - 1, count(run.held_out),
                                rows_word(run.how)));
  } else if (run.held_out > 0) {
    rows.emplace_back("held out",
                      fmt::format("{} more {}, to score by", count(run.held_out), rows_word(run.how)));
  }
  rows.emplace_back("device", run.device);
  return rows;
}

TrainingRecord record_of(const FoundCheckpoint& found, AboutRows about, std::uint64_t steps) {
  const Checkpoint& checkpoint = found.checkpoint;
  const RunFolder folder = RunFolder::open(found.path.parent_path());
  const ReplicaTable replicas = stored_replicas(checkpoint, found.path.string());
  std::vector<RunColumns> logs;
  if (replicas.replicas.size() > 1) {
    for (const ReplicaResult& replica : replicas.replicas)
      logs.emplace_back(folder.logs(replica_suffix(replica.seed)));
  } else {
    logs.emplace_back(folder.logs());
  }
  TrainingRecord record({std::move(about), checkpoint.config, checkpoint.snapshot.step, steps},
                        std::move(logs));
  record.update(static_cast<std::size_t>(std::max(replicas.best(), 0)), checkpoint.snapshot.step, replicas);
  return record;
}

}  // namespace

AboutRows about(const TrainSetup& plan, bool chosen) {
  return about_rows_of({plan.settings, plan.config, plan.data.representation, plan.rows.rows,
                        plan.held_out ? plan.held_out->rows.rows : 0, plan.steps,
                        device_text(plan.device, chosen)});
}

TrainingRecord training_record(const FoundCheckpoint& found, const TrainSetup& plan) {
  return record_of(found, about(plan, false), plan.steps);
}

TrainingRecord training_record(const FoundCheckpoint& found, const DataIdentity& data, std::int64_t learnt,
                               std::int64_t held_out) {
  Settings settings;
  read_toml(found.path.parent_path() / "config.toml", settings);
  const Checkpoint& checkpoint = found.checkpoint;
  const std::uint64_t steps = steps_of(settings, learnt);
  return record_of(found,
                   about_rows_of({settings, checkpoint.config, data.representation, learnt, held_out, steps,
                                  fmt::format("{}, {} threads", checkpoint.device, checkpoint.threads)}),
                   steps);
}

std::vector<SampleGrid> drawn_grids(const FoundCheckpoint& found) {
  const Checkpoint& checkpoint = found.checkpoint;
  const ReplicaTable table = stored_replicas(checkpoint, found.path.string());
  const int best = table.replicas.size() > 1 ? table.best() : -1;
  const std::string suffix =
      best < 0 ? "" : replica_suffix(table.replicas[static_cast<std::size_t>(best)].seed);
  return sample_grids(RunFolder::open(found.path.parent_path()), checkpoint.snapshot.step, suffix);
}

}  // namespace agon::host
