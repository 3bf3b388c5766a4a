// cuDNN plans and compiles the graphs that we describe, for devices that are described to it: no GPU is
// needed, and none is used. Run with the driver beside this on the loader's path (CMakeLists.txt).
#include "kernels/cuda/library/fused_graph.hpp"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <ostream>
#include <string>

#include "kernels/queue.hpp"

namespace agon::kernels::cuda {
namespace {

/// What cuDNN asks of a device and devices differ in: published figures of the SXM models.
struct Target {
  const char* name;
  int capability;  ///< 100 major + 10 minor
  int multiprocessors;
  int shared_memory;        ///< bytes that a block can opt into
  int l2;                   ///< bytes
  int clock, memory_clock;  ///< kHz
};
constexpr Target kTargets[] = {{"A100, sm_80", 800, 108, 166912, 41943040, 1410000, 1593000},
                               {"H100, sm_90", 900, 132, 232448, 52428800, 1980000, 2619000}};

std::string properties_of(const Target& t) {
  const auto number = [](const char* name, int value) {
    return std::string(",\"") + name + "\":" + std::to_string(value);
  };
  return R"({"maxGridSize":[2147483647,65535,65535],"maxBlockSize":[1024,1024,64],"regsPerBlock":65536,
"warpSize":32,"maxSharedMemoryPerBlock":49152,"reservedSharedMemoryPerBlock":1024,"maxRegistersPerSM":65536,
"maxCtasPerSM":32,"maxThreadsPerBlock":1024,"maxThreadsPerSM":2048,"pciDeviceId":0,"isTccDriver":0,
"supportCoopLaunch":1,"totalGlobalMem":85000000000,"cudaDeviceId":0,"driverVer":13000)" +
         number("deviceVer", t.capability) + number("multiProcessorCount", t.multiprocessors) +
         number("maxSharedMemoryPerBlockOptin", t.shared_memory) + number("l2CacheSize", t.l2) +
         number("smClockRateKHz", t.clock) + number("memClockRateKHz", t.memory_clock) +
         ",\"deviceName\":\"" + t.name + "\"}";
}

void PrintTo(const Target& target, std::ostream* out) { *out << target.name; }

/// The article's wide layers as a step of batch 64 has them, and the widest at a large batch.
constexpr LinearShape kForward[] = {{128, 100, 128}, {128, 128, 256}, {128, 256, 512},
                                    {128, 512, 256}, {64, 512, 256},  {16384, 256, 512}};
constexpr LinearShape kInputGradient[] = {
    {128, 512, 256}, {64, 512, 256}, {64, 128, 256}, {64, 256, 512}, {16384, 512, 256}};

template <class Function>
Function* of_driver(const char* name) {
  void* const driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
  return driver == nullptr ? nullptr : reinterpret_cast<Function*>(dlsym(driver, name));
}

bool has(const std::vector<cudnnBackendNumericalNote_t>& notes, cudnnBackendNumericalNote_t note) {
  return std::find(notes.begin(), notes.end(), note) != notes.end();
}

class FusedGraphs : public ::testing::TestWithParam<Target> {
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

  /// Every algorithm, or its refusal, on a line; the number of those made.
  int show(const FusedProduct& product) {
    const auto start = std::chrono::steady_clock::now();
    FusedGraph graph(*library_, {.described = &*device_}, product);
    int made = 0;
    for (std::size_t i = 0; i < graph.size(); ++i) {
      const FusedAlgorithm& algorithm = graph.algorithm(i);
      made += algorithm.execution_plan.has_value();
      EXPECT_TRUE(has(algorithm.numerics, CUDNN_NUMERICAL_NOTE_TENSOR_CORE)) << "a product in true fp32";
      if (algorithm.execution_plan) expect_wanted(algorithm);
      std::printf("  fused %zu: engine %d, workspace %lld, %s\n", i, static_cast<int>(algorithm.engine),
                  static_cast<long long>(algorithm.workspace_bytes),
                  algorithm.execution_plan ? of_driver<const char*()>("agon_last_kernel")()
                                           : algorithm.refusal.c_str());
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    std::printf("%s, %s %lldx%lld->%lld, slope %g: %d made in %.2f s\n", GetParam().name,
                product.forward ? "forward" : "input gradient", static_cast<long long>(product.shape.batch),
                static_cast<long long>(product.shape.in), static_cast<long long>(product.shape.out),
                static_cast<double>(product.slope), made, seconds.count());
    return made;
  }

  static void expect_wanted(const FusedAlgorithm& algorithm) {
    EXPECT_FALSE(has(algorithm.numerics, CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC));
    EXPECT_FALSE(has(algorithm.numerics, CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS));
    EXPECT_FALSE(has(algorithm.numerics, CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION));
    EXPECT_LE(algorithm.workspace_bytes, static_cast<std::int64_t>(kWorkspaceBytes));
  }

  const Cudnn* library_ = nullptr;
  std::optional<Descriptor> device_;
};
INSTANTIATE_TEST_SUITE_P(, FusedGraphs, ::testing::ValuesIn(kTargets), [](const auto& parameter) {
  return std::string(parameter.param.name).substr(0, 4);
});

TEST_P(FusedGraphs, AreCompiledForTheArticlesForwards) {
  for (const LinearShape& shape : kForward) EXPECT_GT(show({.shape = shape, .slope = 0.2f}), 0);
}

TEST_P(FusedGraphs, AreCompiledForTheArticlesInputGradients) {
  for (const LinearShape& shape : kInputGradient)
    EXPECT_GT(show({.shape = shape, .forward = false, .slope = 0.2f}), 0);
}

/// A last layer has no activation behind it, or in front.
TEST_P(FusedGraphs, AreCompiledWithoutLeakyRelu) {
  EXPECT_GT(show({.shape = {64, 128, 256}}), 0);
  EXPECT_GT(show({.shape = {64, 128, 256}, .forward = false}), 0);
}

/// The driver took kernels of cuDNN's making, of the products that were asked for.
TEST_P(FusedGraphs, BecomeKernels) {
  const auto taken = of_driver<int()>("agon_kernels_taken");
  ASSERT_NE(taken, nullptr) << "another driver is on the loader's path";
  const int before = taken();
  FusedGraph graph(*library_, {.described = &*device_}, {.shape = {32, 64, 96}, .slope = 0.2f});
  ASSERT_GT(graph.size(), 0u);
  ASSERT_TRUE(graph.algorithm(0).execution_plan) << graph.algorithm(0).refusal;
  EXPECT_GT(taken(), before);
  const std::string name = of_driver<const char*()>("agon_last_kernel")();
  EXPECT_NE(name.find("matMul_pointwise_pointwise"), std::string::npos) << name;
}

/// As far as that goes without a device.
TEST_P(FusedGraphs, TakeTheirOperands) {
  alignas(256) float memory[4] = {};
  for (const float* beside : {static_cast<const float*>(memory), static_cast<const float*>(nullptr)}) {
    EXPECT_NO_THROW(fused_pack(*library_, {memory, memory, beside, memory}, memory));
  }
}

/// Rows of 41 floats cannot be read 16 bytes at a time.
TEST_P(FusedGraphs, AreCompiledForRowsThatAreNotAligned) {
  EXPECT_GT(show({.shape = {33, 41, 37}, .slope = 0.2f, .alignment_left = 4, .alignment_weight = 4}), 0);
}

/// Compute capability 7.0 has no TF32: no algorithm is left, or the graph is refused with cuDNN's words and
/// the place.
TEST_P(FusedGraphs, AreNotThereForDevicesWithoutTf32) {
  Target target = GetParam();
  target.capability = 700;
  const Descriptor old = described(target);
  try {
    FusedGraph graph(*library_, {.described = &old}, {.shape = {64, 128, 256}, .slope = 0.2f});
    for (std::size_t i = 0; i < graph.size(); ++i) {
      EXPECT_FALSE(graph.algorithm(i).execution_plan) << i;
      EXPECT_NE(graph.algorithm(i).refusal, "") << i;
    }
    std::printf("%zu algorithms, none of them taken\n", graph.size());
  } catch (const DeviceError& error) {
    EXPECT_NE(std::string(error.what()).find("fused_graph.cpp"), std::string::npos) << error.what();
    std::printf("%s\n", error.what());
  }
}

}  // namespace
}  // namespace agon::kernels::cuda
