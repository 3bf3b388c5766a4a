// A training whose layers have more than their linear part: what is learnt beside the parameters, and all of
// it in replicas, micro-batches, averages, checkpoints and resumed runs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/checkpoint/checkpoint.hpp"
#include "kernels/error.hpp"
#include "tests/engine/gradient_oracle.hpp"
#include "tests/engine/on_device.hpp"
#include "tests/engine/snapshots.hpp"
#include "tests/engine/trained_gan.hpp"

namespace agon {
namespace layers_training_test {

using test::copy_network, test::expect_same_bits, test::game_of, test::inputs_of, test::normal_numbers,
    test::PlainGame, test::PlainNetwork, test::PlainRows, test::ready, test::rows_of, test::trained,
    test::worst_distance;

const std::uint64_t kSome = test::simulated() ? 6 : 20;  // steps

GanConfig small(NormKind norm) {
  GanConfig config;
  config.generator = {{5, 17, 24, 3}, 0.2f, norm};
  config.discriminator = {{3, 20, 18, 1}, 0.2f};
  config.batch = 24;
  config.ema_samples = 500;
  return config;
}

/// All that layers can have, of a game with every kind of row.
GanConfig everything() {
  GanConfig config = small(NormKind::batch);
  config.generator.residual = Residual::concat;
  config.generator.dropout = 0.25;
  config.discriminator.dropout = 0.5;
  config.discriminator.widths.front() = 6;
  config.pack = 2;
  config.discriminator_steps = 2;
  config.objective = Objective::relativistic;
  config.penalties = {.r1 = 0.5, .r2 = 0.25, .wgan_gp = 2};
  config.instance_noise = {.deviation = 0.3, .steps = 20};
  config.epsilon = 1e-3;  // a pair's pulls on D's biases nearly cancel: Adam would make steps of the rounding
  return config;
}

/// What the other player can have: a norm and blocks in D, dropout and an activation in G.
GanConfig turned_round() {
  GanConfig config = small(NormKind::layer);
  config.generator.widths = {5, 17, 17, 3};
  config.generator.residual = Residual::add;
  config.generator.dropout = 0.25;
  config.generator.output = ActivationKind::tanh;
  config.discriminator.norm = NormKind::batch;
  config.discriminator.residual = Residual::concat;
  config.discriminator.dropout = 0.25;
  config.spectral_norm = true;
  config.epsilon = 1e-3;
  return config;
}

std::vector<GanConfig> all_kinds() {
  GanConfig residual = small(NormKind::none), dropout = residual;
  residual.generator.residual = Residual::concat;
  dropout.discriminator.dropout = 0.3;
  if (test::simulated()) return {turned_round(), everything()};  // they have all of it, in less time
  return {small(NormKind::batch), small(NormKind::layer), residual, dropout, everything(), turned_round()};
}

class LayersInTraining : public test::EngineOnDevice {};
INSTANTIATE_TEST_SUITE_P(Devices, LayersInTraining, testing::ValuesIn(test::test_devices()),
                         [](const auto& device) { return device.param.name(); });

/// D's batch moves them first, then G's: means, and unbiased variances, by a tenth.
TEST_P(LayersInTraining, RunningStatisticsFollowBothPhases) {
  GanConfig config = small(NormKind::batch);
  config.generator_rate = 0;
  config.discriminator_steps = 2;
  Gan gan(config, device());
  const auto noise = normal_numbers(3 * config.batch * 5, 2);
  gan.step(normal_numbers(2 * config.batch * 3, 1), noise);
  const PlainNetwork g = copy_network(gan, config.generator, "generator.");
  std::vector<std::vector<double>> mean{std::vector<double>(17), std::vector<double>(24)};
  std::vector<std::vector<double>> variance{std::vector<double>(17, 1.0), std::vector<double>(24, 1.0)};
  for (std::int64_t phase = 0; phase < 3; ++phase) {
    PlainRows x = rows_of(noise, phase * config.batch * 5, config.batch, 5);
    for (std::size_t layer = 0; layer < 2; ++layer) {
      PlainRows z = g.linear(layer, x);
      const auto n = static_cast<double>(z.size());
      for (std::size_t c = 0; c < mean[layer].size(); ++c) {
        double sum = 0, squares = 0;
        for (const auto& row : z) sum += row[c] / n;
        for (const auto& row : z) squares += (row[c] - sum) * (row[c] - sum);
        mean[layer][c] += 0.1 * (sum - mean[layer][c]);
        variance[layer][c] += 0.1 * (squares / (n - 1) - variance[layer][c]);
      }
      g.activate(g.first_tensor(layer) + 1, z);
      x = std::move(z);
    }
  }
  const Gan::Snapshot snapshot = gan.snapshot();
  for (const std::size_t layer : {0, 1}) {
    const auto& gamma = snapshot.tensors[3 * layer + 1];
    EXPECT_EQ(gamma.name, "generator." + std::to_string(layer) + ".gamma");
    ASSERT_EQ(gamma.running_mean.size(), mean[layer].size());
    for (std::size_t c = 0; c < mean[layer].size(); ++c) {
      EXPECT_NEAR(gamma.running_mean[c], mean[layer][c], 1e-6);
      EXPECT_NEAR(gamma.running_variance[c], variance[layer][c], 2e-6);
    }
  }
}

/// G of one row, normalised by the snapshot's running statistics.
std::vector<double> by_running_statistics(const PlainNetwork& g, const Gan::Snapshot& snapshot, PlainRows x) {
  for (std::size_t layer = 0; layer < 3; ++layer) {
    PlainRows z = g.linear(layer, x);
    const auto& gamma = snapshot.tensors[3 * layer + 1];
    for (std::size_t c = 0; g.leaky(layer) && c < z[0].size(); ++c) {
      const double normal = (z[0][c] - gamma.running_mean[c]) / std::sqrt(gamma.running_variance[c] + 1e-5);
      z[0][c] = g.tensors[3 * layer + 1][c] * normal + g.tensors[3 * layer + 2][c];
      if (z[0][c] < 0) z[0][c] *= g.slope;
    }
    x = std::move(z);
  }
  return x[0];
}

TEST_P(LayersInTraining, SamplesAreOfTheRunningStatistics) {
  Gan gan = trained(small(NormKind::batch), device(), kSome);
  gan.draw_from(Weights::last);
  const PlainNetwork g = copy_network(gan, gan.config().generator, "generator.");
  const auto noise = normal_numbers(5, 3);
  const auto expected = by_running_statistics(g, gan.snapshot(), rows_of(noise, 0, 1, 5));
  const auto got = gan.generate(noise);
  for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(got[c], expected[c], 3e-6);
}

/// Statistics of the average's own hidden layers, here over as many rows as make them certain to a percent:
/// those of the weights, which moved fast, are others.
TEST_P(LayersInTraining, TheAverageIsDrawnWithStatisticsOfItsOwn) {
  GanConfig config = small(NormKind::batch);
  config.generator_rate = 0.05;
  Gan gan = trained(config, device(), kSome);
  const Gan::Snapshot snapshot = gan.snapshot();
  PlainNetwork g = copy_network(gan, config.generator, "generator.");
  for (std::size_t t = 0; t < g.tensors.size(); ++t)
    g.tensors[t].assign(snapshot.tensors[t].average.begin(), snapshot.tensors[t].average.end());
  constexpr std::int64_t kRows = 20000;
  const auto noise = normal_numbers(kRows * 5, 3);
  const auto got = gan.generate(std::span(noise).first(5));
  const auto others = by_running_statistics(g, snapshot, rows_of(noise, 0, 1, 5));
  PlainRows x = rows_of(noise, 0, kRows, 5);
  for (std::size_t layer = 0; layer < 3; ++layer) {
    PlainRows z = g.linear(layer, x);
    if (g.leaky(layer)) g.activate(g.first_tensor(layer) + 1, z);  // normalised by the batch's own statistics
    x = std::move(z);
  }
  double apart = 0, others_apart = 0;
  for (std::size_t c = 0; c < 3; ++c) {
    apart = std::max(apart, std::abs(got[c] - x[0][c]));
    others_apart = std::max(others_apart, std::abs(others[c] - x[0][c]));
  }
  EXPECT_LT(apart, 0.03);
  EXPECT_GT(others_apart, 0.1);
}

/// Not those of a generator that there was at the same step.
TEST_P(LayersInTraining, TheAveragesStatisticsAreOfTheWeightsThatThereAre) {
  const GanConfig config = small(NormKind::batch);
  Gan gan = trained(config, device(), 2);
  const auto before = gan.sample(4, 1);
  auto weights = gan.parameter("generator.0.weight");
  for (float& weight : weights) weight = 2 * weight + 0.5f;
  gan.set_parameter("generator.0.weight", weights);
  Gan fresh = ready(config, device());
  fresh.restore(gan.snapshot());
  EXPECT_EQ(gan.sample(4, 1), fresh.sample(4, 1));
  EXPECT_NE(gan.sample(4, 1), before);
  gan.restore(trained(config, device(), 2).snapshot());
  EXPECT_EQ(gan.sample(4, 1), before);
}

TEST_P(LayersInTraining, RunningStatisticsGoBackWithTheWeights) {
  Gan gan = trained(small(NormKind::batch), device(), 3);
  gan.set_parameter("generator.1.beta", std::vector<float>(24, std::nanf("")));
  EXPECT_EQ(gan.train(5), 1u);
  EXPECT_EQ(gan.steps(), 0u);
  expect_same_bits(gan.snapshot(), Gan(small(NormKind::batch), device()).snapshot());
}

/// And drawing leaves everything as it was.
TEST_P(LayersInTraining, ARowDoesNotDependOnHowManyAreDrawn) {
  for (const NormKind norm : {NormKind::batch, NormKind::layer}) {
    const Gan gan = trained(small(norm), device(), 5);
    const Gan::Snapshot before = gan.snapshot();
    const auto many = gan.sample(40, 9), one = gan.sample({17, 1}, 9);
    EXPECT_EQ(std::vector<float>(many.begin() + 51, many.begin() + 54), one);
    expect_same_bits(gan.snapshot(), before);
  }
}

TEST_P(LayersInTraining, TheAverageHasGammasAndBetas) {
  for (const NormKind norm : {NormKind::batch, NormKind::layer}) {
    Gan gan = trained(small(norm), device(), kSome);
    const Gan::Snapshot snapshot = gan.snapshot();
    const auto average = gan.sample(8, 1);
    for (const auto& tensor : snapshot.tensors) {
      if (!tensor.name.starts_with("generator.")) continue;
      EXPECT_NE(tensor.average, tensor.value) << tensor.name;
    }
    gan.draw_from(Weights::last);
    EXPECT_NE(gan.sample(8, 1), average);
  }
}

/// Of a layer norm the pieces add up; a batch norm's statistics are those of each piece.
TEST_P(LayersInTraining, LayerNormAddsUpInMicroBatches) {
  GanConfig config = small(NormKind::layer);
  const Gan whole = trained(config, device(), 6);
  config.micro_batch = 8;
  EXPECT_LE(worst_distance(trained(config, device(), 6).snapshot(), whole.snapshot()), 2e-5);
}

TEST_P(LayersInTraining, BatchNormTakesTheStatisticsOfEachMicroBatch) {
  GanConfig config = small(NormKind::batch);
  config.generator_rate = config.discriminator_rate = 0;
  config.micro_batch = 8;
  Gan gan = trained(config, device(), 1);
  // The noise of the first step, as the test of the game has it; its rows do not matter to G's loss.
  const auto numbers = test::normal_oracle(config.seed, 2, 0, 2 * 24 * 5);
  PlainGame game = game_of(gan, inputs_of(config));
  double loss = 0;
  for (std::int64_t piece = 0; piece < 3; ++piece) {
    game.noise_g.assign(8, std::vector<double>(5));
    for (std::size_t i = 0; i < 40; ++i)
      game.noise_g[i / 5][i % 5] = static_cast<double>(numbers[(24 + 8 * piece) * 5 + i]);
    loss += game.generator_loss() / 3;
  }
  EXPECT_NEAR(gan.statistics().at(0).generator_loss, loss, 3e-6);
}

/// A row's masks do not depend on the piece that it is in.
TEST_P(LayersInTraining, DropoutAndResidualBlocksAddUpInMicroBatches) {
  GanConfig config = everything();
  config.generator.norm = NormKind::layer;
  Gan::Snapshot whole = trained(config, device(), 6).snapshot();
  config.micro_batch = 8;
  Gan::Snapshot parts = trained(config, device(), 6).snapshot();
  for (Gan::Snapshot* one : {&whole, &parts}) one->tensors.pop_back();  // D's last bias: they cancel
  EXPECT_LE(worst_distance(parts, whole), 2e-5);
}

TEST_P(LayersInTraining, DropoutChangesWithTheStepAndTheSeed) {
  GanConfig config = small(NormKind::none);
  config.discriminator.dropout = 0.5;
  config.generator_rate = config.discriminator_rate = 0;
  const auto rows = normal_numbers(config.batch * 3, 1), noise = normal_numbers(2 * config.batch * 5, 2);
  Gan gan(config, device());
  const float first = gan.step(rows, noise).discriminator_loss;
  EXPECT_NE(gan.step(rows, noise).discriminator_loss, first);
  const Gan::Snapshot start = gan.snapshot();
  const float third = gan.step(rows, noise).discriminator_loss;
  gan.restore(start);
  EXPECT_EQ(gan.step(rows, noise).discriminator_loss, third);
  config.seed = 2;
  Gan other(config, device());
  other.restore(start);
  EXPECT_NE(other.step(rows, noise).discriminator_loss, third);
  EXPECT_EQ(gan.discriminate(rows), other.discriminate(rows));  // nothing is dropped there
}

TEST_P(LayersInTraining, RunInReplicas) {
  for (GanConfig config : all_kinds()) {
    const Gan side_by_side = trained(config, device(), 5, 2);
    for (const int r : {0, 1}) {
      const Gan alone = trained(config, device(), 5);
      expect_same_bits(side_by_side.snapshot(r), alone.snapshot());
      EXPECT_EQ(side_by_side.sample(3, 1, r), alone.sample(3, 1));
      ++config.seed;
    }
  }
}

TEST_P(LayersInTraining, ResumeFromAFileToTheSameBits) {
  for (const GanConfig& config : all_kinds()) {
    const Gan whole = trained(config, device(), 7);
    const Checkpoint file = parse_checkpoint(
        serialize_checkpoint({config, trained(config, device(), 3).snapshot(), "cpu", 1, {}}));
    EXPECT_EQ(file.config, config);
    Gan rest = ready(config, device());
    rest.restore(file.snapshot);
    EXPECT_EQ(rest.train(4), 4u);
    expect_same_bits(rest, whole);
    EXPECT_EQ(rest.sample(5, 2), whole.sample(5, 2));
  }
}

/// Its own statistics are taken in passes that drop, as those of training do; what is drawn drops nothing.
TEST_P(LayersInTraining, AnAverageWithNormAndDropoutIsDrawnFrom) {
  GanConfig config = small(NormKind::batch);
  config.generator.dropout = 0.5;
  const Gan gan = trained(config, device(), kSome);
  const std::vector<float> rows = gan.sample(50, 3);
  EXPECT_TRUE(std::ranges::all_of(rows, [](float value) { return std::isfinite(value); }));
  EXPECT_EQ(gan.sample(50, 3), rows);
  const auto noise = normal_numbers(5, 4);
  std::vector<float> twice = noise;
  twice.insert(twice.end(), noise.begin(), noise.end());
  const std::vector<float> made = gan.generate(twice);
  EXPECT_TRUE(std::equal(made.begin(), made.begin() + 3, made.begin() + 3));
}

TEST_P(LayersInTraining, AreTheSameHoweverTheyAreLaunched) {
  for (const GanConfig& config : all_kinds())
    expect_same_bits(trained(config, device(), 5, 1, {.steps_per_launch = LoopOptions::kByOperation}),
                     trained(config, device(), 5, 1, {.unroll = 2}));
}

TEST_P(LayersInTraining, AreTheProcessorsOnEveryDevice) {
  for (GanConfig config : all_kinds()) {
    config.clip_norm = 0.5;
    config.weight_decay = 0.01;
    Gan::Snapshot mine = trained(config, device(), 10).snapshot();
    Gan::Snapshot processors = trained(config, Device::cpu(2), 10).snapshot();
    if (config.objective == Objective::relativistic)
      for (Gan::Snapshot* one : {&mine, &processors}) one->tensors.pop_back();  // D's last bias: pairs cancel
    EXPECT_LE(worst_distance(mine, processors), 1e-5);
  }
}

TEST(LayersConfig, WhatCannotBeIsRefused) {
  const auto refused = [](GanConfig config, const auto& change) {
    change(config);
    EXPECT_THROW(Gan(config, Device::cpu(1)), ConfigurationError);
  };
  const GanConfig batch = small(NormKind::batch);
  refused(batch, [](GanConfig& c) { c.discriminator.norm = NormKind::batch, c.penalties.r1 = 1; });
  refused(batch, [](GanConfig& c) { c.discriminator.norm = NormKind::layer, c.penalties.wgan_gp = 1; });
  refused(batch, [](GanConfig& c) { c.discriminator.output = ActivationKind::tanh; });
  refused(batch, [](GanConfig& c) { c.generator.output = ActivationKind::leaky_relu; });
  refused(batch, [](GanConfig& c) { c.generator.dropout = 1; });
  refused(batch, [](GanConfig& c) { c.discriminator.dropout = 1; });
  refused(batch, [](GanConfig& c) { c.discriminator.dropout = -0.1; });
  refused(batch, [](GanConfig& c) { c.batch = 1; });
  refused(batch, [](GanConfig& c) { c.batch = 25, c.micro_batch = 8; });  // a last piece of one row
  EXPECT_NO_THROW(Gan(small(NormKind::layer), Device::cpu(1)));
}

TEST(LayersConfig, SnapshotsOfOtherLayersAreRefused) {
  Gan batch(small(NormKind::batch), Device::cpu(1));
  EXPECT_THROW(batch.restore(Gan(small(NormKind::layer), Device::cpu(1)).snapshot()), ConfigurationError);
  EXPECT_THROW(batch.restore(Gan(small(NormKind::none), Device::cpu(1)).snapshot()), ConfigurationError);
  Gan::Snapshot snapshot = batch.snapshot();
  snapshot.tensors[1].running_variance.pop_back();
  EXPECT_THROW(batch.restore(snapshot), ConfigurationError);
  EXPECT_THROW(serialize_checkpoint({batch.config(), snapshot, "cpu", 1, {}}), ConfigurationError);
}

}  // namespace layers_training_test
}  // namespace agon
