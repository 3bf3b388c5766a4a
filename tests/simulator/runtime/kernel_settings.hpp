// What the host has set for a kernel.
#pragma once

#include "tests/simulator/runtime/limits.hpp"

namespace agon::simulator {

struct KernelSettings {
  int most_dynamic_shared = kSharedPerBlock;
  int carveout = -1;
  bool large_clusters = false;
};

KernelSettings& settings_of(const void* kernel);

}  // namespace agon::simulator
