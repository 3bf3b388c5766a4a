#include "kernels/cpu_variant.hpp"

#include <atomic>
#include <cstdlib>

#include "kernels/error.hpp"

namespace agon::kernels {
namespace {

constexpr const char* kNames[] = {"generic", "v3", "v4"};

/// The builtin also asks the operating system whether it saves the wide registers.
CpuVariant best() {
#if !defined(AGON_WITHOUT_X86_VARIANTS)
  __builtin_cpu_init();
  const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                  __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  const bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                  __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                  __builtin_cpu_supports("avx512vl");
  if (v4) return CpuVariant::v4;
  if (v3) return CpuVariant::v3;
#endif
  return CpuVariant::generic;
}

CpuVariant parse(std::string_view name, const char* what) {
  const int count = static_cast<int>(best()) + 1;
  std::string known;
  for (int i = 0; i < count; ++i) {
    if (name == kNames[i]) return static_cast<CpuVariant>(i);
    known += (i ? ", " : "") + std::string(kNames[i]);
  }
  throw ConfigurationError(std::string(what) + " \"" + std::string(name) + "\": this processor can run " +
                           known);
}

constexpr int kUndecided = -1;
std::atomic<int> chosen{kUndecided};

}  // namespace

CpuVariant chosen_cpu_variant() {
  const int before = chosen.load(std::memory_order_relaxed);
  if (before != kUndecided) return static_cast<CpuVariant>(before);
  const char* forced = std::getenv("AGON_ISA");
  const CpuVariant now = forced != nullptr && *forced != '\0' ? parse(forced, "AGON_ISA") : best();
  chosen.store(static_cast<int>(now), std::memory_order_relaxed);
  return now;
}

const char* cpu_variant() { return kNames[static_cast<int>(chosen_cpu_variant())]; }

std::vector<std::string> cpu_variants() { return {kNames, kNames + static_cast<int>(best()) + 1}; }

void select_cpu_variant(std::string_view name) {
  chosen.store(static_cast<int>(parse(name, "instruction set")), std::memory_order_relaxed);
}

}  // namespace agon::kernels
