// The devices every test runs on: the processor and CUDA, which is the simulated device in a
// program linked with it. A test on a device that is absent is skipped and says why.
#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "engine/runtime/device.hpp"

namespace agon::test {

/// Whether this program's CUDA device is the simulated one: it is linked with it, or with
/// without_simulator.cpp.
bool simulated();

struct TestDevice {
  DeviceKind kind;

  std::string name() const {
    if (kind == DeviceKind::cpu) return "cpu";
    return simulated() ? "simulated" : "cuda";
  }
  /// Why it is absent; empty where it is not.
  std::string why_not() const { return kind == DeviceKind::cpu ? "" : Device::why_no_cuda(); }
  Device get() const { return kind == DeviceKind::cpu ? Device::cpu(1) : Device::cuda(); }

  friend std::ostream& operator<<(std::ostream& stream, const TestDevice& device) {
    return stream << device.name();
  }
};

/// In a program with a simulated device, that one: the processor has its own program.
inline std::vector<TestDevice> test_devices() {
  if (simulated()) return {{DeviceKind::cuda}};
  return {{DeviceKind::cpu}, {DeviceKind::cuda}};
}

/// What to call a test of a case, which has a name, on a device.
inline constexpr auto case_on_device = [](const auto& test) {
  const auto& [c, device] = test.param;
  return std::string(c.name) + "_" + device.name();
};

}  // namespace agon::test

/// In a test or SetUp.
#define AGON_SKIP_IF_ABSENT(device)                                     \
  if (const std::string why_not = (device).why_not(); !why_not.empty()) \
  GTEST_SKIP() << "CUDA is NOT tested here: " << why_not
