// The arithmetic of a step, and the figures that summarise its timings.
#include "host/commands/step_cost.hpp"

#include <gtest/gtest.h>

#include "host/commands/step_timing.hpp"
#include "host/run/trainer.hpp"

namespace agon::host {
namespace {

TEST(StepCost, TheArticlesNetworkTakesWhatWasCountedByHand) {
  const GanConfig config;
  EXPECT_EQ(config.generator.multiply_adds(), 181760);
  EXPECT_EQ(config.discriminator.multiply_adds(), 136448);
  EXPECT_EQ(step_multiply_adds(config), 1795584);
}

TEST(StepCost, IsWhatRuns) {
  GanConfig config;
  config.generator = {{3, 7, 5, 2}, 0.2f};
  config.discriminator = {{2, 11, 1}, 0.2f};
  config.batch = 6;
  const StepTiming timing = time_step({.config = config}, Device::cpu(1), 0.01);
  std::int64_t seen = 0;
  double total = 0;
  for (const OperationTime& operation : timing.operations) {
    seen += operation.multiply_adds;
    EXPECT_GE(operation.seconds, 0) << operation.name;
    total += operation.seconds;
  }
  EXPECT_LE(total, timing.observed);
  EXPECT_GT(total, timing.observed / 10);
  EXPECT_EQ(seen, step_multiply_adds(config) * config.batch);
  EXPECT_GE(timing.measurements, 10);
  EXPECT_GT(timing.step.median, 0);
}

TEST(StepTiming, OfReplicasAndMicroBatches) {
  GanConfig config;
  config.generator = {{3, 7, 2}, 0.2f};
  config.discriminator = {{2, 1}, 0.2f};
  config.batch = 24;
  config.micro_batch = 8;
  const StepTiming timing = time_step({.config = config, .replicas = 3}, Device::cpu(1), 0.001);
  EXPECT_EQ(timing.micro_batch, 8);
  EXPECT_EQ(timing.replicas, 3);
  EXPECT_TRUE(timing.operations.empty());
  EXPECT_DOUBLE_EQ(timing.steps_per_second(), 3 / timing.step.median);
}

TEST(StepTiming, SpreadInterpolatesBetweenOrderStatistics) {
  std::vector<double> seconds{5, 1, 4, 2, 3, 6, 11, 10, 9, 8, 7};
  const Spread s = spread(seconds);
  EXPECT_DOUBLE_EQ(s.median, 6);
  EXPECT_DOUBLE_EQ(s.p10, 2);
  EXPECT_DOUBLE_EQ(s.p90, 10);
  std::vector<double> two{4, 2};
  EXPECT_DOUBLE_EQ(spread(two).median, 3);
  std::vector<double> one{5};
  EXPECT_DOUBLE_EQ(spread(one).p90, 5);
}

TEST(Training, StepsOfEpochs) {
  EXPECT_EQ(steps_of(1000, 442, 64), 6907u);
  EXPECT_EQ(steps_of(1, 64, 64), 1u);
  EXPECT_EQ(steps_of(1, 65, 64), 2u);
  EXPECT_EQ(steps_of(1, 3, 64), 1u);
  EXPECT_EQ(steps_of(1000000000, 2147483647, 1), 2147483647000000000u);
}

}  // namespace
}  // namespace agon::host
