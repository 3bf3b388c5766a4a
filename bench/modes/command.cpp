#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>

#include "bench/commands.hpp"
#include "bench/modes/trials.hpp"
#include "engine/runtime/atomic_file.hpp"
#include "host/cli/describe.hpp"
#include "host/cli/exit_code.hpp"
#include "host/cli/named_settings.hpp"
#include "host/cli/output_file.hpp"
#include "host/config/recipes.hpp"
#include "host/report/scatter.hpp"
#include "host/run/budget.hpp"
#include "host/run/console.hpp"
#include "host/run/interrupt.hpp"
#include "host/run/layer_plan.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace fs = std::filesystem;
namespace {

ModeProtocol protocol_for(const BenchModesOptions& options, const Mixture& mixture) {
  constexpr std::int64_t kStackedMnistSamples = 26000;
  ModeProtocol protocol = options.protocol;
  if (protocol.samples == 0)
    protocol.samples = mixture.group > 0 ? kStackedMnistSamples : ModeProtocol{}.samples;
  return protocol;
}

GanConfig config_of(const Settings& settings, const ModeProtocol& protocol, std::int64_t width) {
  Settings own = settings;
  own.gan.batch = protocol.batch;
  own.gan.seed = protocol.seed;
  return gan_config(own, width, steps_of(protocol.epochs, protocol.points, own.gan.rows_of_step()));
}

Device device_of(const Settings& settings) {
  return Device::parse(settings.device.name, static_cast<int>(settings.device.threads));
}

/// Throws ConfigurationError where files could be lost.
void check_folder(const BenchModesOptions& options) {
  require_folder("--out", options.out);
  const fs::path folder = options.out;
  std::error_code error;
  if (options.out.empty() || !fs::exists(folder, error)) return;
  if (!fs::is_directory(folder, error))
    throw ConfigurationError(fmt::format("--out {}: is a file, not a folder", options.out));
  if (!options.overwrite && !fs::is_empty(folder, error))
    throw ConfigurationError(
        fmt::format("--out {}: is not empty; replace what it holds with --overwrite", options.out));
}

std::string trial_name(const ModeBench& bench, const std::string& row, const ModeTrial& trial) {
  return fmt::format("{}, {}, seed {}", bench.mixture.name, row, trial.seed);
}

std::string trial_text(const ModeBench& bench, const ModeTrial& trial) {
  if (trial.failed) return fmt::format("failed at step {}", grouped(trial.steps));
  const ModeScore& s = trial.score;
  std::string text = fmt::format("{:.0f} of {} modes, ", s.found, bench.mixture.modes());
  if (bench.mixture.deviation > 0) text += fmt::format("{:.1f}% of high quality, ", 100 * s.high_quality);
  if (!std::isnan(s.spread)) text += fmt::format("spread {:.3f}, ", s.spread);
  return text + fmt::format("reverse KL {:.4f}", s.reverse_kl);
}

/// All configurations on all mixtures, as far as they get.
class ModesBenchmark {
 public:
  explicit ModesBenchmark(const BenchModesOptions& options)
      : options_(options),
        rows_(named_settings(options.recipes, options.configs, options.flags, bench_modes_settings())) {
    // Every mistake is found before anything is trained.
    for (const NamedSettings& row : rows_) {
      check_plan(row.settings.device.plan);
      device_of(row.settings);
    }
    for (const std::string& name : options.mixtures) {
      const Mixture mixture = make_mixture(name, options.protocol.data_seed);
      for (const NamedSettings& row : rows_)
        config_of(row.settings, protocol_for(options, mixture), mixture.width);
    }
  }

  int run() {
    const InterruptGuard guard;
    for (const std::string& name : options_.mixtures) {
      const Mixture mixture = make_mixture(name, options_.protocol.data_seed);
      const ModeProtocol protocol = protocol_for(options_, mixture);
      const Table table = training_table(mixture, protocol.points, protocol.data_seed);
      benches_.push_back({mixture, protocol, truth_trials(mixture, protocol), {}});
      for (const NamedSettings& row : rows_)
        if (!InterruptGuard::requested()) train(row, table);
      if (!options_.json) print_data(modes_text(benches_.back()) + "\n");
      write("modes.json", modes_json(benches_));
      if (InterruptGuard::requested()) break;
    }
    if (options_.json) print_data(modes_json(benches_));
    return InterruptGuard::requested() ? kInterrupted : kDone;
  }

 private:
  void train(const NamedSettings& row, const Table& table) {
    ModeBench& bench = benches_.back();
    const auto& device = row.settings.device;
    ModeRun run{.mixture = &bench.mixture,
                .table = &table,
                .protocol = bench.protocol,
                .config = config_of(row.settings, bench.protocol, table.width()),
                .device = device_of(row.settings),
                .at_once = options_.at_once,
                .steps_per_launch = device.steps_per_launch,
                .plan = device.plan,
                .progress = options_.quiet ? Progress::Style::silent : Progress::detect()};
    bench.rows.push_back({row.name, run.config, {}, 0});
    const auto start = std::chrono::steady_clock::now();
    run_trials(run, [&](const ModeTrial& trial, std::span<const double> samples) {
      ModeRow& result = bench.rows.back();
      result.trials.push_back(trial);
      result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      if (!options_.quiet)
        print_message(fmt::format("{}: {}", trial_name(bench, row.name, trial), trial_text(bench, trial)));
      if (!trial.failed && bench.mixture.width == 2) draw(trial, samples);
    });
  }

  void draw(const ModeTrial& trial, std::span<const double> samples) {
    const ModeBench& bench = benches_.back();
    const std::string& row = bench.rows.back().name;
    write(
        fmt::format("{}-{}-{}.svg", bench.mixture.name, row, trial.seed),
        scatter_svg(samples, bench.mixture.centres, trial_name(bench, row, trial), trial_text(bench, trial)));
  }

  void write(const std::string& name, const std::string& content) const {
    if (options_.out.empty()) return;
    fs::create_directories(options_.out);
    write_file_atomically(fs::path(options_.out) / name, content);
  }

  const BenchModesOptions& options_;
  std::vector<NamedSettings> rows_;
  std::vector<ModeBench> benches_;
};

}  // namespace

Settings bench_modes_settings() {
  Settings settings = recipe_settings(kDefaultOfNumbers);
  settings.gan.generator.widths = {2, 64, 64, 64, 64, 2};
  settings.gan.discriminator.widths = {2, 64, 64, 64, 1};
  return settings;
}

int bench_modes(const BenchModesOptions& options) {
  check_folder(options);
  return ModesBenchmark(options).run();
}

}  // namespace agon::host
