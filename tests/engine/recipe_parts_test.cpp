// Packing, several discriminator phases, instance noise and penalties as parts of a training: each against
// what it stands for, and all of them together in micro-batches, replicas and resumed runs.
#include <gtest/gtest.h>

#include <cmath>

#include "kernels/error.hpp"
#include "tests/engine/gradient_oracle.hpp"
#include "tests/engine/on_device.hpp"
#include "tests/engine/snapshots.hpp"
#include "tests/engine/trained_gan.hpp"

namespace agon {
namespace recipe_parts_test {

using test::expect_same_bits, test::normal_numbers, test::PlainGame, test::ready, test::trained,
    test::worst_distance;

GanConfig small() {
  GanConfig config;
  config.generator = {{5, 17, 24, 3}, 0.2f};
  config.discriminator = {{3, 20, 18, 1}, 0.2f};
  config.batch = 24;
  return config;
}

/// All parts at once, about the pairs' objective.
GanConfig every_part() {
  GanConfig config = small();
  config.objective = Objective::relativistic;
  config.discriminator.widths.front() = 6;
  config.pack = 2;
  config.discriminator_steps = 3;
  config.penalties = {.r1 = 0.5, .r2 = 0.25, .wgan_gp = 2};
  config.instance_noise = {.deviation = 0.3, .steps = 20};
  return config;
}

class RecipeParts : public test::EngineOnDevice {};
INSTANTIATE_TEST_SUITE_P(Devices, RecipeParts, testing::ValuesIn(test::test_devices()),
                         [](const auto& device) { return device.param.name(); });

/// Through the updated D, whose packs mix the gradients of their rows.
TEST_P(RecipeParts, PackedGradientsOfTheGeneratorMatchFiniteDifferences) {
  GanConfig config = small();
  config.discriminator.widths.front() = 12;
  config.pack = 4;
  config.generator_rate = 0;
  config.discriminator_rate = 0.01;
  Gan gan(config, device());
  const test::Inputs in = test::inputs_of(config);
  const StepStatistics got = gan.step(in.rows, in.noise);
  PlainGame game = test::game_of(gan, in);
  EXPECT_NEAR(got.generator_loss, game.generator_loss(), 2e-6);
  test::expect_gradient(
      gan, "generator.", game.generator, [&] { return game.generator_loss(); }, 1e-5, 6e-8);
}

/// Two phases in a step are a step in which G stands still, and one in which it moves for the first time.
TEST_P(RecipeParts, EveryDiscriminatorPhaseIsAnUpdateOfItsOwn) {
  GanConfig config = small();
  config.objective = Objective::relativistic;
  config.penalties.r1 = 1;
  const std::int64_t batch = config.batch * 3, noise = config.batch * 5;
  const auto rows = normal_numbers(2 * batch, 1), noises = normal_numbers(3 * noise, 2);
  config.discriminator_steps = 2;
  Gan both(config, device());
  both.step(rows, noises);

  config.discriminator_steps = 1;
  GanConfig frozen = config;
  frozen.generator_rate = 0;
  Gan first(frozen, device());
  first.step(std::span(rows).first(static_cast<std::size_t>(batch)),
             std::span(noises).first(static_cast<std::size_t>(2 * noise)));
  Gan::Snapshot between = first.snapshot();
  between.generator_updates = 0;
  for (auto& tensor : between.tensors)
    if (tensor.name.starts_with("generator."))
      for (auto* moment : {&tensor.moment1, &tensor.moment2}) std::fill(moment->begin(), moment->end(), 0.0f);
  Gan second(config, device());
  second.restore(between);
  second.step(std::span(rows).last(static_cast<std::size_t>(batch)),
              std::span(noises).last(static_cast<std::size_t>(2 * noise)));
  Gan::Snapshot expected = second.snapshot();
  EXPECT_EQ(expected.step, 2u);
  expected.step = 1;
  expect_same_bits(both.snapshot(), expected);
}

/// A linear D tells what it saw: its mean logits.
TEST_P(RecipeParts, TheDiscriminatorSeesNoiseOnRealRowsAndFakes) {
  GanConfig config = small();
  config.generator.widths = {5, 2};
  config.discriminator.widths = {2, 1};
  config.objective = Objective::wasserstein;
  config.generator_rate = config.discriminator_rate = 0;
  config.batch = 6;
  config.instance_noise = {.deviation = 0.5, .steps = 4};
  Gan gan(config, device());
  const auto rows = normal_numbers(12, 1), noise = normal_numbers(60, 2);
  const auto weight = gan.parameter("discriminator.0.weight"), bias = gan.parameter("discriminator.0.bias");
  const auto fakes = gan.generate(noise);
  constexpr std::uint32_t kPurpose = 7;
  for (std::uint64_t step = 0; step < 5; ++step) {
    const auto numbers = test::normal_oracle(config.seed, kPurpose, step, 36);
    const double deviation = 0.5 * std::max(0.0, 1 - static_cast<double>(step) / 4);
    const auto mean = [&](const float* seen, std::size_t first) {
      double sum = 0;
      for (std::size_t e = 0; e < 12; ++e)
        sum += weight[e % 2] * (seen[e] + deviation * static_cast<double>(numbers[first + e]));
      return sum / 6 + bias[0];
    };
    const StepStatistics got = gan.step(rows, noise);
    EXPECT_NEAR(got.output_real, mean(rows.data(), 0), 2e-6);
    EXPECT_NEAR(got.output_fake, mean(fakes.data(), 12), 2e-6);
    EXPECT_NEAR(got.generator_loss, -mean(fakes.data() + 12, 24), 2e-6);
  }
}

TEST_P(RecipeParts, AllTogetherAddUpInMicroBatches) {
  GanConfig config = every_part();
  config.epsilon = 1e-3;  // a pair's pulls on D's biases nearly cancel: Adam would make steps of the rounding
  const Gan whole = trained(config, device(), 6);
  config.micro_batch = 8;
  const Gan parts = trained(config, device(), 6);
  Gan::Snapshot split = parts.snapshot(), unsplit = whole.snapshot();
  for (Gan::Snapshot* one : {&split, &unsplit}) one->tensors.pop_back();  // D's last bias: they cancel
  EXPECT_LE(worst_distance(split, unsplit), 2e-5);
  EXPECT_GT(worst_distance(parts.snapshot(), Gan(config, device()).snapshot()), 1e-4);
  const auto mine = parts.statistics(), its = whole.statistics();
  ASSERT_EQ(mine.size(), its.size());
  for (std::size_t i = 0; i < mine.size(); ++i) {
    EXPECT_NEAR(mine[i].discriminator_loss, its[i].discriminator_loss, 1e-5);
    EXPECT_NEAR(mine[i].penalty, its[i].penalty, 1e-5);
  }
}

TEST_P(RecipeParts, AllTogetherRunInReplicas) {
  const Gan side_by_side = trained(every_part(), device(), 5, 2);
  for (const int r : {0, 1}) {
    GanConfig config = every_part();
    config.seed += static_cast<std::uint64_t>(r);
    expect_same_bits(side_by_side.snapshot(r), trained(config, device(), 5).snapshot());
  }
}

TEST_P(RecipeParts, AllTogetherResumeToTheSameBits) {
  const Gan whole = trained(every_part(), device(), 7);
  Gan rest = ready(every_part(), device());
  rest.restore(trained(every_part(), device(), 3).snapshot());
  EXPECT_EQ(rest.train(4), 4u);
  expect_same_bits(rest.snapshot(), whole.snapshot());
}

TEST_P(RecipeParts, AllTogetherAreTheSameHoweverTheyAreLaunched) {
  const Gan by_operation =
      trained(every_part(), device(), 5, 1, {.steps_per_launch = LoopOptions::kByOperation});
  expect_same_bits(by_operation, trained(every_part(), device(), 5, 1, {.unroll = 2}));
}

/// Means of the rows that each step's last phase of D learnt from: each of eight rows is a bit of its own.
std::vector<float> batches(std::int64_t phases, std::uint64_t steps, const Device& device) {
  GanConfig config = small();
  config.generator.widths = {5, 1};
  config.discriminator.widths = {1, 1};
  config.objective = Objective::wasserstein;
  config.generator_rate = config.discriminator_rate = 0;
  config.batch = 4;
  config.discriminator_steps = phases;
  Gan gan(config, device);
  gan.set_data(std::vector<float>{1, 2, 4, 8, 16, 32, 64, 128}, 8);
  gan.set_parameter("discriminator.0.weight", std::vector<float>{1});
  gan.set_parameter("discriminator.0.bias", std::vector<float>{0});
  EXPECT_EQ(gan.train(steps), steps);
  std::vector<float> means;
  for (const StepStatistics& row : gan.statistics()) means.push_back(row.output_real);
  return means;
}

/// Each once an epoch, over the step's phases too: two phases go through the table as two steps of one do.
TEST_P(RecipeParts, PhasesTakeTheTablesRowsInTurn) {
  const std::vector<float> one = batches(1, 6, device()), two = batches(2, 3, device());
  ASSERT_EQ(one.size(), 6u);
  ASSERT_EQ(two.size(), 3u);
  for (std::size_t s = 0; s < two.size(); ++s) {
    EXPECT_EQ(std::popcount(static_cast<unsigned>(std::lround(4 * two[s]))), 4) << two[s];
    EXPECT_EQ(two[s], one[2 * s + 1]) << "step " << s;
  }
}

TEST(RecipePartsConfig, WhatCannotBeIsRefused) {
  const auto refused = [](const auto& change) {
    GanConfig config = small();
    change(config);
    EXPECT_THROW(config.validate(), ConfigurationError);
  };
  refused([](GanConfig& c) { c.pack = 5; });
  refused([](GanConfig& c) { c.pack = 2; });  // D's input is one row wide
  refused([](GanConfig& c) { c.penalties.r1 = -1; });
  refused([](GanConfig& c) { c.penalties.r2 = std::nan(""); });
  refused([](GanConfig& c) { c.penalties.wgan_gp = c.penalties.dragan = 1; });
  refused([](GanConfig& c) { c.discriminator_steps = 0; });
  refused([](GanConfig& c) { c.instance_noise.deviation = -0.1; });
  EXPECT_NO_THROW(every_part().validate());
}

}  // namespace recipe_parts_test
}  // namespace agon
