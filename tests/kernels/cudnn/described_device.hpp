// Devices that are described to cuDNN instead of being there.
#pragma once

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "engine/runtime/described_gpu.hpp"
#include "kernels/cuda/library/cudnn_descriptor.hpp"
#include "kernels/cuda/library/fused_graph.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels::cuda {

/// What cuDNN asks of a device and devices differ in, beside what engine/runtime/described_gpu.hpp has:
/// published figures of the SXM models.
struct Target {
  const char* name;
  const char* gpu;
  int capability;           ///< 100 major + 10 minor
  int shared_memory;        ///< bytes that a block can opt into
  int clock, memory_clock;  ///< kHz
};
inline constexpr Target kTargets[] = {{"A100, sm_80", "a100", 800, 166912, 1410000, 1593000},
                                      {"H100, sm_90", "h100", 900, 232448, 1980000, 2619000},
                                      {"H200, sm_90", "h200", 900, 232448, 1980000, 3201000}};

inline std::string properties_of(const Target& t) {
  const DescribedGpu& gpu = described_gpu(t.gpu);
  const auto number = [](const char* name, std::int64_t value) {
    return std::string(",\"") + name + "\":" + std::to_string(value);
  };
  return R"({"maxGridSize":[2147483647,65535,65535],"maxBlockSize":[1024,1024,64],"regsPerBlock":65536,
"warpSize":32,"maxSharedMemoryPerBlock":49152,"reservedSharedMemoryPerBlock":1024,"maxRegistersPerSM":65536,
"maxCtasPerSM":32,"maxThreadsPerBlock":1024,"maxThreadsPerSM":2048,"pciDeviceId":0,"isTccDriver":0,
"supportCoopLaunch":1,"totalGlobalMem":85000000000,"cudaDeviceId":0,"driverVer":13000)" +
         number("deviceVer", t.capability) + number("multiProcessorCount", gpu.multiprocessors) +
         number("maxSharedMemoryPerBlockOptin", t.shared_memory) + number("l2CacheSize", gpu.cache_bytes) +
         number("smClockRateKHz", t.clock) + number("memClockRateKHz", t.memory_clock) +
         ",\"deviceName\":\"" + t.name + "\"}";
}

inline void PrintTo(const Target& target, std::ostream* out) { *out << target.name; }

template <class Function>
Function* of_driver(const char* name) {
  void* const driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
  return driver == nullptr ? nullptr : reinterpret_cast<Function*>(dlsym(driver, name));
}

inline bool has(const std::vector<cudnnBackendNumericalNote_t>& notes, cudnnBackendNumericalNote_t note) {
  return std::find(notes.begin(), notes.end(), note) != notes.end();
}

class OnDescribedDevice : public ::testing::TestWithParam<Target> {
 protected:
  void SetUp() override {
    library_ = cudnn();
    ASSERT_NE(library_, nullptr) << "the library that CMake found cannot be loaded";
    device_ = described(GetParam());
  }

  Descriptor described(const Target& target) const {
    const std::string properties = properties_of(target);
    Descriptor device(*library_, CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR);
    device.set(CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, CUDNN_TYPE_CHAR,
               std::span<const char>(properties.data(), properties.size()));
    device.finalize();
    return device;
  }

  const Cudnn* library_ = nullptr;
  std::optional<Descriptor> device_;
};

inline std::string name_of(const ::testing::TestParamInfo<Target>& parameter) {
  return std::string(parameter.param.name).substr(0, 4);
}

}  // namespace agon::kernels::cuda
