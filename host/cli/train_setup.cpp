#include "host/cli/train_setup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/program/passes.hpp"
#include "host/cli/named_settings.hpp"
#include "host/cli/output_file.hpp"
#include "host/cli/train_data.hpp"
#include "host/config/recipes.hpp"
#include "host/config/toml.hpp"
#include "host/images/read_images.hpp"
#include "host/run/budget.hpp"
#include "host/run/data_words.hpp"
#include "host/run/layer_plan.hpp"
#include "host/run/trainer.hpp"
#include "host/table/text.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace fs = std::filesystem;
namespace {

void check_options(const TrainOptions& options) {
  require_folder("--out", options.out);
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

/// The settings that a run keeps to: all that GanConfig holds, but for what its length has a part in.
bool fixed_by_run(const Setting& setting) {
  constexpr std::string_view kOfLength[] = {"training.epochs", "training.steps", "training.minutes",
                                            "training.burn_in", "training.instance_noise_until"};
  if (std::ranges::find(kOfLength, setting.path()) != std::end(kOfLength)) return false;
  const bool of_coding = setting.section == "data" && setting.key != "table";
  return is_of_training(setting) || of_coding || setting.path() == "device.precision";
}

/// What the run was trained with so far, as its checkpoint has it, or config.toml where there is none.
Settings settings_before(const TrainSetup& plan) {
  if (!plan.from) {
    Settings before;
    read_toml(plan.run->config(), before);
    before.training.held_out = held_out_share(before);
    return before;
  }
  Settings before(plan.from->checkpoint.config), written;
  read_toml(plan.run->config(), written);
  before.data = written.data;  // checkpoints have the coding itself, not how it was asked for
  before.gan.rate_schedule.warmup_steps =
      written.gan.rate_schedule.warmup_steps;  // and what the run had room for
  if (const auto& replicas = plan.before.replicas; !replicas.empty()) {
    before.gan.seed = replicas.front().seed;
    before.training.replicas = static_cast<std::int64_t>(replicas.size());
    before.training.held_out = plan.before.held_out;
  }
  return before;
}

void check_same_configuration(const TrainSetup& plan) {
  Settings before = settings_before(plan), now = plan.settings;
  now.training.held_out = held_out_share(now);
  const auto old_settings = all_settings(before), new_settings = all_settings(now);
  for (std::size_t i = 0; i < new_settings.size(); ++i) {
    const std::string was = setting_text(old_settings[i]), is = setting_text(new_settings[i]);
    if (!fixed_by_run(new_settings[i]) || was == is) continue;
    throw ConfigurationError(
        fmt::format("{}: {} is {} in this run and cannot become {}: --resume keeps the networks "
                    "and their training as they are",
                    plan.folder.string(), new_settings[i].path(), was, is));
  }
}

/// The whole table is compared: rows that are held out count, too. Then what is left to learn from, which the
/// first attempt's seed decides.
void check_same_table(const TrainSetup& plan) {
  const DataIdentity learnt = stored_identity(plan.from->checkpoint, plan.from->path.string());
  DataIdentity before = learnt;
  if (plan.held_out) {
    before.rows = plan.before.whole.rows;
    before.fingerprint = plan.before.whole.fingerprint;
  }
  check_same_data(before, plan.held_out ? plan.held_out->whole : plan.data, plan.settings.data.table);
  if (learnt.fingerprint == plan.data.fingerprint) return;
  throw DataError(
      fmt::format("{}: it has learnt from {} that seed {} would hold out: an earlier attempt, "
                  "whose seed they were held out by, is not there",
                  plan.folder.string(), rows_word(plan.data.representation), plan.first_seed));
}

void open_run(TrainSetup& plan, bool writes) {
  plan.run.emplace(RunFolder::open(plan.folder));
  if (writes) {
    plan.run->lock();
    plan.run->finish_move();
  }
  for (const std::uint64_t seed : plan.run->attempts()) plan.first_seed = std::min(plan.first_seed, seed);
}

/// Nothing where an attempt was killed before its first checkpoint.
void find_newest(TrainSetup& plan) {
  const RunFolder& folder = *plan.run;
  if (folder.checkpoint_steps().empty() && !folder.attempts().empty()) return;
  plan.from = folder.newest([&](const Checkpoint& checkpoint) {
    const std::string path = folder.checkpoint(checkpoint.snapshot.step).string();
    if (checkpoint.snapshot.holds == Gan::Snapshot::Holds::generator)
      throw DataError(path + ": holds the generator alone, to draw from");
    plan.before = stored_replicas(checkpoint, path);
    if (plan.before.replicas.size() > 1) plan.snapshots = read_snapshots(folder, plan.before, checkpoint);
  });
}

void check_resume(const TrainSetup& plan) {
  check_same_configuration(plan);
  if (!plan.from) return;
  check_same_table(plan);
  if (plan.first_step() > plan.steps) {
    throw ConfigurationError(fmt::format(
        "{}: already at step {}, beyond the {} steps of {}", plan.folder.string(), plan.first_step(),
        plan.steps, epochs_text(plan.steps, plan.rows.rows, plan.settings.gan.rows_of_step())));
  }
}

/// Of several ways to say how long a run is, the one that a flag says counts.
void take_length(const std::vector<FlagValue>& flags, Settings& settings) {
  const auto given = [&](std::string_view path) {
    return std::ranges::find(flags, path, &FlagValue::setting) != flags.end();
  };
  if (given("training.minutes")) return;
  if (given("training.epochs") || given("training.steps")) settings.training.minutes = 0;
  if (given("training.epochs") && !given("training.steps")) settings.training.steps = 0;
}

}  // namespace

Settings layered_settings(const TrainOptions& options) {
  check_options(options);
  Settings settings;
  if (options.resume.empty()) {
    const std::string_view by_data = is_images(options.table) ? kDefaultOfImages : kDefaultRecipe;
    apply_recipe(options.recipe.empty() ? by_data : options.recipe, settings);
  } else {
    read_toml(RunFolder::open(options.resume).config(), settings);
  }
  if (!options.config.empty()) read_toml(options.config, settings);
  assign_flags(options.flags, settings);
  take_length(options.flags, settings);
  if (!options.resume.empty() && settings.training.minutes > 0)
    throw ConfigurationError("--resume: a run that goes on has a length in steps: --steps or --epochs");
  if (!options.table.empty()) settings.data.table = options.table;
  const fs::path last = fs::path(settings.data.table).filename();  // that the run and its page are named by
  if (!settings.data.table.empty() && (last.empty() || last == "." || last == ".."))
    settings.data.table = absolute_path(settings.data.table);
  return settings;
}

std::string absolute_path(const std::string& file) {
  fs::path whole = fs::absolute(file).lexically_normal();
  if (!whole.has_filename()) whole = whole.parent_path();
  const std::string path = whole.string();
  if (first_invalid_utf8(path) == path.size()) return path;
  throw ConfigurationError(in_quotes(path) + ": config.toml cannot hold a name that is not UTF-8");
}

TrainSetup make_setup(const TrainOptions& options, const Settings& settings) {
  if (settings.data.table.empty())
    throw ConfigurationError("nothing to learn from: agon train FILE.csv, or a folder of images");
  absolute_path(settings.data.table);
  TrainSetup plan;
  plan.settings = settings;
  plan.folder = run_path(options, settings);
  plan.first_seed = settings.gan.seed;
  if (options.resume.empty()) {
    RunFolder::check_free(plan.folder, options.overwrite);
  } else {
    open_run(plan, !options.dry_run);
    find_newest(plan);
  }
  check_plan(settings.device.plan);
  check_passes(settings.device.fuse);
  plan.device = Device::parse(settings.device.name, static_cast<int>(settings.device.threads));
  read_data(plan);
  if (!options.resume.empty()) check_resume(plan);
  return plan;
}

}  // namespace agon::host
