// The Gan's public face: steps, samples, parameters by name, exact resume.
#include "engine/gan/gan.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <random>

#include "engine/runtime/counters.hpp"
#include "kernels/error.hpp"
#include "tests/engine/on_device.hpp"
#include "tests/engine/snapshots.hpp"
#include "tests/engine/trained_gan.hpp"

namespace agon {
namespace gan_test {

using test::expect_same_bits, test::normal_numbers;

GanConfig small_config() {
  GanConfig config;
  config.generator = {{5, 17, 9, 3}, 0.2f};
  config.discriminator = {{3, 11, 1}, 0.2f};
  config.batch = 6;
  config.seed = 42;
  return config;
}

Gan trained(const GanConfig& config, const Device& device, std::vector<std::uint64_t> pieces) {
  Gan gan(config, device);
  const std::int64_t rows = 31;
  gan.set_data(normal_numbers(rows * config.width(), 7), rows);
  for (const std::uint64_t piece : pieces) gan.train(piece);
  return gan;
}

class GanTest : public test::EngineOnDevice {};
INSTANTIATE_TEST_SUITE_P(Devices, GanTest, testing::ValuesIn(test::test_devices()),
                         [](const auto& device) { return device.param.name(); });

TEST_P(GanTest, NamesItsParametersInLayerOrder) {
  const Gan gan(small_config(), device());
  std::vector<std::string> names;
  for (const TensorView& view : gan.parameters()) names.push_back(view.name);
  EXPECT_EQ(names, (std::vector<std::string>{"generator.0.weight", "generator.0.bias", "generator.1.weight",
                                             "generator.1.bias", "generator.2.weight", "generator.2.bias",
                                             "discriminator.0.weight", "discriminator.0.bias",
                                             "discriminator.1.weight", "discriminator.1.bias"}));
  EXPECT_EQ(gan.parameters()[2].shape, (std::vector<std::int64_t>{9, 17}));
}

TEST_P(GanTest, StartsFromUniformWeightsWithinTheirBoundAndUnlikeEachOther) {
  GanConfig config = small_config();
  config.generator.widths = {100, 128, 3};
  config.discriminator.widths = {3, 100, 128, 1};
  const Gan gan(config, device());
  const auto weights = gan.parameter("generator.0.weight");
  double sum = 0, squares = 0;
  for (const float weight : weights) {
    EXPECT_LE(std::abs(weight), 0.1f);
    sum += weight;
    squares += weight * weight;
  }
  const double n = static_cast<double>(weights.size());
  EXPECT_NEAR(sum / n, 0.0, 4 * 0.1 / std::sqrt(3 * n));
  EXPECT_NEAR(squares / n, 0.01 / 3, 1e-4);
  EXPECT_NE(weights, gan.parameter("discriminator.1.weight"));
  EXPECT_EQ(weights, Gan(config, device()).parameter("generator.0.weight"));
  config.seed = 43;
  EXPECT_NE(weights, Gan(config, device()).parameter("generator.0.weight"));
}

TEST_P(GanTest, KeepsWhatIsSetByName) {
  Gan gan(small_config(), device());
  const auto neighbour = gan.parameter("discriminator.0.bias");
  const auto values = normal_numbers(33, 3);
  gan.set_parameter("discriminator.0.weight", values);
  EXPECT_EQ(gan.parameter("discriminator.0.weight"), values);
  EXPECT_EQ(gan.parameter("discriminator.0.bias"), neighbour);
  EXPECT_THROW(gan.set_parameter("discriminator.0.weight", normal_numbers(32, 3)), ConfigurationError);
  EXPECT_THROW(gan.parameter("generator.7.weight"), ConfigurationError);
}

TEST_P(GanTest, ARunInPiecesIsTheRunInOnePiece) {
  const GanConfig config = small_config();
  expect_same_bits(trained(config, device(), {40}), trained(config, device(), {1, 7, 2, 30}));
}

TEST_P(GanTest, AResumedRunIsTheUninterruptedRun) {
  const GanConfig config = small_config();
  const Gan whole = trained(config, device(), {40});
  const Gan first = trained(config, device(), {23});
  Gan second(config, device());
  second.restore(first.snapshot());
  second.set_data(normal_numbers(31 * 3, 7), 31);
  EXPECT_EQ(second.train(17), 17u);
  expect_same_bits(whole, second);
  EXPECT_EQ(whole.sample(50, 5), second.sample(50, 5));
  const auto statistics = second.statistics();
  ASSERT_EQ(statistics.size(), 17u);
  EXPECT_EQ(statistics.front().step, 24u);
  EXPECT_EQ(statistics.back().step, 40u);
  EXPECT_EQ(statistics.back().generator_loss, whole.statistics().back().generator_loss);
}

TEST_P(GanTest, AResumedRunGoesOnAlongItsSchedule) {
  for (const auto shape : {kernels::RateShape::linear, kernels::RateShape::cosine}) {
    GanConfig config = small_config();
    config.rate_schedule = {.shape = shape, .warmup_steps = 6, .steps = 40, .final_fraction = 0.1};
    const Gan whole = trained(config, device(), {40});
    for (const std::uint64_t at : {3, 23}) {
      Gan second(config, device());
      second.restore(trained(config, device(), {at}).snapshot());
      second.set_data(normal_numbers(31 * 3, 7), 31);
      EXPECT_EQ(second.train(40 - at), 40 - at);
      expect_same_bits(whole, second);
    }
    EXPECT_NE(whole.parameter("generator.2.weight"),
              trained(small_config(), device(), {40}).parameter("generator.2.weight"));
    // More steps in all are another schedule.
    GanConfig longer = config;
    longer.rate_schedule.steps = 80;
    EXPECT_NE(whole.parameter("generator.2.weight"),
              trained(longer, device(), {40}).parameter("generator.2.weight"));
  }
}

TEST_P(GanTest, ARateThatHasFallenToNothingMovesNothing) {
  GanConfig config = small_config();
  config.rate_schedule = {
      .shape = kernels::RateShape::cosine, .warmup_steps = 0, .steps = 10, .final_fraction = 0};
  Gan gan = trained(config, device(), {9});
  const auto before = gan.parameter("generator.2.weight");
  EXPECT_EQ(gan.train(1), 1u);
  const auto last = gan.parameter("generator.2.weight");
  EXPECT_NE(last, before);
  EXPECT_EQ(gan.train(5), 5u);
  EXPECT_EQ(gan.parameter("generator.2.weight"), last);
}

TEST_P(GanTest, AWatchSeesTheStatisticsOfARunUnderWay) {
  // The simulated device works a launch at a time.
  Gan gan(small_config(), device(), {.steps_per_launch = 1, .poll_every = std::chrono::milliseconds(0)});
  gan.set_data(normal_numbers(31 * 3, 7), 31);
  std::vector<StepStatistics> seen;
  int pieces = 0;
  const std::uint64_t done = gan.train(40, [&] {
    const auto fresh = gan.statistics(seen.empty() ? 0 : seen.back().step);
    pieces += fresh.empty() ? 0 : 1;
    seen.insert(seen.end(), fresh.begin(), fresh.end());
    return seen.size() < 15;
  });
  EXPECT_EQ(done, gan.steps());
  EXPECT_GE(done, 15u);
  EXPECT_GT(pieces, 1);
  const auto all = gan.statistics();
  ASSERT_EQ(all.size(), done);
  ASSERT_LE(seen.size(), done);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i].step, i + 1);
    EXPECT_EQ(seen[i].generator_loss, all[i].generator_loss);
  }
  EXPECT_EQ(gan.statistics(10).front().step, 11u);
  expect_same_bits(gan, trained(small_config(), device(), {done}));
}

TEST_P(GanTest, TheHostDoesTheSameForAnyNumberOfSteps) {
  Gan gan = trained(small_config(), device(), {20});
  const auto asked = [&](std::uint64_t steps) {
    const RuntimeCounters before = runtime_counters();
    EXPECT_EQ(gan.train(steps), steps);
    const RuntimeCounters after = runtime_counters();
    EXPECT_EQ(after.allocations, before.allocations);
    EXPECT_EQ(after.graphs, before.graphs);
    return std::array{after.waits - before.waits, after.copies - before.copies,
                      after.graph_launches - before.graph_launches};
  };
  const auto few = asked(3);
  EXPECT_EQ(asked(test::simulated() ? 150 : 5000), few);
  EXPECT_LE(few[0], 4u);
  EXPECT_LE(few[1], 3u);
  EXPECT_LE(few[2], 1u);
}

TEST_P(GanTest, TheSeedChangesTheRun) {
  GanConfig config = small_config();
  const Gan first = trained(config, device(), {3});
  config.seed = 44;
  EXPECT_NE(first.parameter("generator.2.weight"),
            trained(config, device(), {3}).parameter("generator.2.weight"));
}

TEST_P(GanTest, SamplesDependOnSeedAndRowAlone) {
  const Gan gan = trained(small_config(), device(), {5});
  const auto all = gan.sample(2500, 9);
  ASSERT_EQ(all.size(), 7500u);
  EXPECT_EQ(gan.sample(100, 9), std::vector<float>(all.begin(), all.begin() + 300));
  EXPECT_EQ(gan.sample(Gan::Rows{1000, 100}, 9), std::vector<float>(all.begin() + 3000, all.begin() + 3300));
  EXPECT_NE(gan.sample(100, 10), gan.sample(100, 9));
  EXPECT_TRUE(gan.sample(0, 9).empty());
}

TEST_P(GanTest, StepOnTheCallersBatchReportsItsStatistics) {
  Gan gan(small_config(), device());
  const auto batch = normal_numbers(6 * 3, 1), noise = normal_numbers(2 * 6 * 5, 2);
  const auto fakes = gan.generate(std::span(noise).first(30));
  double probability = 0, loss = 0;
  for (const float logit : gan.discriminate(batch)) loss += std::log1p(std::exp(-logit)) / 6;
  for (const float logit : gan.discriminate(fakes)) {
    loss += std::log1p(std::exp(logit)) / 6;
    probability += 1 / (1 + std::exp(-logit)) / 6;
  }
  const StepStatistics statistics = gan.step(batch, noise);
  EXPECT_EQ(statistics.step, 1u);
  EXPECT_EQ(gan.steps(), 1u);
  EXPECT_NEAR(statistics.discriminator_loss, loss, 1e-5);
  EXPECT_NEAR(statistics.output_fake, probability, 1e-6);
  EXPECT_THROW(gan.step(noise, batch), ConfigurationError);
}

TEST_P(GanTest, StopsAndSaysSoWhenALossIsNotFinite) {
  Gan gan = trained(small_config(), device(), {10});
  EXPECT_FALSE(gan.diverged());
  gan.set_parameter("generator.2.bias", std::vector<float>(3, std::numeric_limits<float>::quiet_NaN()));
  EXPECT_LT(gan.train(100), 100u);
  EXPECT_TRUE(gan.diverged());
  EXPECT_EQ(gan.train(5), 0u);
}

/// Copies are made at the starts of steps 1, 1025, 2049, ...; one is good when its step's losses are finite.
TEST(GanRollsBack, ToTheLastCopyKnownToBeGood) {
  const Device device = Device::cpu(1);
  const std::vector<float> poison(3, std::numeric_limits<float>::quiet_NaN());
  const auto poisoned_after = [&](std::uint64_t steps) {
    Gan gan = trained(small_config(), device, {steps});
    gan.set_parameter("generator.2.bias", poison);
    EXPECT_EQ(gan.train(10), 1u);
    EXPECT_TRUE(gan.diverged());
    return gan;
  };
  const Gan late = poisoned_after(1030);
  EXPECT_EQ(late.steps(), 1024u);
  expect_same_bits(late, trained(small_config(), device, {1024}));
  // The copy made then is of the poisoned state: its step diverges, and it is not taken.
  const Gan at_a_copy = poisoned_after(1024);
  EXPECT_EQ(at_a_copy.steps(), 0u);
  expect_same_bits(at_a_copy, Gan(small_config(), device));
}

TEST_P(GanTest, RefusesASnapshotOfAnotherNetwork) {
  GanConfig other = small_config();
  other.generator.widths[1] = 18;
  Gan gan(small_config(), device());
  const auto before = gan.parameter("generator.0.weight");
  EXPECT_THROW(gan.restore(Gan(other, device()).snapshot()), ConfigurationError);
  EXPECT_EQ(gan.parameter("generator.0.weight"), before);
}

}  // namespace gan_test
}  // namespace agon
