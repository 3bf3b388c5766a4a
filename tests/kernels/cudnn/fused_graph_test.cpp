// cuDNN plans and compiles the graphs that we describe, for devices that are described to it: no GPU is
// needed, and none is used. Run with the driver beside this on the loader's path (CMakeLists.txt).
#include "kernels/cuda/library/fused_graph.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <string>

#include "kernels/queue.hpp"
#include "tests/kernels/cudnn/described_device.hpp"

namespace agon::kernels::cuda {
namespace {

/// The article's wide layers as a step of batch 64 has them, and the widest at a large batch.
constexpr LinearShape kForward[] = {{128, 100, 128}, {128, 128, 256}, {128, 256, 512},
                                    {128, 512, 256}, {64, 512, 256},  {16384, 256, 512}};
constexpr LinearShape kInputGradient[] = {
    {128, 512, 256}, {64, 512, 256}, {64, 128, 256}, {64, 256, 512}, {16384, 512, 256}};

class FusedGraphs : public OnDescribedDevice {
 protected:
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
};
INSTANTIATE_TEST_SUITE_P(, FusedGraphs, ::testing::ValuesIn(kTargets), name_of);

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
  FusedGraph graph(*library_, {.described = &*device_}, FusedProduct{.shape = {32, 64, 96}, .slope = 0.2f});
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
  EXPECT_GT(show({.shape = {33, 41, 37}, .slope = 0.2f, .alignment = {.left = 4, .weight = 4}}), 0);
}

/// Compute capability 7.0 has no TF32: no algorithm is left, or the graph is refused with cuDNN's words and
/// the place.
TEST_P(FusedGraphs, AreNotThereForDevicesWithoutTf32) {
  Target target = GetParam();
  target.capability = 700;
  const Descriptor old = described(target);
  try {
    FusedGraph graph(*library_, {.described = &old}, FusedProduct{.shape = {64, 128, 256}, .slope = 0.2f});
    EXPECT_EQ(graph.size(), 0u);
  } catch (const DeviceError& error) {
    EXPECT_NE(std::string(error.what()).find("kernels/cuda/library/"), std::string::npos) << error.what();
    std::printf("%s\n", error.what());
  }
}

}  // namespace
}  // namespace agon::kernels::cuda
