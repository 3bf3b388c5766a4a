#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <utility>

#include "engine/runtime/atomic_file.hpp"
#include "host/commands/commands.hpp"
#include "host/commands/describe.hpp"
#include "host/commands/exit_code.hpp"
#include "host/config/assign.hpp"
#include "host/config/recipes.hpp"
#include "host/config/toml.hpp"
#include "host/run/console.hpp"
#include "host/run/held_out.hpp"
#include "host/run/layer_plan.hpp"
#include "host/run/trainer.hpp"
#include "host/table/csv.hpp"
#include "host/table/scaling.hpp"
#include "host/table/text.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace fs = std::filesystem;
namespace {

/// --recipe's or the resumed run's configuration, then --config, then flags.
Settings layered(const TrainOptions& options) {
  Settings settings;
  if (options.resume.empty()) {
    apply_recipe(options.recipe.empty() ? kDefaultRecipe : options.recipe, settings);
  } else {
    read_toml(RunFolder::open(options.resume).config(), settings);
  }
  if (!options.config.empty()) read_toml(options.config, settings);
  const std::vector<Setting> known = all_settings(settings);
  for (const FlagValue& flag : options.flags) {
    const auto setting =
        std::find_if(known.begin(), known.end(), [&](const Setting& s) { return s.path() == flag.setting; });
    assign_text(*setting, flag.text, fmt::format("--{}", setting->flag));
  }
  if (!options.table.empty()) settings.data.table = options.table;
  return settings;
}

void check_options(const TrainOptions& options) {
  if (!options.resume.empty() && (!options.out.empty() || options.overwrite)) {
    throw ConfigurationError("--resume goes on in its own folder: leave out --out and --overwrite");
  }
  if (!options.resume.empty() && !options.recipe.empty()) {
    throw ConfigurationError("--resume keeps to the run's own settings: leave out --recipe");
  }
}

fs::path run_path(const TrainOptions& options, const Settings& settings) {
  if (!options.resume.empty()) return options.resume;
  return options.out.empty() ? fs::path("runs") / fs::path(settings.data.table).stem()
                             : fs::path(options.out);
}

/// Everything that is known before the first step.
struct Plan {
  fs::path folder;
  Settings settings;
  Table table;  ///< what is learnt from
  std::vector<float> standardised;
  DataIdentity data;
  std::optional<HeldOut> held_out;
  GanConfig config;
  Device device = Device::cpu(1);
  std::uint64_t steps = 0;
  std::optional<FoundCheckpoint> from;
  ReplicaTable before{};         ///< of `from`
  ReplicaSnapshots snapshots{};  ///< the replicas that go on from there

  std::uint64_t first_step() const { return from ? from->checkpoint.snapshot.step : 0; }
  int replicas() const { return static_cast<int>(settings.training.replicas); }
};

/// The settings that a checkpoint fixes: all that GanConfig holds.
bool fixed_by_checkpoint(const Setting& setting) {
  if (setting.section == "training") return setting.key != "epochs";
  return setting.section == "generator" || setting.section == "discriminator" || setting.key == "precision";
}

void check_same_configuration(const Plan& plan) {
  Settings before(plan.from->checkpoint.config);
  Settings now = plan.settings;
  now.training.held_out = held_out_share(now);
  before.training.held_out = 0;
  if (const auto& replicas = plan.before.replicas; !replicas.empty()) {
    before.training.seed = static_cast<std::int64_t>(replicas.front().seed);
    before.training.replicas = static_cast<std::int64_t>(replicas.size());
    before.training.held_out = plan.before.held_out;
  }
  const auto old_settings = all_settings(before), new_settings = all_settings(now);
  for (std::size_t i = 0; i < new_settings.size(); ++i) {
    const std::string was = setting_text(old_settings[i]), is = setting_text(new_settings[i]);
    if (!fixed_by_checkpoint(new_settings[i]) || was == is) continue;
    throw ConfigurationError(
        fmt::format("{}: {} is {} in this run and cannot become {}: --resume keeps the networks "
                    "and their training as they are",
                    plan.folder.string(), new_settings[i].path(), was, is));
  }
}

/// The whole table is compared: rows that are held out count, too.
void check_same_table(const Plan& plan) {
  DataIdentity before = stored_identity(plan.from->checkpoint, plan.from->path.string());
  if (plan.held_out) {
    before.rows = plan.before.whole.rows;
    before.fingerprint = plan.before.whole.fingerprint;
  }
  check_same_data(before, plan.held_out ? plan.held_out->whole : plan.data, plan.settings.data.table);
}

void plan_resume(Plan& plan) {
  const RunFolder folder = RunFolder::open(plan.folder);
  plan.from = folder.newest([&](const Checkpoint& checkpoint) {
    plan.before = stored_replicas(checkpoint, folder.checkpoint(checkpoint.snapshot.step).string());
    if (plan.before.replicas.size() > 1) plan.snapshots = read_snapshots(folder, plan.before, checkpoint);
  });
  check_same_configuration(plan);
  check_same_table(plan);
  if (plan.first_step() > plan.steps) {
    throw ConfigurationError(fmt::format("{}: already at step {}, beyond the {} steps of {} epochs",
                                         plan.folder.string(), plan.first_step(), plan.steps,
                                         plan.settings.training.epochs));
  }
}

/// The table as config.toml shall name it, from wherever it is read.
std::string absolute_table(const Settings& settings) {
  const std::string path = fs::absolute(settings.data.table).lexically_normal().string();
  if (first_invalid_utf8(path) == path.size()) return path;
  throw ConfigurationError(in_quotes(path) + ": config.toml cannot hold a name that is not UTF-8");
}

void hold_rows_out(Plan& plan) {
  const auto& training = plan.settings.training;
  try {
    Split split =
        hold_out(plan.table, held_out_share(plan.settings), static_cast<std::uint64_t>(training.seed));
    plan.held_out = {std::move(split.held_out), identify(plan.table, standardise(plan.table))};
    plan.table = std::move(split.training);
  } catch (const DataError& error) {
    throw DataError(fmt::format("{}: {}", plan.settings.data.table, error.what()));
  }
}

void read_data(Plan& plan) {
  const Settings& settings = plan.settings;
  plan.table = read_csv(settings.data.table);
  if (held_out_share(settings) > 0) hold_rows_out(plan);
  plan.standardised = standardise(plan.table);
  plan.data = identify(plan.table, plan.standardised);
  plan.steps = steps_of(settings.training.epochs, plan.table.rows, settings.rows_of_step());
  plan.config = gan_config(settings, plan.table.width(), plan.steps);
}

Plan make_plan(const TrainOptions& options, const Settings& settings) {
  if (settings.data.table.empty()) throw ConfigurationError("no table to learn from: agon train FILE.csv");
  absolute_table(settings);
  Plan plan;
  plan.settings = settings;
  plan.folder = run_path(options, settings);
  if (options.resume.empty()) RunFolder::check_free(plan.folder, options.overwrite);
  check_plan(settings.device.plan);
  plan.device = Device::parse(settings.device.name, static_cast<int>(settings.device.threads));
  read_data(plan);
  if (!options.resume.empty()) plan_resume(plan);
  return plan;
}

/// What the run is, whatever has been done of it. `chosen`: the device was left to the program.
AboutRows about(const Plan& plan, bool chosen) {
  const auto count = [](std::int64_t n) { return grouped(static_cast<std::uint64_t>(n)); };
  const auto& training = plan.settings.training;
  AboutRows rows;
  rows.emplace_back("table", fmt::format("{}: {} rows, {} columns", plan.settings.data.table,
                                         count(plan.table.rows), count(plan.table.width())));
  rows.emplace_back("generator", network_text(plan.config.generator));
  rows.emplace_back("discriminator", network_text(plan.config.discriminator));
  rows.emplace_back(
      "training", fmt::format("{} epochs, batch {}: {} steps; {}, seed {}", count(training.epochs),
                              count(training.batch), grouped(plan.steps), training.objective, training.seed));
  if (!plan.settings.run.from_recipe.empty()) rows.emplace_back("recipe", recipe_text(plan.settings));
  if (plan.replicas() > 1) {
    rows.emplace_back(
        "replicas",
        fmt::format("{}, seeds {} to {}; {} more rows are held out to score them", plan.replicas(),
                    training.seed, training.seed + training.replicas - 1, count(plan.held_out->rows.rows)));
  } else if (plan.held_out) {
    rows.emplace_back("held out", fmt::format("{} more rows, to score by", count(plan.held_out->rows.rows)));
  }
  rows.emplace_back("device", device_text(plan.device, chosen));
  return rows;
}

std::string summary(const Plan& plan, const std::string& device_asked) {
  AboutRows rows = about(plan, device_asked == "auto");
  rows.emplace_back(
      "run", plan.from ? fmt::format("{}, from step {}", plan.folder.string(), grouped(plan.first_step()))
                       : plan.folder.string());
  std::string text;
  for (const auto& [label, words] : rows) text += labelled(label, words);
  return text;
}

/// What a person should know before a run goes on, a line each.
void report_resume(const Plan& plan) {
  for (const std::string& line : plan.from->damaged) print_message("agon: passed over " + line);
  const Checkpoint& before = plan.from->checkpoint;
  if (before.device != plan.device.name() || before.threads != plan.device.threads()) {
    print_message(fmt::format(
        "agon: the run so far used {} with {} threads, now {} with {}: it goes on, but not to the "
        "same bits",
        before.device, before.threads, plan.device.name(), plan.device.threads()));
  }
  const std::uint64_t was = before.config.rate_schedule.steps, is = plan.config.rate_schedule.steps;
  if (was != is) {
    print_message(
        fmt::format("agon: the learning rates now fall over {} steps, not {}", grouped(is), grouped(was)));
  }
}

/// Replicas that had diverged take no further part.
void restore(Gan& gan, const Plan& plan) {
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
RunFolder prepare_folder(Plan& plan, const TrainOptions& options) {
  RunFolder folder =
      plan.from ? RunFolder::open(plan.folder) : RunFolder::create(plan.folder, options.overwrite);
  if (plan.from) folder.lock();
  plan.settings.data.table = absolute_table(plan.settings);
  plan.settings.device.name = plan.device.name();
  plan.settings.device.threads = plan.device.kind() == DeviceKind::cpu ? plan.device.threads() : 0;
  write_file_atomically(folder.config(), to_toml(plan.settings));
  return folder;
}

/// "kept: seed 5, held-out distance 0.231, best of 7 up to 0.384; 1 diverged"
std::string chosen_text(const ReplicaTable& table) {
  const ReplicaResult& best = table.replicas[static_cast<std::size_t>(table.best())];
  const double distance = best.score.sliced_wasserstein;
  double most = distance;
  std::size_t diverged = 0;
  for (const ReplicaResult& replica : table.replicas) {
    if (replica.diverged) ++diverged;
    if (!replica.diverged) most = std::max(most, replica.score.sliced_wasserstein);
  }
  return fmt::format("kept: seed {}, held-out distance {:.3f}, best of {} up to {:.3f}{}", best.seed,
                     distance, table.replicas.size() - diverged, most,
                     diverged > 0 ? fmt::format("; {} diverged", diverged) : "");
}

/// Null for a new run.
const std::string* recorded_plan(const Plan& plan) {
  static const std::string none;
  if (!plan.from) return nullptr;
  const auto& metadata = plan.from->checkpoint.metadata;
  const auto found = metadata.find(kPlanRecord);
  return found == metadata.end() ? &none : &found->second;
}

/// Of a run that has a best checkpoint: which, and how it does.
void report_best(const TrainingResult& result) {
  if (!result.best) return;
  const HeldOutScore& score = result.best->score;
  print_message(fmt::format(
      "best: step {}, sliced Wasserstein distance {:.3f} from the held-out rows, MMD {:.4f}; draw "
      "from it with: agon sample --which best",
      grouped(result.best->step), score.sliced_wasserstein, score.mmd));
}

int report_diverged(const TrainingResult& result, const Plan& plan) {
  print_message(
      fmt::format("agon: {} at step {}; {}/{} (step {}) is kept: try a lower --generator-rate and "
                  "--discriminator-rate",
                  plan.replicas() > 1 ? fmt::format("all {} replicas diverged, the last", plan.replicas())
                                      : "the training diverged",
                  result.step, plan.folder.string(), checkpoint_name(result.saved), result.saved));
  return kDiverged;
}

int report_outcome(const TrainingResult& result, const Plan& plan, double seconds, bool quiet) {
  const std::string run = plan.folder.string();
  if (result.outcome == Outcome::diverged) return report_diverged(result, plan);
  if (result.outcome == Outcome::interrupted) {
    print_message(fmt::format("agon: interrupted at step {} and saved; go on with: agon train --resume {}",
                              result.step, run));
    return kInterrupted;
  }
  if (!quiet) {
    print_message(fmt::format("done: step {} in {}{}", grouped(result.step), duration(seconds),
                              result.early ? ", early: --patience is at its end" : ""));
    if (result.replicas.replicas.size() > 1) print_message(chosen_text(result.replicas));
    report_best(result);
    print_message(fmt::format("next: agon sample {} -n {} --out synthetic.csv", run, plan.table.rows));
  }
  print_data(run + "\n");
  return kDone;
}

Gan make_gan(const Plan& plan, bool quiet) {
  Gan gan(plan.config, plan.device, {.steps_per_launch = plan.settings.device.steps_per_launch},
          plan.replicas());
  gan.set_data(plan.standardised, plan.table.rows);
  if (plan.from) restore(gan, plan);
  plan_layers(gan, plan.settings.device.plan, recorded_plan(plan), quiet);
  return gan;
}

/// The same training with the next seeds, from its beginning; what there is so far is set aside.
void begin_again(Plan& plan, const RunFolder& folder, const TrainingResult& result) {
  const auto seed = static_cast<std::uint64_t>(plan.settings.training.seed);
  const fs::path aside = folder.set_aside(seed);
  plan.settings.training.seed += plan.settings.training.replicas;
  print_message(
      fmt::format("agon: {} at step {}: what it learnt is kept in {}, and it begins again with seed {}",
                  result.outcome == Outcome::collapsed ? "the training collapsed" : "the training diverged",
                  grouped(result.step), aside.string(), plan.settings.training.seed));
  plan.from.reset();
  plan.before = {};
  plan.snapshots.clear();
  plan.held_out.reset();
  read_data(plan);
  write_file_atomically(folder.config(), to_toml(plan.settings));
}

bool is_reason_to_begin_again(Outcome outcome) {
  return outcome == Outcome::diverged || outcome == Outcome::collapsed;
}

}  // namespace

int train(const TrainOptions& options) {
  if (options.recipe == "list") {
    print_data(recipe_list());
    return kDone;
  }
  check_options(options);
  const Settings settings = layered(options);
  if (options.print_config) {
    print_data(to_toml(settings));
    return kDone;
  }
  Plan plan = make_plan(options, settings);
  if (options.dry_run) {
    print_data(summary(plan, settings.device.name));
    return kDone;
  }
  if (!options.quiet) print_raw_message(summary(plan, settings.device.name));
  if (plan.from) report_resume(plan);
  const auto start = std::chrono::steady_clock::now();
  Gan gan = make_gan(plan, options.quiet);
  const RunFolder folder = prepare_folder(plan, options);
  const std::string title = fs::path(plan.settings.data.table).filename().string();
  const Progress::Style progress = options.quiet ? Progress::Style::silent : Progress::detect();
  TrainingResult result{};
  for (std::int64_t left = plan.settings.run.restarts - folder.set_aside();; --left) {
    result = train_run({&gan, &folder, plan.settings, plan.data, title, progress, plan.held_out, left > 0,
                        about(plan, false)});
    if (left <= 0 || !is_reason_to_begin_again(result.outcome)) break;
    begin_again(plan, folder, result);
    gan = make_gan(plan, options.quiet);
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  return report_outcome(result, plan, seconds.count(), options.quiet);
}

}  // namespace agon::host
