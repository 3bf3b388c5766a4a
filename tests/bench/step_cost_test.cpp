// The arithmetic of a step, and the figures that summarise its timings.
#include "bench/step/cost.hpp"

#include <gtest/gtest.h>

#include "bench/step/timing.hpp"
#include "host/run/budget.hpp"

namespace agon::host {
namespace step_cost_test {

TEST(StepCost, TheArticlesNetworkTakesWhatWasCountedByHand) {
  const GanConfig config;
  EXPECT_EQ(config.generator.multiply_adds(), 181760);
  EXPECT_EQ(config.discriminator.multiply_adds(), 136448);
  EXPECT_EQ(step_multiply_adds(config), 1795584 * config.batch);
}

GanConfig small() {
  GanConfig config;
  config.generator = {{3, 7, 5, 2}, 0.2f};
  config.discriminator = {{2, 11, 9, 1}, 0.2f};
  config.batch = 6;
  return config;
}

StepTiming timed(const GanConfig& config) {
  const StepCase cases[] = {{.config = config}};
  return time_steps(cases, Device::cpu(1), 0.01).front();
}

void expect_what_runs(const GanConfig& config, const char* what) {
  const StepTiming timing = timed(config);
  std::int64_t seen = 0;
  double total = 0;
  for (const OperationTime& operation : timing.operations) {
    seen += operation.operation.multiply_adds;
    EXPECT_GE(operation.seconds, 0) << operation.operation.name;
    total += operation.seconds;
  }
  EXPECT_LE(total, timing.observed) << what;
  EXPECT_GT(total, timing.observed / 10) << what;
  EXPECT_EQ(seen, step_multiply_adds(config)) << what;
  EXPECT_GE(timing.measurements, 10) << what;
  EXPECT_GT(timing.step.median, 0) << what;
}

TEST(StepCost, IsWhatRuns) {
  expect_what_runs(small(), "plain");
  for (const int layers : {1, 2, 3}) {
    GanConfig config = small();
    config.discriminator.widths = {2, 11, 9};
    config.discriminator.widths.resize(static_cast<std::size_t>(layers));
    config.discriminator.widths.push_back(1);
    config.penalties = {.r1 = 1};
    expect_what_runs(config, "R1");
    config.penalties = {.r1 = 1, .r2 = 1};
    expect_what_runs(config, "R1 + R2");
    config.penalties = {.wgan_gp = 10};
    expect_what_runs(config, "WGAN-GP");
    config.penalties = {.r2 = 1, .dragan = 10};
    expect_what_runs(config, "DRAGAN and R2");
  }
}

TEST(StepCost, OfEveryPartOfARecipeIsWhatRuns) {
  GanConfig config = small();
  config.objective = Objective::relativistic;
  expect_what_runs(config, "relativistic");
  config.discriminator_steps = 3;
  expect_what_runs(config, "three phases of D");
  config.pack = 2;
  config.discriminator.widths.front() *= 2;
  expect_what_runs(config, "packed");
  config.penalties = {.r1 = 1, .wgan_gp = 10};
  config.micro_batch = 4;
  expect_what_runs(config, "in pieces");
  config.spectral_norm = true;
  config.clip_norm = 1;
  config.ema_samples = 100;
  config.instance_noise = {.deviation = 0.1, .steps = 100};
  expect_what_runs(config, "with all that is not counted");
}

TEST(StepCost, ThePlainStepIsWithoutThePartsOfARecipe) {
  GanConfig config = small();
  EXPECT_EQ(plain_step(config), timed_step(config));
  const GanConfig plain = plain_step(config);
  config.generator_rate = 1e-3;
  config.beta1 = 0;
  config.rate_schedule.shape = kernels::RateShape::cosine;
  config.burn_in = {100, 0.1, 0.99};
  EXPECT_EQ(timed_step(config), plain) << "what only changes numbers";
  config.pack = 3;
  config.discriminator.widths.front() = 6;
  config.penalties.r1 = 1;
  config.spectral_norm = true;
  config.discriminator_steps = 2;
  EXPECT_NE(timed_step(config), plain);
  EXPECT_EQ(plain_step(config), plain);
  config.objective = Objective::hinge;
  EXPECT_NE(plain_step(config), plain) << "an objective is no part that is left out";
}

TEST(StepTiming, OfReplicasAndMicroBatches) {
  GanConfig config;
  config.generator = {{3, 7, 2}, 0.2f};
  config.discriminator = {{2, 1}, 0.2f};
  config.batch = 24;
  config.micro_batch = 8;
  const StepCase cases[] = {{.config = config, .replicas = 3}};
  const StepTiming timing = time_steps(cases, Device::cpu(1), 0.001).front();
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

TEST(StepTiming, CasesTakeTurnsAndAreComparedByRound) {
  GanConfig config = small();
  std::vector<StepCase> cases{{.config = config}, {.config = config}};
  cases[1].config.discriminator_steps = 40;
  const std::vector<StepTiming> timings = time_steps(cases, Device::cpu(1), 0.02);
  ASSERT_EQ(timings.size(), 2u);
  ASSERT_GE(timings[0].rounds.size(), 3u);
  EXPECT_EQ(timings[0].rounds.size(), timings[1].rounds.size());
  const Quartiles slower = times_as_long(timings[1], timings[0]);
  EXPECT_GT(slower.lower, 2);
  EXPECT_LE(slower.lower, slower.median);
  EXPECT_LE(slower.median, slower.upper);
  StepTiming one, other;
  one.rounds = {2, 9, 4, 8, 10};
  other.rounds = {1, 3, 2, 2, 2};
  const Quartiles q = times_as_long(one, other);
  EXPECT_DOUBLE_EQ(q.lower, 2);
  EXPECT_DOUBLE_EQ(q.median, 3);
  EXPECT_DOUBLE_EQ(q.upper, 4);
}

TEST(Training, StepsOfEpochs) {
  EXPECT_EQ(steps_of(1000, 442, 64), 6907u);
  EXPECT_EQ(steps_of(1, 64, 64), 1u);
  EXPECT_EQ(steps_of(1, 65, 64), 2u);
  EXPECT_EQ(steps_of(1, 3, 64), 1u);
  EXPECT_EQ(steps_of(1000000000, 2147483647, 1), 2147483647000000000u);
}

}  // namespace step_cost_test
}  // namespace agon::host
