#include "host/run/layer_plan.hpp"

#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <optional>

#include "host/run/console.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

using kernels::LayerChoice;

LayerPlan everywhere(const Gan& gan, const LayerChoice& choice) {
  LayerPlan plan;
  for (const LayerLaunch& launch : gan.launches())
    plan.set(launch, {choice, launch.beside ? choice : LayerChoice{}});
  return plan;
}

/// Those of the Gan's launches that have a choice; the others stay the estimate's.
LayerPlan plan_from(const Gan& gan, const PlanTexts& texts) {
  LayerPlan plan;
  for (const LayerLaunch& launch : gan.launches()) {
    const auto found = texts.find(to_string(launch));
    if (found == texts.end()) continue;
    const auto choices = parse_layer_choices(found->second);
    if (!choices) throw DataError(fmt::format("'{}' is no algorithm for {}", found->second, found->first));
    plan.set(launch, *choices);
  }
  return plan;
}

TuningCache read_cache_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) throw DataError(path + ": cannot be read");
  auto cache = TuningCache::parse(text);
  if (!cache) throw DataError(path + ": holds no plans of this version");
  return *std::move(cache);
}

LayerPlan plan_from_file(const Gan& gan, const std::string& path) {
  const TuningCache cache = read_cache_file(path);
  const auto found = cache.devices.find(tuning_identity(gan.device()));
  if (found == cache.devices.end())
    throw ConfigurationError(fmt::format("{}: holds no plan for {}", path, tuning_identity(gan.device())));
  return plan_from(gan, found->second);
}

LayerPlan tuned(const Gan& gan, bool all, bool quiet) {
  const std::string identity = tuning_identity(gan.device());
  const auto start = std::chrono::steady_clock::now();
  const Tuned result =
      tune(gan.device(), gan.launches(), all ? PlanTexts() : cached_timings(identity), graph_timer());
  if (result.timed.empty()) return result.plan;
  cache_timings(identity, result.timed);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  if (!quiet)
    print_message(fmt::format("plan: {} of {} launches of layers timed in {}", result.timed.size(),
                              result.plan.table().size(), duration(seconds.count())));
  return result.plan;
}

/// What the run so far was computed by, where that holds here.
std::optional<LayerPlan> resumed(const Gan& gan, const std::string& recorded) {
  if (recorded.empty()) return LayerPlan();  // a run of before there were plans
  const auto cache = TuningCache::parse(recorded);
  const std::string identity = tuning_identity(gan.device());
  if (cache && cache->devices.contains(identity)) return plan_from(gan, cache->devices.at(identity));
  const std::string before =
      cache && !cache->devices.empty() ? cache->devices.begin()->first : "an unknown device";
  print_message(
      fmt::format("agon: the plan of this run's layers is for {}; here is {}: it goes on with another plan, "
                  "not to the same bits",
                  before, identity));
  return {};
}

bool is_choosing(const std::string& how) { return how == "auto" || how == "tune"; }
bool is_file(const std::string& how) { return how.ends_with(".json"); }

}  // namespace

void check_plan(const std::string& how) {
  if (is_choosing(how) || parse_layer_choice(how) || is_file(how)) return;
  throw ConfigurationError(fmt::format(
      "plan: '{}' is none of auto, tune, estimate, own, 'own medium 4', library, 'library 2', fused, "
      "'fused 1' or a .json file",
      how));
}

void plan_layers(Gan& gan, const std::string& how, const std::string* recorded, bool quiet) {
  check_plan(how);
  if (gan.device().kind() != DeviceKind::cuda) return;
  if (is_choosing(how) && recorded != nullptr) {
    if (auto plan = resumed(gan, *recorded)) return gan.set_plan(*std::move(plan));
  }
  if (how == "tune") return gan.set_plan(tuned(gan, true, quiet));
  if (how == "auto") return gan.set_plan(can_be_timed(gan.device()) ? tuned(gan, false, quiet) : LayerPlan());
  const auto forced = parse_layer_choice(how);
  gan.set_plan(forced ? everywhere(gan, *forced) : plan_from_file(gan, how));
}

std::string record_plan(const Gan& gan) {
  if (gan.device().kind() != DeviceKind::cuda) return {};
  return TuningCache{{{tuning_identity(gan.device()), to_texts(gan.plan())}}}.json();
}

void cache_timings(const std::string& identity, const std::vector<TimedLaunch>& timed) {
  const std::filesystem::path path = tuning_cache_path();
  if (path.empty()) return;
  PlanTexts texts;
  for (const TimedLaunch& one : timed) texts[to_string(one.launch)] = to_string(one.choices());
  try {
    add_to_tuning_cache(path, identity, texts);
  } catch (const Error& error) {
    print_message(fmt::format("agon: plans are not kept: {}", error.what()));
  }
}

PlanTexts cached_timings(const std::string& identity) {
  const ReadCache cached = read_tuning_cache(tuning_cache_path());
  if (!cached.warning.empty()) print_message("agon: " + cached.warning);
  const auto found = cached.cache.devices.find(identity);
  return found == cached.cache.devices.end() ? PlanTexts() : found->second;
}

}  // namespace agon::host
