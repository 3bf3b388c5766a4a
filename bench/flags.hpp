// The command lines of `agon bench`, `agon bench modes` and `agon bench dirac`: a part of main.cpp, which
// alone includes it (CLI11 takes long to compile).
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "bench/commands.hpp"
#include "bench/modes/mixture.hpp"
#include "host/cli/number_option.hpp"
#include "kernels/error.hpp"

namespace agon::host {

/// The settings that have a flag, but for those of a run folder and a table, and what `own` says (a section
/// or a key).
inline std::vector<Setting> settings_but(Settings& settings, const std::vector<std::string_view>& own) {
  std::vector<Setting> taken = all_settings(settings);
  const auto is_own = [&](std::string_view name) {
    return std::find(own.begin(), own.end(), name) != own.end();
  };
  std::erase_if(taken, [&](const Setting& s) {
    return s.flag.empty() || s.section == "run" || s.section == "data" || is_own(s.key) || is_own(s.path());
  });
  return taken;
}

/// Settings as flags, and where CLI11 puts each one's text.
struct SettingFlags {
  Settings defaults;
  std::vector<Setting> settings;
  std::vector<std::string> texts;

  SettingFlags(const Settings& from, const std::vector<std::string_view>& own)
      : defaults(from), settings(settings_but(defaults, own)), texts(settings.size()) {}
  SettingFlags(const SettingFlags&) = delete;
  SettingFlags& operator=(const SettingFlags&) = delete;

  template <class AddSetting>
  void add_to(CLI::App& command, const AddSetting& add_setting) {
    for (std::size_t i = 0; i < settings.size(); ++i) add_setting(command, settings[i], texts[i]);
  }
};

/// The options of the three. A mode-coverage run's protocol has flags of its own; a timed step has lists.
struct BenchLine {
  BenchOptions steps;
  BenchModesOptions modes;
  BenchDiracOptions dirac;
  SettingFlags modes_flags{bench_modes_settings(), {"epochs", "batch", "seed", "replicas", "held_out"}};
  SettingFlags steps_flags{Settings{},
                           {"epochs", "batch", "seed", "replicas", "held_out", "micro_batch", "device.name",
                            "threads", "steps_per_launch", "plan"}};
};

inline void add_bench_protocol(CLI::App& modes, BenchModesOptions& options) {
  const auto count = [&](const char* flag, std::int64_t& target, const char* text, std::int64_t least) {
    return modes.add_option(flag, target, text)
        ->transform(whole_numbers(least, 1L << 30))
        ->take_last()
        ->group("Protocol");
  };
  ModeProtocol& p = options.protocol;
  count("--points", p.points, "points to learn from", 2)->capture_default_str();
  count("--epochs", p.epochs, "passes over them", 1)->capture_default_str();
  count("--batch", p.batch, "points in a step", 1)->capture_default_str();
  count("--samples", p.samples, "samples judged [2500; 26000 for thousand]", 1);
  count("--seeds", p.seeds, "runs, each of a seed of its own", 1)->capture_default_str();
  modes.add_option("--seed", p.seed, "of the first run; the others count up")
      ->transform(seeds())
      ->take_last()
      ->group("Protocol")
      ->capture_default_str();
  modes.add_option("--data-seed", p.data_seed, "of the points, which all runs learn from")
      ->transform(seeds())
      ->take_last()
      ->group("Protocol")
      ->capture_default_str();
  count("--at-once", options.at_once, "runs side by side [on the processor as many as threads, on a GPU all]",
        1);
}

template <class AddSetting>
void add_bench_modes(CLI::App& bench, BenchLine& line, const AddSetting& add_setting) {
  CLI::App* modes =
      bench.add_subcommand("modes", "Count the modes that are learnt of mixtures, in PacGAN's protocol");
  BenchModesOptions& options = line.modes;
  const auto names = mixture_names();
  modes->add_option("mixtures", options.mixtures, "any of ring, grid, random, thousand [all]")
      ->type_name("NAME")
      ->check(CLI::IsMember(std::vector<std::string>(names.begin(), names.end())));
  modes
      ->add_option("--recipe", options.recipes,
                   "recipes or all, a row of the table each; the networks are this command's own [r3]")
      ->delimiter(',')
      ->type_name("NAME");
  modes
      ->add_option("--config", options.configs,
                   "settings from TOML files, a row of the table each; flags override them, the protocol's "
                   "epochs and batch stand")
      ->delimiter(',')
      ->type_name("FILE");
  modes->add_option("--out", options.out, "folder for modes.json and a picture of every run's samples")
      ->type_name("FOLDER");
  modes->add_flag("--overwrite", options.overwrite, "write into it even where it is not empty");
  modes->add_flag("--json", options.json, "print JSON, with every run");
  modes->add_flag("--quiet", options.quiet, "no progress");
  add_bench_protocol(*modes, options);
  line.modes_flags.add_to(*modes, add_setting);
  modes->footer("Example: agon bench modes ring grid --seeds 3 --objective relativistic");
}

inline void add_bench_dirac(CLI::App& bench, BenchDiracOptions& options) {
  CLI::App* dirac = bench.add_subcommand(
      "dirac", "Check the dynamics of every objective on the Dirac-GAN against their closed forms");
  dirac->add_option("--device", options.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  dirac->add_flag("--json", options.json, "print JSON");
  dirac->footer("Example: agon bench dirac");
}

inline void add_bench_steps(CLI::App& bench, BenchOptions& options) {
  bench.add_option("--batches", options.batches, "batch sizes")
      ->delimiter(',')
      ->transform(whole_numbers(1, 1L << 20))
      ->capture_default_str();
  bench
      .add_option("--steps-per-launch", options.steps_per_launch,
                  "on CUDA, each of these: 0 for all steps at once (the device repeats them), -1 for every "
                  "operation by itself; no effect on the processor")
      ->delimiter(',')
      ->transform(whole_numbers(-1, 1L << 40))
      ->capture_default_str();
  bench
      .add_option(
          "--micro-batch", options.micro_batches,
          "each of these: rows that go through the networks at a time; 0 for what the device's cache holds")
      ->delimiter(',')
      ->transform(whole_numbers(0, 1L << 20))
      ->capture_default_str();
  bench.add_option("--replicas", options.replicas, "each of these: trainings side by side, in one loop")
      ->delimiter(',')
      ->transform(whole_numbers(1, 4096))
      ->capture_default_str();
  bench.add_option("--device", options.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  bench.add_option("--threads", options.threads, "of the processor; 0 takes all that this process may use")
      ->transform(whole_numbers(0, 4096))
      ->capture_default_str();
  bench
      .add_option("--plan", options.plan,
                  "on CUDA, how linear layers are computed: auto, tune, estimate, own, library, or a file")
      ->capture_default_str();
  bench.add_option("--seconds", options.seconds, "of measurement for each of them")
      ->transform(numbers(0.01, 600))
      ->capture_default_str();
  bench
      .add_option("--recipe", options.recipes,
                  "recipes or all, a step to time each, beside the plain step; flags override them")
      ->delimiter(',')
      ->type_name("NAME");
  bench
      .add_option(
          "--config", options.configs,
          "settings from TOML files, a step to time each; flags override them, batch, device and plan "
          "are this command's own")
      ->delimiter(',')
      ->type_name("FILE");
  bench.add_option("--out", options.out, "also write the report as JSON; - prints that alone")
      ->type_name("FILE.json");
  bench.add_flag("--overwrite", options.overwrite, "replace an existing file");
  bench.add_flag("--json", options.json, "print JSON");
}

/// `add_setting` adds a setting's flag to a command, as `agon train` has it.
template <class AddSetting>
void add_bench(CLI::App& app, BenchLine& line, const AddSetting& add_setting) {
  CLI::App* bench = app.add_subcommand(
      "bench",
      "Time the training step, and on the processor each operation; penalties and other parts of a recipe "
      "beside the plain step");
  add_bench_steps(*bench, line.steps);
  line.steps_flags.add_to(*bench, add_setting);
  add_bench_modes(*bench, line, add_setting);
  add_bench_dirac(*bench, line.dirac);
  bench->require_subcommand(0, 1);
  bench->footer("Example: agon bench --batches 64 --objective wasserstein --wgan-gp 10");
}

/// The settings among `settings` whose flags `command` was given.
inline std::vector<FlagValue> given_flags(const CLI::App& command, const std::vector<Setting>& settings,
                                          const std::vector<std::string>& texts) {
  std::vector<FlagValue> flags;
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const CLI::Option* const option = settings[i].flag.empty()
                                          ? nullptr
                                          : command.get_option_no_throw("--" + std::string(settings[i].flag));
    if (option != nullptr && option->count() > 0) flags.push_back({settings[i].path(), texts[i]});
  }
  return flags;
}

/// The command that was chosen under `bench`.
inline int run_bench(const CLI::App& bench, BenchLine& line) {
  const auto chosen = bench.get_subcommands();
  if (chosen.empty()) {
    line.steps.flags = given_flags(bench, line.steps_flags.settings, line.steps_flags.texts);
    return host::bench(line.steps);
  }
  const CLI::App& command = *chosen.front();
  for (const CLI::Option* option : bench.get_options())
    if (option->count() > 0)
      throw ConfigurationError(option->get_name() + ": no flag of 'agon bench " + command.get_name() +
                               "', or one that must stand behind it");
  if (command.get_name() == "dirac") return bench_dirac(line.dirac);
  line.modes.flags = given_flags(command, line.modes_flags.settings, line.modes_flags.texts);
  return bench_modes(line.modes);
}

}  // namespace agon::host
