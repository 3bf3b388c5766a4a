// A fixture for tests of the engine, which run on each of test_devices().
#pragma once

#include "tests/test_device.hpp"

namespace agon::test {

class EngineOnDevice : public testing::TestWithParam<TestDevice> {
 protected:
  void SetUp() override { AGON_SKIP_IF_ABSENT(GetParam()); }
  static Device device() { return GetParam().get(); }
  static bool on_cuda() { return GetParam().kind == DeviceKind::cuda; }
};

}  // namespace agon::test
