// Every objective through whole steps: the devices agree, pieces of a batch are the batch, replicas are runs
// of their own.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>
#include <string>
#include <tuple>

#include "engine/gan/gan.hpp"
#include "tests/engine/snapshots.hpp"
#include "tests/kernels/objective_oracle.hpp"
#include "tests/test_device.hpp"

namespace agon {
namespace objectives_test {

constexpr std::int64_t kTableRows = 61;
constexpr std::uint64_t kSteps = 6;
constexpr double kBound = 1e-5;  // of the worst tensor's relative distance

/// Columns of different spreads, so that D's logits leave the middle of the objectives soon.
std::vector<float> table(const GanConfig& config) {
  std::mt19937 engine(5);
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<std::size_t>(kTableRows * config.width()));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = normal(engine) * static_cast<float>(i % static_cast<std::size_t>(config.width()) + 1);
  return values;
}

class Objectives : public testing::TestWithParam<std::tuple<Objective, test::TestDevice>> {
 protected:
  void SetUp() override { AGON_SKIP_IF_ABSENT(std::get<1>(GetParam())); }

  static Device device() { return std::get<1>(GetParam()).get(); }
  static GanConfig config() {
    GanConfig config;
    config.objective = std::get<0>(GetParam());
    config.generator.widths = {20, 40, 24, 6};
    config.discriminator.widths = {6, 48, 24, 1};
    config.batch = 24;
    config.generator_rate = config.discriminator_rate = 2e-3;
    config.epsilon = 1e-3;  // gradients that cancel to a rounding must not become whole steps of Adam
    return config;
  }
  static Gan trained(const GanConfig& config, const Device& device, const LoopOptions& loop = {},
                     int replicas = 1) {
    Gan gan(config, device, loop, replicas);
    gan.set_data(table(config), kTableRows);
    EXPECT_EQ(gan.train(kSteps), kSteps);
    return gan;
  }
  /// D's last bias moves all logits alike, which most of these objectives do not see: its gradient is what
  /// rounding leaves, and no more is asked of it than that the bias stays where it is.
  static double worst_distance(const Gan& a, const Gan& b) {
    Gan::Snapshot ours = a.snapshot(), theirs = b.snapshot();
    EXPECT_EQ(theirs.tensors.back().name, "discriminator.2.bias");
    EXPECT_NEAR(ours.tensors.back().value[0], theirs.tensors.back().value[0], kBound);
    ours.tensors.pop_back(), theirs.tensors.pop_back();
    return test::worst_distance(ours, theirs);
  }
  static void expect_close(const Gan& a, const Gan& b) {
    EXPECT_LE(worst_distance(a, b), kBound);
    const auto ours = a.statistics(), theirs = b.statistics();
    ASSERT_EQ(ours.size(), kSteps);
    ASSERT_EQ(theirs.size(), kSteps);
    for (std::size_t i = 0; i < kSteps; ++i)
      for (float StepStatistics::*member :
           {&StepStatistics::discriminator_loss, &StepStatistics::generator_loss,
            &StepStatistics::output_real, &StepStatistics::output_fake})
        EXPECT_NEAR(ours[i].*member, theirs[i].*member, kBound * std::max(1.0f, std::abs(theirs[i].*member)));
  }
};

TEST_P(Objectives, TheDeviceAgreesWithTheProcessor) {
  const Gan here = trained(config(), device(), {.unroll = 3}), there = trained(config(), Device::cpu(2));
  std::printf("%s: the worst tensor is %.1e from the processor's with two threads\n",
              std::string(to_string(config().objective)).c_str(), worst_distance(here, there));
  expect_close(here, there);
  test::expect_same_bits(trained(config(), device(), {.steps_per_launch = LoopOptions::kByOperation}), here);
}

TEST_P(Objectives, PiecesOfABatchAreTheBatch) {
  GanConfig pieces = config();
  pieces.batch = 22, pieces.micro_batch = 8;  // and a last piece of 6
  GanConfig whole = pieces;
  whole.micro_batch = 22;
  expect_close(trained(pieces, device()), trained(whole, device()));
}

TEST_P(Objectives, AReplicaIsARunOfItsOwn) {
  const Gan many = trained(config(), device(), {}, 3);
  for (int r = 0; r < 3; ++r) {
    GanConfig own = config();
    own.seed += static_cast<std::uint64_t>(r);
    test::expect_same_bits(many.snapshot(r), trained(own, device()).snapshot());
  }
}

TEST_P(Objectives, StepOnACallersBatchTakesItsRowsInBothPhases) {
  GanConfig one = config();
  one.batch = 1;
  Gan gan(one, device());
  const std::vector<float> row = {1, 2, 3, -4, 5, -6}, noise(40, 0.5f);
  const StepStatistics got = gan.step(row, noise);
  const float r = gan.discriminate(row)[0];  // by the updated D, as G's phase had it
  // G has moved on since: its loss then is known from the logit that its fake had.
  Gan before(one, device());
  const auto fake = before.generate(std::span(noise).first(20));
  const float f = gan.discriminate(fake)[0];
  EXPECT_NEAR(got.generator_loss, static_cast<double>(test::generator_loss(one.objective, r, f)), 2e-6);
}

std::string name_of(const testing::TestParamInfo<Objectives::ParamType>& test) {
  std::string name(to_string(std::get<0>(test.param)));
  for (char& c : name)
    if (c == '-') c = '_';
  return name + "_" + std::get<1>(test.param).name();
}

INSTANTIATE_TEST_SUITE_P(, Objectives,
                         testing::Combine(testing::ValuesIn(test::kObjectives),
                                          testing::ValuesIn(test::test_devices())),
                         name_of);

}  // namespace objectives_test
}  // namespace agon
