// How many launches an operation says it is (launch_count() beside its contract) against how many a capture
// of it holds: at full size, since what is captured does not run.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "engine/gan/step_program.hpp"
#include "engine/runtime/described_gpu.hpp"
#include "engine/runtime/queue.hpp"
#include "tests/engine/trained_gan.hpp"
#include "tests/simulator/include/cuda_runtime_api.h"
#include "tests/simulator/simulator.hpp"

namespace agon {
namespace launch_count_test {

using Names = std::set<std::string>;

/// With the device as it was afterwards.
class LaunchCounts : public testing::Test {
 protected:
  LaunchCounts() : multiprocessors_(simulator::options().multiprocessors) {}
  ~LaunchCounts() override { simulator::options().multiprocessors = multiprocessors_; }

  std::int64_t captured(const Operation& operation) const {
    cudaStream_t stream = nullptr;  // one each: what operations have in common is no step that repeats
    EXPECT_EQ(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), cudaSuccess);
    QueueView queue = queue_;
    queue.stream = stream;
    EXPECT_EQ(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), cudaSuccess);
    operation.enqueue(queue);
    cudaGraph_t graph = nullptr;
    std::size_t nodes = 0;
    EXPECT_EQ(cudaStreamEndCapture(stream, &graph), cudaSuccess);
    EXPECT_EQ(cudaGraphGetNodes(graph, nullptr, &nodes), cudaSuccess);
    std::vector<cudaGraphNode_t> all(nodes);
    EXPECT_EQ(cudaGraphGetNodes(graph, all.data(), &nodes), cudaSuccess);
    for (const cudaGraphNode_t node : all) {
      cudaGraphNodeType type{};
      EXPECT_EQ(cudaGraphNodeGetType(node, &type), cudaSuccess);
      EXPECT_EQ(type, cudaGraphNodeTypeKernel) << operation.name();
    }
    EXPECT_EQ(cudaGraphDestroy(graph), cudaSuccess);
    EXPECT_EQ(cudaStreamDestroy(stream), cudaSuccess);
    return static_cast<std::int64_t>(nodes);
  }

  /// On a device of so many multiprocessors.
  void check(const Operation& operation, int multiprocessors) {
    simulator::options().multiprocessors = multiprocessors;
    EXPECT_EQ(operation.launches(multiprocessors), captured(operation))
        << operation.name() << ", " << multiprocessors;
  }

  /// On the described devices, and one of two multiprocessors. Returns the step's launches on the last.
  std::int64_t check(const GanConfig& config) {
    std::int64_t all = 0;
    const StepProgram step = step_program(config, config.batch, DeviceKind::cuda);
    for (const Operation& operation : step.program.operations()) {
      seen.insert(std::string(operation.name()));
      check(operation, 2);
      for (const DescribedGpu& gpu : described_gpus()) check(operation, gpu.multiprocessors);
      all += operation.launches(described_gpus().back().multiprocessors);
    }
    return all;
  }

  Names seen;

 private:
  int multiprocessors_;
  Queue queue_{Device::cuda()};
};

GanConfig images(std::int64_t side, std::vector<std::int64_t> makes, std::vector<std::int64_t> reads) {
  GanConfig config;
  const ImageShape shape{side, side, makes.back()};
  config.generator = {.widths = std::move(makes), .slope = 0.2f, .output = ActivationKind::tanh};
  config.discriminator = {.widths = std::move(reads), .slope = 0.2f};
  config.generator.images = {.role = ImageRole::makes, .shape = shape};
  config.discriminator.images = {.role = ImageRole::reads, .shape = shape};
  config.ema_samples = 50'000;
  return config;
}

/// Recipe dcgan at 28 pixels.
GanConfig dcgan() {
  GanConfig config = images(28, {100, 256, 128, 64, 1}, {1, 64, 128, 256, 1});
  config.generator.norm = config.discriminator.norm = NormKind::batch;
  return config;
}

/// Recipe r3gan at 28 pixels.
GanConfig r3gan() {
  GanConfig config = images(28, {64, 128, 64, 32, 1}, {1, 32, 64, 128, 1});
  config.generator.residual = config.discriminator.residual = Residual::add;
  config.generator.output = ActivationKind::identity;
  config.objective = Objective::relativistic;
  config.penalties = {.r1 = 1, .r2 = 1};
  return config;
}

GanConfig by_class(GanConfig config) {
  config.generator.widths.front() += 3;
  config.discriminator.widths.back() += 3;
  config.discriminator.images.classes = 3;
  config.generator.records.conditions.shares = {500'000'000, 250'000'000, 250'000'000};
  return config;
}

/// With much that a step of rows can have.
GanConfig rows(NormKind norm, Residual residual) {
  GanConfig config;
  config.generator.norm = norm;
  config.generator.residual = residual;
  config.discriminator.dropout = 0.5;
  config.penalties.dragan = 1;
  config.instance_noise.deviation = 0.1;
  config.spectral_norm = true;
  config.clip_norm = 1;
  config.batch = 500;
  return config;
}

/// The names of all operations, but for those that no step has.
Names of_steps() {
  const Names others{"kernel_sums",   "nearest_rows", "row_densities", "sliced_wasserstein",
                     "uniform_fill",  "normal_fill",  "gather_batch",  "linear_backward_beside",
                     "loss_gradient", "unit_rows"};
  const std::regex name("kName = \"(\\w+)\"");
  Names names;
  for (const auto& file : std::filesystem::directory_iterator(AGON_KERNELS_FOLDER)) {
    if (file.path().extension() != ".hpp") continue;
    std::ifstream stream(file.path());
    const std::string text(std::istreambuf_iterator<char>(stream), {});
    for (std::sregex_iterator at(text.begin(), text.end(), name), end; at != end; ++at)
      if (const std::string found = (*at)[1]; !others.contains(found)) names.insert(found);
  }
  return names;
}

TEST_F(LaunchCounts, AreThoseOfEveryOperationOfAStep) {
  EXPECT_EQ(check({}), 17);
  GanConfig large;
  large.batch = 16384;
  check(large);
  EXPECT_EQ(check(dcgan()), 71);
  EXPECT_EQ(check(r3gan()), 267);
  GanConfig augmented = by_class(dcgan());
  augmented.augmentation.mode = AugmentationMode::adaptive;
  check(augmented);
  check(test::records_config());
  check(test::ctgan_config());
  check(rows(NormKind::batch, Residual::concat));
  check(rows(NormKind::layer, Residual::pre_activation));
  for (const std::string& name : of_steps()) EXPECT_TRUE(seen.contains(name)) << name;
}

}  // namespace launch_count_test
}  // namespace agon
