#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "engine/runtime/atomic_file.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/exit_code.hpp"
#include "host/cli/final_report.hpp"
#include "host/cli/restarts.hpp"
#include "host/cli/run_facts.hpp"
#include "host/cli/train_report.hpp"
#include "host/cli/train_setup.hpp"
#include "host/cli/trial.hpp"
#include "host/config/recipes.hpp"
#include "host/config/toml.hpp"
#include "host/run/console.hpp"
#include "host/run/interrupt.hpp"
#include "host/run/layer_plan.hpp"
#include "host/run/trainer.hpp"
#include "host/table/text.hpp"

namespace agon::host {
namespace fs = std::filesystem;
namespace {

/// Replicas that had diverged take no further part.
void restore(Gan& gan, const TrainSetup& plan) {
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

/// Makes the folder, or takes the run's, and writes its config.toml, with what "auto" meant here.
RunFolder prepare_folder(TrainSetup& plan, const TrainOptions& options) {
  RunFolder folder = plan.run ? std::move(*plan.run) : RunFolder::create(plan.folder, options.overwrite);
  plan.settings.data.table = absolute_path(plan.settings.data.table);
  for (std::string* const file : {&plan.settings.data.schema, &plan.settings.data.labels})
    if (!file->empty()) *file = absolute_path(*file);
  plan.settings.device.name = plan.device.name();
  plan.settings.device.threads = plan.device.kind() == DeviceKind::cpu ? plan.device.threads() : 0;
  write_file_atomically(folder.config(), to_toml(plan.settings));
  return folder;
}

/// Null for a new run.
const std::string* recorded_plan(const TrainSetup& plan) {
  static const std::string none;
  if (!plan.from) return nullptr;
  const auto& metadata = plan.from->checkpoint.metadata;
  const auto found = metadata.find(kPlanRecord);
  return found == metadata.end() ? &none : &found->second;
}

Gan make_gan(const TrainSetup& plan, bool quiet) {
  Gan gan(plan.config, plan.device,
          {.steps_per_launch = plan.settings.device.steps_per_launch, .fuse = plan.settings.device.fuse},
          plan.replicas());
  set_data(gan, plan.rows);
  if (plan.from) restore(gan, plan);
  plan_layers(gan, plan.settings.device.plan, recorded_plan(plan), quiet);
  return gan;
}

/// Until one is sound, restarts are at their end, or Ctrl-C; then the best attempt is the run.
TrainingResult train_attempts(TrainSetup& plan, const TrainOptions& options) {
  std::optional<Gan> gan(make_gan(plan, options.quiet));
  const RunFolder folder = prepare_folder(plan, options);
  const std::string title = fs::path(plan.settings.data.table).filename().string();
  const Progress::Style progress = options.quiet ? Progress::Style::silent : Progress::detect();
  const InterruptGuard guard;
  std::int64_t left = plan.settings.run.restarts - static_cast<std::int64_t>(folder.attempts().size());
  const std::vector<float> learnt =
      plan.held_out ? seen_rows(plan.device, plan.config, plan.rows, 0) : std::vector<float>();
  while (true) {
    TrainingResult result =
        train_run({&*gan, &folder, plan.settings, plan.data, plan.steps, title, progress, plan.held_out,
                   learnt, left > 0, about(plan, false), plan.people.get()});
    const bool failed = result.outcome != Outcome::finished && result.outcome != Outcome::interrupted;
    if (failed && left > 0 && InterruptGuard::requested()) result.outcome = Outcome::interrupted;
    if (result.outcome == Outcome::interrupted) return result;
    if (!failed || left-- <= 0) {
      keep_best_attempt(plan, folder, result);
      if (!failed) report_losses(*gan, plan);
      return result;
    }
    gan.reset();  // before there is another: two may be more than the device's memory holds
    begin_again(plan, folder, result);
    gan.emplace(make_gan(plan, options.quiet));
  }
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
  TrainSetup plan = make_setup(options, settings);
  fit_to_minutes(plan);
  print_lines(plan.cautions);
  if (!options.quiet) print_lines(plan.notes);
  if (options.dry_run) {
    print_data(printable_lines(summary(plan, settings.device.name) + cost_text(plan, try_steps(plan))));
    return kDone;
  }
  if (!options.quiet) print_lines(summary(plan, settings.device.name));
  if (!options.quiet) report_cautions(plan.settings);
  if (plan.from) report_resume(plan);
  const auto start = std::chrono::steady_clock::now();
  const TrainingResult result = train_attempts(plan, options);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  const int code = report_outcome(result, plan, seconds.count(), options.quiet);
  if (code != kDone) return code;
  if (!write_final_report(plan, result.saved, seconds.count(), options.quiet)) {
    print_message(
        fmt::format("agon: interrupted: the run is whole, but for its verdict; agon train --resume {} "
                    "adds it",
                    plan.folder.string()));
    return kInterrupted;
  }
  if (!options.quiet) print_message(next_text(plan));
  print_data(plan.folder.string() + "\n");
  return kDone;
}

}  // namespace agon::host
