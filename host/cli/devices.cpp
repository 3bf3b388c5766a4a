#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/gan/step_memory.hpp"
#include "engine/gan/step_program.hpp"
#include "engine/runtime/device.hpp"
#include "engine/runtime/processors.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/describe.hpp"
#include "host/cli/exit_code.hpp"
#include "host/cli/plan_table.hpp"
#include "host/config/recipes.hpp"
#include "host/config/settings.hpp"
#include "host/run/console.hpp"
#include "host/run/layer_plan.hpp"
#include "host/run/run_folder.hpp"

namespace agon::host {
namespace {

/// Of the processor also what its number of threads is from, where that is not the number of processors.
std::string description(const Device& device) {
  if (device.kind() != DeviceKind::cpu) return device.description();
  const std::string reason = default_threads().reason;
  return processor_text(device) + (reason.empty() ? "" : fmt::format("; threads by {}", reason));
}

/// The default recipe's, for a table of ten columns; the length of the run has no part in its launches.
GanConfig default_config() { return gan_config(recipe_settings(kDefaultOfNumbers), 10, 1); }

/// A run's, or the default one.
GanConfig plan_config(const DevicesOptions& options) {
  GanConfig config = options.run.empty() ? default_config() : find_checkpoint(options.run).checkpoint.config;
  if (options.batch > 0) config.batch = options.batch;
  if (!options.precision.empty()) config.precision = parse_precision(options.precision);
  config.validate();
  return config;
}

PlanTable estimated_table(const std::vector<LayerLaunch>& launches, int multiprocessors, std::string identity,
                          std::string note) {
  PlanTable table{std::move(identity), std::move(note), false, {}};
  const LayerPlan plan = estimated_plan(launches, multiprocessors);
  for (const LayerLaunch& launch : launches) {
    const kernels::LayerChoices& choices = plan.table().at(launch);
    PlanTable::Row& row = table.rows.emplace_back();
    row.launch.launch = launch;
    row.launch.candidates.push_back({choices, 0});
    row.chosen = to_string(choices);
  }
  return table;
}

/// What runs take is what the cache has, be it fast today or not.
PlanTable timed_table(const Device& device, const std::vector<LayerLaunch>& launches, bool retune) {
  PlanTable table{
      tuning_identity(device), "microseconds, medians inside captured graphs; * is what runs take", true, {}};
  const PlanTexts known = retune ? PlanTexts() : cached_timings(table.identity);
  std::vector<TimedLaunch> fresh;
  for (TimedLaunch& launch : tune(device, launches, {}, graph_timer()).timed) {
    const auto found = known.find(to_string(launch.launch));
    if (found == known.end()) fresh.push_back(launch);
    std::string chosen = found == known.end() ? to_string(launch.choices()) : found->second;
    table.rows.push_back({std::move(launch), std::move(chosen)});
  }
  if (!fresh.empty()) cache_timings(table.identity, fresh);
  return table;
}

PlanTable plan_table(const DevicesOptions& options) {
  constexpr int kMultiprocessors = 132;
  const GanConfig config = plan_config(options);
  const std::string reason = Device::why_no_cuda();
  if (!reason.empty())
    return estimated_table(
        step_launches(config, micro_batch_of(config, kCacheWithoutDevice), options.replicas),
        kMultiprocessors, fmt::format("an H100 ({} multiprocessors)", kMultiprocessors),
        fmt::format("nothing was timed ({}): an estimate by arithmetic", reason));
  const Device device = Device::parse(options.device == "auto" ? "cuda" : options.device);
  const std::vector<LayerLaunch> launches =
      step_launches(config, micro_batch_of(config, device), options.replicas);
  if (can_be_timed(device) || options.tune) return timed_table(device, launches, options.tune);
  return estimated_table(launches, kMultiprocessors, tuning_identity(device),
                         "nothing was timed (the device has no clock): an estimate by arithmetic");
}

}  // namespace

int devices(const DevicesOptions& options) {
  if (options.plan) {
    const PlanTable table = plan_table(options);
    print_data(options.json ? as_json(table) : as_text(table));
    return kDone;
  }
  const std::string reason = Device::why_no_cuda();
  if (!options.json) {
    std::string text;
    for (const Device& device : Device::all()) text += labelled(device.name(), description(device));
    if (!reason.empty()) text += labelled("cuda", "not used: " + reason);
    print_data(text);
    return kDone;
  }
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Device& device : Device::all()) {
    list.push_back({{"name", device.name()}, {"description", description(device)}});
  }
  nlohmann::ordered_json all{{"devices", std::move(list)}};
  all["why_no_cuda"] = reason.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(reason);
  print_data(all.dump(2) + "\n");
  return kDone;
}

}  // namespace agon::host
