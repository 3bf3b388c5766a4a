// What the host has set for a kernel.
#pragma once

#include <cstdint>

#include "tests/simulator/runtime/limits.hpp"

namespace agon::simulator {

struct KernelSettings {
  int most_dynamic_shared = kSharedPerBlock;
  int carveout = -1;
  bool large_clusters = false;
};

KernelSettings& settings_of(const void* kernel);

/// Launches so far of kernels for which no division between L1 and shared memory had been set.
std::uint64_t launches_without_carveout();

}  // namespace agon::simulator
