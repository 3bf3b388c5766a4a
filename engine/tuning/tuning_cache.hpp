// Plans on disk: what was timed once on a device need not be timed again there.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/runtime/device.hpp"
#include "engine/tuning/tuner.hpp"

namespace agon {

/// Plans by what they were timed on. As JSON:
///   {"version": 1, "devices": {"<tuning_identity()>": {"<launch>": "<choice>", ...}, ...}}
struct TuningCache {
  std::map<std::string, PlanTexts> devices;

  std::string json() const;
  /// Nothing where the text is no such cache, or of another version.
  static std::optional<TuningCache> parse(std::string_view text);
};

/// Under what a device's plans are kept: model, multiprocessors, driver, versions of CUDA, cuBLASLt and
/// cuDNN. "cpu" for the processor, which has no plans.
std::string tuning_identity(const Device& device);

/// $XDG_CACHE_HOME/agon/plans.json, else ~/.cache/agon/plans.json; empty where neither is an absolute path.
std::filesystem::path tuning_cache_path();

struct ReadCache {
  TuningCache cache;
  std::string warning;  ///< one line where there is a file that cannot be used
};
/// Never throws: a cache that cannot be read is empty. A file that is not there needs no warning.
ReadCache read_tuning_cache(const std::filesystem::path& path);

/// Adds to what is there by now, atomically, with the folders it needs; a file that cannot be used is
/// replaced. Throws Error where it cannot be written.
void add_to_tuning_cache(const std::filesystem::path& path, const std::string& identity,
                         const PlanTexts& texts);

}  // namespace agon
