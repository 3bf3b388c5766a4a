// How a run comes to the plan of its layers: from its checkpoint, the cache, the device's clock, or a
// flag.
#pragma once

#include <string>

#include "engine/gan/gan.hpp"
#include "engine/tuning/tuning_cache.hpp"

namespace agon::host {

/// Gives the Gan its plan. `how`:
/// - auto: CUDA: what the cache knows, the rest timed and cached; the simulated device: the estimate;
/// - tune: CUDA: all timed, and cached;
/// - estimate: by arithmetic;
/// - own, "own medium 4", library, "library 2", fused, "fused 1": for every layer, where it can be;
/// - FILE.json: what `agon devices --plan --json` printed, or a copy of the cache.
/// With auto and tune a run that goes on keeps the plan that its checkpoint has `recorded` (record_plan(), or
/// empty) for this device; for another device a line says that the bits will differ. Messages go to standard
/// error. The processor has one way. Throws ConfigurationError, DataError or DeviceError.
void plan_layers(Gan& gan, const std::string& how, const std::string* recorded = nullptr, bool quiet = false);

/// Throws ConfigurationError where `how` is none of these.
void check_plan(const std::string& how);

/// For the checkpoint's metadata; empty on the processor.
std::string record_plan(const Gan& gan);
inline constexpr const char* kPlanRecord = "plan";

/// Keeps what was timed for later runs; a cache that cannot be written is a message, not an error.
void cache_timings(const std::string& identity, const std::vector<TimedLaunch>& timed);
/// What the cache knows of the device; one that cannot be read is a message.
PlanTexts cached_timings(const std::string& identity);

}  // namespace agon::host
