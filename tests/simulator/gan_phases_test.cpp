// How many launches, each waiting for the one before, a training step takes: what a small GAN's time on a GPU
// is made of.
#include <gtest/gtest.h>

#include <random>

#include "engine/gan/gan.hpp"
#include "tests/simulator/runtime/kernel_settings.hpp"
#include "tests/simulator/simulator.hpp"

namespace agon {
namespace {

/// Of a step in the middle of a run.
std::uint64_t launches_of_a_step(const GanConfig& config, int replicas = 1) {
  Gan gan(config, Device::cuda(), {.steps_per_launch = LoopOptions::kByOperation}, replicas);
  std::mt19937 engine(1);
  std::normal_distribution<float> normal;
  std::vector<float> table(static_cast<std::size_t>(100 * config.width()));
  for (float& value : table) value = normal(engine);
  gan.set_data(table, 100);
  gan.train(1);
  const std::uint64_t before = simulator::grids_run();
  gan.train(2);
  return (simulator::grids_run() - before) / 2;
}

TEST(GanPhases, OfTheArticlesNetwork) {
  const std::uint64_t launches = launches_of_a_step({});
  std::printf("%llu launches a step\n", static_cast<unsigned long long>(launches));
  EXPECT_EQ(launches, 17u);
}

/// Else a multiprocessor would run empty between two that divide its memory in different ways.
TEST(GanPhases, AllKernelsDivideTheMemoryAlike) {
  const std::uint64_t before = simulator::launches_without_carveout();
  launches_of_a_step({});
  EXPECT_EQ(simulator::launches_without_carveout(), before);
}

/// r3: pairs, R1 and R2, an average.
TEST(GanPhases, OfTheDefaultRecipe) {
  GanConfig r3;
  r3.objective = Objective::relativistic, r3.penalties = {.r1 = 1, .r2 = 1}, r3.ema_samples = 10'000;
  const std::uint64_t launches = launches_of_a_step(r3);
  std::printf("%llu launches a step\n", static_cast<unsigned long long>(launches));
  EXPECT_EQ(launches, 22u);
}

/// One that pairs rows reads the real ones in G's phase as well: wider launches, no more of them.
TEST(GanPhases, AreTheSameForEveryObjective) {
  GanConfig config;
  config.generator.widths = {20, 40, 24, 6};
  config.discriminator.widths = {6, 24, 32, 1};
  config.batch = 16;
  const std::uint64_t launches = launches_of_a_step(config);
  for (const Objective objective : {Objective::minimax, Objective::hinge, Objective::least_squares,
                                    Objective::wasserstein, Objective::relativistic}) {
    config.objective = objective;
    EXPECT_EQ(launches_of_a_step(config), launches) << to_string(objective);
  }
}

/// The average rides on Adam, the decay is part of it.
TEST(GanPhases, AreTheSameWithAnAverageAndADecay) {
  GanConfig config;
  config.generator.widths = {20, 40, 24, 6};
  config.discriminator.widths = {6, 24, 32, 1};
  config.batch = 16;
  const std::uint64_t launches = launches_of_a_step(config);
  config.ema_samples = 100;
  config.weight_decay = 0.01;
  EXPECT_EQ(launches_of_a_step(config), launches);
}

/// Clipping: both networks' norms (of so small ones, a launch each), both Adams, and step_end, which waits
/// for G's. Normalised weights: three launches before each phase; D's gradient in two, and its Adam.
TEST(GanPhases, ThatWaitForWholeGradients) {
  GanConfig config;
  config.generator.widths = {20, 40, 24, 6};
  config.discriminator.widths = {6, 24, 32, 1};
  config.batch = 16;
  const std::uint64_t launches = launches_of_a_step(config);
  config.clip_norm = 1;
  EXPECT_EQ(launches_of_a_step(config), launches + 5);
  config.clip_norm = 0;
  config.spectral_norm = true;
  EXPECT_EQ(launches_of_a_step(config), launches + 9);
}

/// With a norm G's own Adam, and step_end, which waits for it, and a launch of its own for the last layer's
/// weight gradient. Each of the two hidden layers: batch norm forward and back, layer norm once more for the
/// columns' sums; a residual block two copies forward, a copy and LeakyReLU's derivative back, and one sum
/// between the two. Dropout: D's two hidden layers forward and back in either phase; with a penalty their
/// tangents, and the row weights behind these.
TEST(GanPhases, OfLayersWithMoreThanTheirLinearPart) {
  GanConfig config;
  config.generator.widths = {20, 40, 24, 6};
  config.discriminator.widths = {6, 24, 32, 1};
  config.batch = 16;
  const std::uint64_t launches = launches_of_a_step(config);
  config.generator.norm = NormKind::batch;
  EXPECT_EQ(launches_of_a_step(config), launches + 3 + 4);
  config.generator.norm = NormKind::layer;
  EXPECT_EQ(launches_of_a_step(config), launches + 3 + 6);
  config.generator.norm = NormKind::none;
  config.generator.residual = Residual::concat;
  EXPECT_EQ(launches_of_a_step(config), launches + 4 + 4 + 1);
  config.generator.residual = Residual::none;
  config.discriminator.dropout = 0.5;
  EXPECT_EQ(launches_of_a_step(config), launches + 8);
  config.discriminator.dropout = 0;
  config.penalties.r1 = 1;
  const std::uint64_t penalised = launches_of_a_step(config);
  config.discriminator.dropout = 0.5;
  EXPECT_EQ(launches_of_a_step(config), penalised + 12);
}

TEST(GanPhases, GrowWithTheLayers) {
  GanConfig config;
  config.generator.widths = {20, 40, 24, 6};
  config.discriminator.widths = {6, 24, 32, 1};
  config.batch = 16;
  const std::uint64_t launches = launches_of_a_step(config);
  config.generator.widths = {20, 40, 24, 24, 6};
  EXPECT_EQ(launches_of_a_step(config), launches + 2);  // forward, backward
  config.discriminator.widths = {6, 24, 32, 32, 1};
  EXPECT_EQ(launches_of_a_step(config), launches + 2 + 4);  // both, in either phase
}

TEST(GanPhases, AreTheSameForManyReplicas) {
  GanConfig config;
  config.generator.widths = {20, 40, 24, 6};
  config.discriminator.widths = {6, 24, 32, 1};
  config.batch = 16;
  EXPECT_EQ(launches_of_a_step(config, 5), launches_of_a_step(config));
}

}  // namespace
}  // namespace agon
