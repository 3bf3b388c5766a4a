// What a training's health samples are of, whatever pieces it comes in.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <utility>

#include "engine/gan/gan.hpp"
#include "engine/metrics/health_reference.hpp"
#include "tests/engine/on_device.hpp"
#include "tests/engine/snapshots.hpp"

namespace agon {
namespace health_samples_test {

using test::gradient_norm;

constexpr std::int64_t kSampleRows = 90, kSampleWidth = 3;

std::vector<float> table() {
  std::mt19937 engine(7);
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<std::size_t>(kSampleRows * kSampleWidth));
  for (float& value : values) value = 2 * normal(engine) + 1;
  return values;
}

GanConfig config_of(Objective objective, std::int64_t micro_batch) {
  GanConfig config;
  config.generator = {{5, 17, 24, kSampleWidth}, 0.2f};
  config.discriminator = {{kSampleWidth, 20, 18, 1}, 0.2f};
  config.batch = 22;
  config.micro_batch = micro_batch;
  config.objective = objective;
  config.seed = 3;
  return config;
}

void expect_same(const HealthSample& a, const HealthSample& b) {
  EXPECT_EQ(a.step, b.step);
  const auto same = [](float x, float y) { return x == y || (std::isnan(x) && std::isnan(y)); };
  EXPECT_TRUE(same(a.generator_gradient, b.generator_gradient));
  EXPECT_TRUE(same(a.discriminator_gradient, b.discriminator_gradient));
  EXPECT_TRUE(same(a.saturated_real, b.saturated_real) && same(a.saturated_fake, b.saturated_fake));
  EXPECT_TRUE(same(a.spread_least, b.spread_least) && same(a.spread_mean, b.spread_mean));
  EXPECT_TRUE(same(a.shift_most, b.shift_most) && same(a.distance, b.distance));
}

class HealthSamples : public test::EngineOnDevice {};
INSTANTIATE_TEST_SUITE_P(Devices, HealthSamples, testing::ValuesIn(test::test_devices()),
                         [](const auto& device) { return device.param.name(); });

/// Adam in the gradients' epilogue or after the last of the micro-batches: the gradient is still there.
TEST_P(HealthSamples, AreOfTheGradientsThatTheStepBeforeLeft) {
  for (const Objective objective : {Objective::non_saturating, Objective::relativistic}) {
    for (const std::int64_t micro_batch : {0, 8}) {
      SCOPED_TRACE(testing::Message() << to_string(objective) << ", micro-batch " << micro_batch);
      Gan gan(config_of(objective, micro_batch), device(), {.unroll = 3});
      gan.set_data(table(), kSampleRows);
      gan.train(63);
      EXPECT_TRUE(gan.health_samples().empty());
      const double g = gradient_norm(gan, "generator."), d = gradient_norm(gan, "discriminator.");
      gan.train(1);
      ASSERT_EQ(gan.health_samples().size(), 1u);
      const HealthSample health = gan.health_samples()[0];
      EXPECT_EQ(health.step, 64u);
      EXPECT_NEAR(health.generator_gradient, g, 1e-5 * g);
      EXPECT_NEAR(health.discriminator_gradient, d, 1e-5 * d);
      EXPECT_TRUE(health.saturated_real >= 0 && health.saturated_real <= 1);
    }
  }
}

/// With a rate that moves nothing the spread is that of G's fresh rows: ten times less than the table's or
/// so, whatever noise D sees on them.
TEST_P(HealthSamples, AreOfTheGeneratorsRows) {
  for (const double noise : {0.0, 2.0}) {
    for (const auto& [objective, micro_batch] : {std::pair{Objective::non_saturating, 0},
                                                 {Objective::non_saturating, 48},
                                                 {Objective::relativistic, 0},
                                                 {Objective::relativistic, 48}}) {
      SCOPED_TRACE(testing::Message()
                   << to_string(objective) << ", micro-batch " << micro_batch << ", noise " << noise);
      GanConfig config = config_of(objective, micro_batch);
      config.instance_noise.deviation = noise;
      config.batch = 88;
      config.generator_rate = config.discriminator_rate = 1e-12;
      Gan gan(config, device(), {.unroll = 16});
      gan.set_data(table(), kSampleRows);
      gan.train(64);
      const HealthSample health = gan.health_samples().at(0);
      const std::vector<float> reference = health_reference(table(), kSampleRows, 44),
                               rows = gan.sample(4096, 1);
      double sum = 0, least = 1e9;
      for (std::int64_t c = 0; c < kSampleWidth; ++c) {
        double mean = 0, square = 0;
        for (std::int64_t i = 0; i < 4096; ++i) mean += rows[i * kSampleWidth + c] / 4096.0;
        for (std::int64_t i = 0; i < 4096; ++i)
          square += std::pow(rows[i * kSampleWidth + c] - mean, 2) / 4096;
        const double ratio = std::sqrt(square) / reference[kSampleWidth + c];
        sum += ratio / kSampleWidth;
        least = std::min(least, ratio);
      }
      ASSERT_LT(sum, 0.4);
      EXPECT_NEAR(health.spread_mean, sum, 0.3 * sum);
      EXPECT_NEAR(health.spread_least, least, 0.3 * least);
      EXPECT_LT(health.distance, 0.5);
      EXPECT_GT(health.distance, 0.01);
    }
  }
}

TEST_P(HealthSamples, AreTheSameInPiecesAndBesideOthers) {
  const GanConfig config = config_of(Objective::non_saturating, 0);
  Gan whole(config, device(), {.unroll = 3});
  whole.set_data(table(), kSampleRows);
  whole.train(130);
  ASSERT_EQ(whole.health_samples().size(), 2u);
  ASSERT_EQ(whole.health_samples(64).size(), 1u);
  Gan pieces(config, device(), {.unroll = 3});
  pieces.set_data(table(), kSampleRows);
  for (const std::uint64_t steps : {60, 3, 1, 50, 16}) pieces.train(steps);
  GanConfig before = config;
  before.seed -= 1;
  Gan beside(before, device(), {.unroll = 3}, 2);
  beside.set_data(table(), kSampleRows);
  beside.train(130);
  for (std::size_t i = 0; i < 2; ++i) {
    expect_same(pieces.health_samples().at(i), whole.health_samples()[i]);
    expect_same(beside.health_samples(0, 1).at(i), whole.health_samples()[i]);
    EXPECT_NE(beside.health_samples(0, 0).at(i).generator_gradient,
              whole.health_samples()[i].generator_gradient);
  }
}

TEST_P(HealthSamples, GoOnAfterARestore) {
  const GanConfig config = config_of(Objective::non_saturating, 0);
  Gan whole(config, device(), {.unroll = 3}), resumed(config, device(), {.unroll = 3});
  for (Gan* gan : {&whole, &resumed}) gan->set_data(table(), kSampleRows);
  whole.train(62);
  const Gan::Snapshot good = whole.snapshot();
  whole.train(1);
  const Gan::Snapshot bare = whole.snapshot();
  whole.train(65);
  resumed.restore(good);
  resumed.train(66);
  expect_same(resumed.health_samples().at(0), whole.health_samples().at(0));
  resumed.restore(bare);  // what the step before left is not in a snapshot
  resumed.train(65);
  ASSERT_EQ(resumed.health_samples().size(), 1u);
  expect_same(resumed.health_samples()[0], whole.health_samples().at(1));
}

TEST(LookReference, IsOfTheTable) {
  const std::vector<float> rows{0, 0, 3, 4, 0, 8, 3, 4};  // two of them equal
  const std::vector<float> reference = health_reference(rows, 4, 4);
  ASSERT_EQ(reference.size(), 5u);
  EXPECT_FLOAT_EQ(reference[0], 1.5f);
  EXPECT_FLOAT_EQ(reference[1], 4);
  EXPECT_FLOAT_EQ(reference[2], 1.5f);
  EXPECT_FLOAT_EQ(reference[3], std::sqrt(8.0f));
  EXPECT_FLOAT_EQ(reference[4], 2.5f);  // 5, 0, 5, 0
  EXPECT_TRUE(std::isnan(health_reference(rows, 4, 1)[4]));
  const std::vector<float> constant = health_reference(std::vector<float>(777, 0.1f), 777, 2);
  EXPECT_EQ(constant[0], 0.1f);
  EXPECT_EQ(constant[1], 0.0f);
  std::mt19937 engine(1);
  std::uniform_real_distribution<float> uniform;
  std::vector<float> line(10000);
  for (float& value : line) value = uniform(engine);
  EXPECT_NEAR(health_reference(line, 10000, 100)[2], 1.0 / 200, 1.0 / 1000);  // of 100 on [0, 1]
}

}  // namespace health_samples_test
}  // namespace agon
