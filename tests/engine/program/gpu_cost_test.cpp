// What a step costs on a described GPU: multiplications counted by plain loops and in the article, bytes and
// times by hand.
#include "engine/program/gpu_cost.hpp"

#include <gtest/gtest.h>

#include "engine/gan/step_program.hpp"
#include "kernels/convolution.hpp"
#include "kernels/error.hpp"
#include "kernels/linear.hpp"
#include "kernels/linear_pair.hpp"
#include "tests/engine/error_of.hpp"

namespace agon {
namespace gpu_cost_test {

using kernels::Precision;

/// Round numbers, and no cache that is worth the name.
constexpr DescribedGpu kRound{.name = "round",
                              .model = "round",
                              .multiprocessors = 100,
                              .cache_bytes = 0,
                              .memory_rate = 1e9,
                              .fp32 = 1e9,
                              .tf32 = 1e10,
                              .bf16 = 1e11};

GpuCost cost_of_step(const GanConfig& config, const DescribedGpu& gpu) {
  GpuCost all;
  const StepProgram step = step_program(config, config.batch, DeviceKind::cuda);
  for (const Operation& operation : step.program.operations()) all += cost_of(operation, gpu);
  return all;
}

DescribedGpu all_in_cache() {
  DescribedGpu gpu = kRound;
  gpu.cache_bytes = std::int64_t{1} << 40;
  return gpu;
}

float* at(std::int64_t bytes) { return reinterpret_cast<float*>(bytes); }

/// FACTS: 1,795,584 multiply-adds a sample, 3.59 MFLOP. In tf32 those of G's last layer (512 x 10: forward
/// of both phases' fakes, both gradients), D's first one (forward and weights twice; forward and input once)
/// and its last (256: three times forward and input, twice weights) stay fp32's.
TEST(GpuCost, OfTheArticlesStep) {
  constexpr double kSample = 1'795'584, kThin = 4 * 5120 + 6 * 5120 + 8 * 256;
  GanConfig config;
  const GpuCost fp32 = cost_of_step(config, all_in_cache());
  EXPECT_EQ(fp32.flop, 2 * 64 * kSample);
  EXPECT_NEAR(fp32.floor, 2 * 64 * kSample / 1e9, 1e-12);
  EXPECT_EQ(fp32.launches, 17);
  config.precision = Precision::tf32;
  const GpuCost tf32 = cost_of_step(config, all_in_cache());
  EXPECT_EQ(tf32.flop, fp32.flop);
  EXPECT_NEAR(tf32.floor, 2 * 64 * (kThin / 1e9 + (kSample - kThin) / 1e10), 1e-12);
}

/// As recipe dcgan, with 28 pixels halved twice, an image's multiply-adds by hand. G has 100 x 6272, then 49 places x 16 taps x
/// 64 channels x 128, then 196 x 16 x 1 x 64; D 196 x 16 x 1 x 64, 49 x 16 x 64 x 128, and 6272. G goes
/// forward for both phases, and backward once, but for the first layer's input; D forward three times,
/// backward by its weights twice, by its inputs three times, but twice to the images.
TEST(GpuCost, OfImages) {
  constexpr double kLinear = 627'200, kMiddle = 6'422'528, kImage = 200'704, kLogit = 6'272;
  GanConfig config;
  config.generator = {.widths = {100, 128, 64, 1}, .slope = 0, .norm = NormKind::batch};
  config.discriminator = {.widths = {1, 64, 128, 1}, .norm = NormKind::batch};
  config.generator.images = {.role = ImageRole::makes, .shape = {28, 28, 1}};
  config.discriminator.images = {.role = ImageRole::reads, .shape = {28, 28, 1}};
  const double generator = 3 * (kLinear + kMiddle + kImage) + kMiddle + kImage;
  const double discriminator = 5 * (kImage + kMiddle + kLogit) + 3 * (kMiddle + kLogit) + kImage;
  EXPECT_EQ(cost_of_step(config, kRound).flop, 2 * 64 * (generator + discriminator));
}

/// y(n, u, v, k) sums over taps and the channels of k's group, the padding's zeroes among them.
TEST(GpuCost, OfAConvolution) {
  const kernels::ConvolutionShape shape{.batch = 3,
                                        .fine = {9, 7, 40},
                                        .coarse_channels = 60,
                                        .kernel = 4,
                                        .stride = 2,
                                        .padding = 1,
                                        .groups = 2};
  std::int64_t multiply_adds = 0;
  for (int n = 0; n < 3; ++n)
    for (int u = 0; 2 * u - 1 + 4 <= 9 + 1; ++u)
      for (int v = 0; 2 * v - 1 + 4 <= 7 + 1; ++v)
        for (int k = 0; k < 60; ++k)
          for (int tap = 0; tap < 4 * 4; ++tap) multiply_adds += 40 / 2;
  const auto forward = Operation::of<kernels::convolution_forward>(
      {.shape = shape, .x = at(1 << 20), .weight = at(2 << 20), .bias = at(3 << 20), .y = at(4 << 20)});
  const GpuCost cost = cost_of(forward, kRound);
  EXPECT_EQ(cost.flop, 2.0 * static_cast<double>(multiply_adds));
  EXPECT_EQ(cost.bytes, 4 * (3 * 9 * 7 * 40 + 60 * 16 * 20 + 60 + 3 * 4 * 3 * 60));
  EXPECT_EQ(cost.launches, 1);
  EXPECT_DOUBLE_EQ(cost.floor, cost.flop / 1e9);
  for (const auto& [precision, peak] : {std::pair(Precision::tf32, 1e10), std::pair(Precision::bf16, 1e11)}) {
    kernels::ConvolutionForward rounded = *forward.as<kernels::ConvolutionForward>();
    rounded.precision = precision;
    const GpuCost less = cost_of(Operation::of<kernels::convolution_forward>(rounded), kRound);
    EXPECT_EQ(less.flop, cost.flop);
    EXPECT_DOUBLE_EQ(less.floor, std::max(cost.flop / peak, static_cast<double>(cost.bytes) / 1e9));
  }
  const auto backward = Operation::of<kernels::convolution_backward>({.shape = shape,
                                                                      .x = at(1 << 20),
                                                                      .weight = at(2 << 20),
                                                                      .dz = at(3 << 20),
                                                                      .dx = at(4 << 20),
                                                                      .dweight = at(5 << 20)});
  EXPECT_EQ(cost_of(backward, kRound).flop, 2 * cost.flop);
}

/// A thin layer is fp32's in every precision (kernels/linear.hpp).
TEST(GpuCost, OfAThinLayerIsFp32s) {
  for (const std::int64_t out : {std::int64_t{16}, std::int64_t{17}}) {
    const GpuCost cost = cost_of(Operation::of<kernels::linear_forward>({.shape = {1000, 1000, out},
                                                                         .x = at(1 << 30),
                                                                         .weight = at(2 << 30),
                                                                         .bias = at(3 << 30),
                                                                         .y = at(std::int64_t{4} << 30),
                                                                         .precision = Precision::tf32}),
                                 all_in_cache());
    EXPECT_DOUBLE_EQ(cost.floor, cost.flop / (out == 16 ? 1e9 : 1e10));
  }
}

/// Adam on n parameters: reads four of n numbers, writes three. The floor has of either what the cache cannot
/// hold.
TEST(GpuCost, OfMemoryIsWhatTheCacheCannotHold) {
  constexpr std::int64_t kNumbers = 1'000'000;
  const auto adam = Operation::of<kernels::adam>({.n = kNumbers,
                                                  .parameter = at(1 << 24),
                                                  .gradient = at(2 << 24),
                                                  .moment1 = at(3 << 24),
                                                  .moment2 = at(4 << 24)});
  for (const auto& [cache, uncached] :
       {std::pair(0, 28), std::pair(2, 24), std::pair(12, 4), std::pair(16, 0)}) {
    DescribedGpu gpu = kRound;
    gpu.cache_bytes = cache * kNumbers;
    const GpuCost cost = cost_of(adam, gpu);
    EXPECT_EQ(cost.bytes, 28 * kNumbers);
    EXPECT_DOUBLE_EQ(cost.floor, 1e-9 * static_cast<double>(uncached * kNumbers)) << cache;
    EXPECT_DOUBLE_EQ(cost.from_memory, 28e-9 * kNumbers);
    EXPECT_EQ(cost.flop, 0);
  }
}

/// Rows that one of the two makes and the other reads never were in memory before; dz that both read is read
/// once.
TEST(GpuCost, CountsEachByteOnce) {
  const kernels::LinearForward first{
      .shape = {32, 64, 8}, .x = at(1 << 20), .weight = at(2 << 20), .bias = at(3 << 20), .y = at(4 << 20)};
  const kernels::LinearForward second{
      .shape = {32, 8, 64}, .x = first.y, .weight = at(5 << 20), .bias = at(6 << 20), .y = at(7 << 20)};
  const OperationSummary pair =
      Operation::of<kernels::linear_pair_forward>({.first = first, .second = second}).summary();
  EXPECT_EQ(pair.bytes_read, 4 * (32 * 64 + 8 * 64 + 8 + 64 * 8 + 64));
  EXPECT_EQ(pair.bytes_written, 4 * (32 * 8 + 32 * 64));
  const kernels::LinearBackward gradient{.shape = {32, 64, 64}, .x = at(1 << 20), .dz = at(2 << 20)};
  kernels::LinearBackward weights = gradient, input = gradient;
  weights.dweight = at(3 << 20), weights.dbias = at(4 << 20);
  input.weight = at(5 << 20), input.dx = at(6 << 20);
  const OperationSummary both =
      Operation::of<kernels::linear_backward_beside>({.op = weights, .beside = input}).summary();
  EXPECT_EQ(both.bytes_read, 4 * (2 * 32 * 64 + 64 * 64));
  EXPECT_EQ(both.bytes_written, 4 * (64 * 64 + 64 + 32 * 64));
}

/// The copy of what is learnt, and health, come once in many steps.
TEST(GpuCost, LeavesOutWhatHappensRarely) {
  const StepProgram step = step_program({}, 64, DeviceKind::cuda);
  const OperationSummary begin = step.program.operations().front().summary();
  ASSERT_EQ(begin.name, "step_begin");
  const std::int64_t drawn = 4 * (2 * 64 * 100 + 64 * 10);
  EXPECT_GE(begin.bytes_written, drawn);
  EXPECT_LT(begin.bytes_written, drawn + 4096);
  EXPECT_LT(begin.bytes_read, 4 * 64 * 10 + 4096);
}

TEST(DescribedGpus, AreFoundByTheirNames) {
  EXPECT_EQ(described_gpu("h200").multiprocessors, 132);
  EXPECT_EQ(test::error_of([] { described_gpu("H900"); }), "GPU: 'H900' is none of a100, h100, h200");
  for (const DescribedGpu& gpu : described_gpus()) {
    EXPECT_EQ(&described_gpu(gpu.name), &gpu);
    EXPECT_LT(gpu.fp32, gpu.tf32);
    EXPECT_EQ(gpu.bf16, 2 * gpu.tf32);
  }
}

}  // namespace gpu_cost_test
}  // namespace agon
