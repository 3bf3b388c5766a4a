// The article's whole GAN on a CUDA device beside the processor, and a small one in every precision; and
// however steps are repeated there, the same bits.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>
#include <string>

#include "engine/gan/gan.hpp"
#include "tests/engine/on_device.hpp"
#include "tests/engine/snapshots.hpp"
#include "tests/engine/trained_gan.hpp"

namespace agon {
namespace device_agreement_test {

using test::distance;

constexpr std::uint64_t kSteps = 20;
constexpr std::uint64_t kFewSteps = 8;
constexpr std::int64_t kRows = 442;
constexpr double kBound = 1e-5;  // of ||CUDA's - processor's|| / ||processor's||, each tensor; measured: 2e-7

std::vector<float> table(const GanConfig& config) {
  std::mt19937 engine(5);
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<std::size_t>(kRows * config.width()));
  for (float& value : values) value = normal(engine);
  return values;
}

struct Trained {
  Gan::Snapshot snapshot;
  std::vector<StepStatistics> statistics;
  std::vector<float> samples;
};

Trained result_of(const Gan& gan) { return {gan.snapshot(), gan.statistics(), gan.sample(100, 3)}; }

Gan train(const GanConfig& config, const Device& device, std::uint64_t steps, const LoopOptions& loop) {
  Gan gan(config, device, loop);
  gan.set_data(table(config), kRows);
  EXPECT_EQ(gan.train(steps), steps);
  return gan;
}

/// The worst tensor's: of parameters, moments and samples.
double worst_distance(const Trained& a, const Trained& b) {
  return std::max(distance(a.samples, b.samples), test::worst_distance(a.snapshot, b.snapshot));
}

/// Relative to the value, or to 1 where that is less: the losses of the first steps are some 0.7.
void expect_near(double ours, double theirs) {
  EXPECT_NEAR(ours, theirs, kBound * std::max(1.0, std::abs(theirs)));
}

void expect_close(const Trained& cuda, const Trained& processor) {
  double worst = 0;
  ASSERT_EQ(cuda.snapshot.tensors.size(), processor.snapshot.tensors.size());
  ASSERT_EQ(cuda.samples.size(), processor.samples.size());
  for (std::size_t i = 0; i < processor.snapshot.tensors.size(); ++i) {
    const auto &ours = cuda.snapshot.tensors[i], &theirs = processor.snapshot.tensors[i];
    for (const double apart : {distance(ours.value, theirs.value), distance(ours.moment1, theirs.moment1),
                               distance(ours.moment2, theirs.moment2)}) {
      EXPECT_LE(apart, kBound) << theirs.name;
      worst = std::max(worst, apart);
    }
  }
  EXPECT_LE(distance(cuda.samples, processor.samples), kBound);
  ASSERT_EQ(cuda.statistics.size(), kSteps);
  for (std::uint64_t step = 0; step < kSteps; ++step) {
    const StepStatistics &ours = cuda.statistics[step], &theirs = processor.statistics[step];
    EXPECT_EQ(ours.step, theirs.step);
    expect_near(ours.discriminator_loss, theirs.discriminator_loss);
    expect_near(ours.generator_loss, theirs.generator_loss);
    expect_near(ours.output_real, theirs.output_real);
    expect_near(ours.output_fake, theirs.output_fake);
  }
  std::printf("%d steps: the worst tensor is %.1e from the processor's\n", static_cast<int>(kSteps), worst);
}

void expect_same_bits(const Trained& a, const Trained& b) {
  test::expect_same_bits(a.snapshot, b.snapshot);
  EXPECT_EQ(a.samples, b.samples);
  ASSERT_EQ(a.statistics.size(), b.statistics.size());
  for (std::size_t i = 0; i < a.statistics.size(); ++i) {
    const StepStatistics &left = a.statistics[i], &right = b.statistics[i];
    EXPECT_EQ(left.discriminator_loss, right.discriminator_loss) << "step " << i + 1;
    EXPECT_EQ(left.generator_loss, right.generator_loss) << "step " << i + 1;
    EXPECT_EQ(left.output_real, right.output_real) << "step " << i + 1;
    EXPECT_EQ(left.output_fake, right.output_fake) << "step " << i + 1;
  }
}

class DeviceAgreement : public test::EngineOnDevice {};
INSTANTIATE_TEST_SUITE_P(, DeviceAgreement, testing::Values(test::TestDevice{DeviceKind::cuda}),
                         [](const auto& device) { return device.param.name(); });

TEST_P(DeviceAgreement, OfTheArticlesNetwork) {
  const GanConfig article;
  const Device device = DeviceAgreement::device();
  const Trained stepwise =
      result_of(train(article, device, kFewSteps, {.steps_per_launch = LoopOptions::kByOperation}));
  // The first step, then three times two captured ones, one more; and the first, two turns of a WHILE node of
  // three, one of the other.
  expect_same_bits(result_of(train(article, device, kFewSteps, {.steps_per_launch = 2})), stepwise);
  Gan repeated = train(article, device, kFewSteps, {.unroll = 3});
  expect_same_bits(result_of(repeated), stepwise);
  EXPECT_EQ(repeated.train(kSteps - kFewSteps), kSteps - kFewSteps);
  expect_close(result_of(repeated), result_of(train(article, Device::cpu(1), kSteps, {})));
}

TEST_P(DeviceAgreement, OfConditionsAndSoftHeads) {
  GanConfig config = test::ctgan_config();
  config.epsilon = 1e-3;                        // Adam makes no steps of a rounding
  config.objective = Objective::least_squares;  // Wasserstein's has no gradient by D's last bias but rounding
  const auto on = [&](const Device& device, const LoopOptions& loop) {
    return result_of(test::trained(config, device, kSteps, 1, loop));
  };
  const Trained captured = on(device(), {.unroll = 3});
  expect_same_bits(on(device(), {.steps_per_launch = LoopOptions::kByOperation}), captured);
  expect_close(captured, on(Device::cpu(1), {}));
}

/// A difference in a sum's last bit can send a factor to the other side of a tie: devices part earlier than
/// in fp32, and stay much closer to each other than to fp32's run.
TEST_P(DeviceAgreement, InEveryPrecision) {
  constexpr std::uint64_t kFew = 8;
  GanConfig config;
  config.generator.widths = {20, 40, 24, 6};
  config.discriminator.widths = {6, 48, 24, 1};
  config.batch = 24;
  const Device device = DeviceAgreement::device();
  const Trained fp32 = result_of(train(config, Device::cpu(1), kFew, {}));
  for (const kernels::Precision precision :
       {kernels::Precision::fp32, kernels::Precision::tf32, kernels::Precision::bf16}) {
    config.precision = precision;
    const Trained processor = result_of(train(config, Device::cpu(1), kFew, {}));
    const Trained captured = result_of(train(config, device, kFew, {.unroll = 3}));
    expect_same_bits(result_of(train(config, device, kFew, {.steps_per_launch = LoopOptions::kByOperation})),
                     captured);
    const double apart = worst_distance(captured, processor), from_fp32 = worst_distance(processor, fp32);
    std::printf("%s: the worst tensor is %.1e from the processor's, which is %.1e from fp32's\n",
                std::string(to_string(precision)).c_str(), apart, from_fp32);
    if (precision == kernels::Precision::fp32) {
      EXPECT_LE(apart, kBound);
    } else {
      EXPECT_LE(apart, from_fp32 / 5);
      EXPECT_GE(from_fp32, 1e-4);
    }
  }
}

}  // namespace device_agreement_test
}  // namespace agon
