#include <fmt/format.h>

#include <algorithm>

#include "bench/commands.hpp"
#include "bench/step/cost.hpp"
#include "bench/step/report.hpp"
#include "engine/runtime/atomic_file.hpp"
#include "engine/runtime/counters.hpp"
#include "engine/runtime/queue.hpp"
#include "host/cli/describe.hpp"
#include "host/cli/exit_code.hpp"
#include "host/cli/named_settings.hpp"
#include "host/cli/output_file.hpp"
#include "host/run/console.hpp"
#include "host/run/image_data.hpp"
#include "host/run/layer_plan.hpp"
#include "kernels/error.hpp"
#include "kernels/fma_peak.hpp"

namespace agon::host {
namespace {

constexpr std::int64_t kColumns = 10;  ///< of the table that is learnt: the article's

/// Steps that take turns: alike in batch, micro-batch, launches and replicas, not in their settings.
struct Group {
  std::vector<StepCase> cases;
  std::vector<std::string> names;
  std::vector<std::size_t> plain;  ///< whose place is that of a case's plain step; its own where it is one
};

/// Of a table of kColumns columns, or of images of the size that is asked for, else 28 x 28, grey.
GanConfig step_config_of(Settings settings) {
  // A schedule or a noise that falls may take its time: nothing here gets to its end.
  constexpr std::uint64_t kSteps = std::uint64_t{1} << 40;
  if (settings.data.coding != "images") return gan_config(settings, kColumns, kSteps);
  const ImageReading asked = image_reading(settings);
  constexpr std::int64_t kSide = 28;
  const ImageShape images{asked.height > 0 ? asked.height : kSide, asked.width > 0 ? asked.width : kSide,
                          asked.channels > 0 ? asked.channels : 1};
  settle_image_layers(settings, images);
  return gan_config(settings, images, {}, kSteps);
}

/// Each plain step once, and what is compared with it behind it. Settings that only change numbers, and that
/// no file holds, are a plain step themselves.
Group group_of(const std::vector<NamedSettings>& rows, bool from_files, const StepCase& like) {
  struct Compared {
    GanConfig plain;
    std::string name;
    std::vector<std::pair<std::string, GanConfig>> rows;
  };
  std::vector<Compared> all;
  for (const NamedSettings& row : rows) {
    Settings settings = row.settings;
    settings.gan.batch = like.config.batch;
    settings.gan.micro_batch = like.config.micro_batch;
    const GanConfig config = step_config_of(settings);
    const GanConfig plain = plain_step(config);
    auto same = std::ranges::find_if(all, [&](const Compared& one) { return one.plain == plain; });
    if (same == all.end()) same = all.insert(all.end(), {plain, row.name, {}});
    if (from_files || timed_step(config) != plain) same->rows.emplace_back(row.name, config);
  }
  Group group;
  const auto add = [&](const std::string& name, const GanConfig& config, std::size_t plain) {
    group.names.push_back(name);
    group.plain.push_back(plain);
    group.cases.push_back(like);
    group.cases.back().config = config;
  };
  for (const Compared& one : all) {
    const std::size_t plain = group.cases.size();
    add(all.size() == 1 ? "plain" : "plain of " + one.name, one.plain, plain);
    for (const auto& [name, config] : one.rows) add(name, config, plain);
  }
  return group;
}

/// Every combination of what was asked for.
std::vector<Group> groups_of(const BenchOptions& options, bool on_cuda) {
  const auto rows = named_settings(options.recipes, options.configs, options.flags, Settings{});
  const auto launches = on_cuda ? options.steps_per_launch : std::vector<std::int64_t>{0};
  std::vector<Group> groups;
  for (const std::int64_t batch : options.batches) {
    for (const std::int64_t micro_batch : options.micro_batches) {
      for (const std::int64_t steps : launches) {
        for (const int replicas : options.replicas) {
          StepCase like{{}, steps, replicas};
          like.config.batch = batch;
          like.config.micro_batch = micro_batch;
          groups.push_back(group_of(rows, !options.recipes.empty() || !options.configs.empty(), like));
        }
      }
    }
  }
  return groups;
}

void time_group(const BenchOptions& options, const Group& group, StepReport& report) {
  std::vector<StepTiming> timings = time_steps(group.cases, report.device, options.seconds, options.plan);
  for (std::size_t i = 0; i < timings.size(); ++i) {
    TimedStep step{group.names[i], group.cases[i].config, timings[i], {}};
    if (group.plain[i] != i) step.times_plain = times_as_long(timings[i], timings[group.plain[i]]);
    print_message(timed_text(report, step));
    report.steps.push_back(std::move(step));
  }
}

}  // namespace

int bench(const BenchOptions& options) {
  constexpr double kPeakSeconds = 0.3;
  check_output(options.out, options.overwrite);
  check_plan(options.plan);
  StepReport report{.device = Device::parse(options.device, options.threads)};
  const auto groups = groups_of(options, report.device.kind() == DeviceKind::cuda);
  report.compared = std::ranges::any_of(groups, [](const Group& group) { return group.cases.size() > 1; });
  print_raw_message(labelled("device", device_text(report.device, options.device == "auto")));
  const Queue queue(report.device);
  for (const Group& group : groups) {
    // The ceiling is what the machine gave at its best moment, so it is looked for beside every
    // measurement.
    report.peak = std::max(report.peak, kernels::fma_peak(queue, kPeakSeconds));
    time_group(options, group, report);
  }
  report.peak = std::max(report.peak, kernels::fma_peak(queue, kPeakSeconds));
  if (const std::uint64_t refused = runtime_counters().refused_edges; refused > 0)
    print_message(fmt::format("{} graphs without programmatic edges: the driver refused them", refused));
  const std::string json = steps_json(report);
  if (!is_standard_output(options.out)) write_file_atomically(options.out, json);
  print_data(options.json || options.out == "-" ? json : steps_text(report));
  return kDone;
}

}  // namespace agon::host
