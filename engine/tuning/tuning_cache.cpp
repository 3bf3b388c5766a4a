#include "engine/tuning/tuning_cache.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <system_error>

#include "engine/runtime/atomic_file.hpp"
#include "engine/runtime/cuda/runtime.hpp"
#include "kernels/error.hpp"
#include "kernels/linear_algorithms.hpp"

namespace agon {
namespace fs = std::filesystem;
namespace {

/// Raised where kernels change so that what was fast may not be.
constexpr int kVersion = 1;

}  // namespace

std::string TuningCache::json() const {
  using Text = nlohmann::json;
  // A driver's name may hold any bytes.
  return Text{{"version", kVersion}, {"devices", devices}}.dump(1, ' ', false,
                                                                Text::error_handler_t::replace) +
         "\n";
}

std::optional<TuningCache> TuningCache::parse(std::string_view text) {
  const auto all = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!all.is_object() || all.value("version", nlohmann::json()) != kVersion) return {};
  const auto devices = all.find("devices");
  if (devices == all.end() || !devices->is_object()) return {};
  TuningCache cache;
  for (const auto& [identity, plans] : devices->items()) {
    if (!plans.is_object()) return {};
    for (const auto& [launch, choice] : plans.items()) {
      if (!choice.is_string()) return {};
      cache.devices[identity][launch] = choice.get<std::string>();
    }
  }
  return cache;
}

std::string tuning_identity(const Device& device) {
  if (device.kind() == DeviceKind::cpu) return device.name();
  const std::string library = kernels::linear_library_version(device.kind());
  return cuda::identity(device.index()) + ", " + (library.empty() ? "no cuBLASLt" : library);
}

fs::path tuning_cache_path() {
  const auto folder = [](const char* variable) {
    const char* const value = std::getenv(variable);
    const fs::path path = value == nullptr ? fs::path() : fs::path(value);
    return path.is_absolute() ? path : fs::path();
  };
  if (const fs::path cache = folder("XDG_CACHE_HOME"); !cache.empty()) return cache / "agon" / "plans.json";
  const fs::path home = folder("HOME");
  return home.empty() ? fs::path() : home / ".cache" / "agon" / "plans.json";
}

ReadCache read_tuning_cache(const fs::path& path) {
  std::error_code error;
  if (path.empty() || !fs::exists(path, error)) return {};
  const std::string place = path.string();
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return {{}, place + ": cannot be read, and is not used"};
  if (auto cache = TuningCache::parse(text)) return {*std::move(cache), {}};
  return {{}, place + ": holds no plans of this version, and is not used"};
}

void add_to_tuning_cache(const fs::path& path, const std::string& identity, const PlanTexts& texts) {
  TuningCache cache = read_tuning_cache(path).cache;
  for (const auto& [launch, choice] : texts) cache.devices[identity][launch] = choice;
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error) throw Error(path.parent_path().string() + ": cannot be made: " + error.message());
  write_file_atomically(path, cache.json());
}

}  // namespace agon
