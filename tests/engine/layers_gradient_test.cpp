// What layers can have besides their linear part: whole gradients against finite differences of the same game
// in double, and a training with them in replicas, micro-batches, averages, checkpoints and resumed runs.
#include <gtest/gtest.h>

#include <cstdio>
#include <ostream>

#include "tests/engine/gradient_oracle.hpp"
#include "tests/test_device.hpp"

namespace agon {
namespace layers_gradient_test {

using test::expect_gradient, test::game_of, test::Inputs, test::inputs_of, test::normal_numbers,
    test::PlainGame;

struct LayersCase {
  const char* name;
  std::vector<std::int64_t> generator, discriminator;
  std::int64_t batch;
  NormKind norm = NormKind::none;
  Objective objective = Objective::non_saturating;
  std::int64_t pack = 1;
  float slope = 0.2f;
  Penalties penalties{};
  Residual residual = Residual::none;
  double dropout = 0;
  // Of the other player:
  NormKind discriminators_norm = NormKind::none;
  Residual discriminators_residual = Residual::none;
  double generators_dropout = 0;
  ActivationKind output = ActivationKind::identity;
  RecordLayout records{};  ///< of heads that choose by gumbel, and numbers: they have a gradient of their own
};
void PrintTo(const LayersCase& c, std::ostream* out) { *out << c.name; }

const LayersCase kLayersCases[] = {
    {"Batch", {10, 33, 17, 3}, {3, 19, 37, 1}, 13, NormKind::batch},
    {"Layer", {10, 33, 17, 3}, {3, 19, 37, 1}, 13, NormKind::layer},
    {"BatchOneHiddenLayer", {4, 9, 2}, {2, 9, 1}, 8, NormKind::batch, Objective::hinge},
    {"LayerOneHiddenLayer", {4, 9, 2}, {2, 7, 1}, 7, NormKind::layer, Objective::hinge},
    {"BatchDeep", {5, 8, 9, 7, 8, 3}, {3, 11, 1}, 16, NormKind::batch, Objective::minimax},
    {"LayerDeep", {5, 8, 9, 7, 8, 3}, {3, 11, 1}, 16, NormKind::layer, Objective::minimax},
    {"BatchPaired", {5, 12, 10, 3}, {3, 11, 6, 1}, 9, NormKind::batch, Objective::relativistic},
    {"BatchPacked", {4, 9, 11, 3}, {6, 17, 8, 1}, 12, NormKind::batch, Objective::non_saturating, 2},
    {"LayerPacked", {4, 9, 11, 3}, {6, 17, 8, 1}, 12, NormKind::layer, Objective::non_saturating, 2},
    {"BatchRectified", {4, 9, 11, 3}, {3, 8, 1}, 10, NormKind::batch, Objective::least_squares, 1, 0.0f},
    {"BatchPenalised",
     {5, 12, 3},
     {3, 11, 6, 1},
     9,
     NormKind::batch,
     Objective::wasserstein,
     1,
     0.2f,
     {.r2 = 1, .wgan_gp = 4}},
    {.name = "Residual",
     .generator = {5, 12, 9, 7, 3},
     .discriminator = {3, 11, 6, 1},
     .batch = 9,
     .residual = Residual::concat},
    {.name = "ResidualOneHiddenLayer",
     .generator = {5, 12, 3},
     .discriminator = {3, 11, 1},
     .batch = 8,
     .objective = Objective::minimax,
     .residual = Residual::concat},
    {.name = "ResidualBatch",
     .generator = {5, 12, 9, 7, 3},
     .discriminator = {3, 11, 6, 1},
     .batch = 9,
     .norm = NormKind::batch,
     .residual = Residual::concat},
    {.name = "ResidualLayerPacked",
     .generator = {5, 20, 33, 3},
     .discriminator = {6, 19, 8, 1},
     .batch = 12,
     .norm = NormKind::layer,
     .pack = 2,
     .residual = Residual::concat},
    {.name = "Dropout",
     .generator = {5, 12, 3},
     .discriminator = {3, 37, 18, 1},
     .batch = 13,
     .dropout = 0.5},
    {.name = "DropoutPaired",
     .generator = {5, 12, 3},
     .discriminator = {3, 18, 13, 10, 1},
     .batch = 8,
     .objective = Objective::relativistic,
     .dropout = 0.3},
    {.name = "DropoutOneHiddenLayer",
     .generator = {5, 3},
     .discriminator = {3, 21, 1},
     .batch = 9,
     .objective = Objective::wasserstein,
     .dropout = 0.5},
    {.name = "DropoutWganGp",
     .generator = {5, 12, 3},
     .discriminator = {3, 21, 14, 1},
     .batch = 9,
     .objective = Objective::wasserstein,
     .penalties = {.wgan_gp = 10},
     .dropout = 0.5},
    {.name = "DropoutR2Packed",
     .generator = {5, 12, 3},
     .discriminator = {6, 21, 14, 9, 1},
     .batch = 12,
     .pack = 2,
     .penalties = {.r2 = 2},
     .dropout = 0.25},
    {.name = "DropoutAllPenalties",
     .generator = {5, 12, 3},
     .discriminator = {3, 16, 9, 1},
     .batch = 7,
     .objective = Objective::relativistic,
     .penalties = {.r1 = 1, .r2 = 2, .dragan = 3},
     .dropout = 0.5},
    {.name = "Everything",
     .generator = {5, 12, 10, 3},
     .discriminator = {6, 21, 14, 1},
     .batch = 14,
     .norm = NormKind::batch,
     .objective = Objective::wasserstein,
     .pack = 2,
     .penalties = {.r1 = 1, .wgan_gp = 10},
     .residual = Residual::concat,
     .dropout = 0.5},
    {"NoHiddenLayer", {3, 2}, {2, 5, 1}, 6, NormKind::batch},
    {"BatchLinearDiscriminator", {4, 9, 6, 3}, {3, 1}, 8, NormKind::batch},
    {"LayerLinearDiscriminator", {4, 9, 3}, {3, 1}, 8, NormKind::layer, Objective::hinge},
    {.name = "ResidualLinearDiscriminator",
     .generator = {4, 9, 6, 3},
     .discriminator = {6, 1},
     .batch = 8,
     .pack = 2,
     .residual = Residual::concat},
    {"WideBatch", {3, 20, 2}, {2, 5, 1}, 150, NormKind::batch},
    {.name = "BatchInD",
     .generator = {5, 12, 3},
     .discriminator = {3, 19, 17, 1},
     .batch = 13,
     .discriminators_norm = NormKind::batch},
    {.name = "BatchInDPaired",
     .generator = {5, 12, 3},
     .discriminator = {3, 9, 18, 1},
     .batch = 12,
     .objective = Objective::relativistic,
     .discriminators_norm = NormKind::batch},
    {.name = "BatchInBothPacked",
     .generator = {5, 12, 3},
     .discriminator = {6, 21, 1},
     .batch = 14,
     .norm = NormKind::batch,
     .objective = Objective::hinge,
     .pack = 2,
     .dropout = 0.25,
     .discriminators_norm = NormKind::batch},
    {.name = "LayerInD",
     .generator = {5, 12, 3},
     .discriminator = {3, 33, 8, 1},
     .batch = 9,
     .objective = Objective::least_squares,
     .discriminators_norm = NormKind::layer},
    {.name = "LayerInDConcat",
     .generator = {5, 12, 3},
     .discriminator = {3, 13, 8, 1},
     .batch = 9,
     .discriminators_norm = NormKind::layer,
     .discriminators_residual = Residual::concat},
    {.name = "ConcatInDPenalised",
     .generator = {5, 12, 3},
     .discriminator = {3, 11, 6, 1},
     .batch = 9,
     .objective = Objective::wasserstein,
     .penalties = {.r1 = 1, .wgan_gp = 4},
     .discriminators_residual = Residual::concat},
    {.name = "ConcatInDPenalisedDropped",
     .generator = {5, 12, 3},
     .discriminator = {3, 11, 6, 1},
     .batch = 9,
     .objective = Objective::relativistic,
     .penalties = {.r1 = 1, .r2 = 2},
     .dropout = 0.5,
     .discriminators_residual = Residual::concat},
    {.name = "AddInDPenalisedPacked",
     .generator = {5, 12, 3},
     .discriminator = {9, 9, 7, 7, 1},
     .batch = 12,
     .pack = 3,
     .penalties = {.r2 = 2, .dragan = 3},
     .discriminators_residual = Residual::add},
    {.name = "AddInBoth",
     .generator = {7, 7, 11, 11, 3},
     .discriminator = {3, 8, 8, 1},
     .batch = 9,
     .norm = NormKind::layer,
     .residual = Residual::add,
     .dropout = 0.3,
     .discriminators_residual = Residual::add},
    {.name = "AddBatch",
     .generator = {9, 9, 9, 3},
     .discriminator = {3, 11, 1},
     .batch = 9,
     .norm = NormKind::batch,
     .residual = Residual::add},
    {.name = "DropoutInG",
     .generator = {5, 12, 9, 3},
     .discriminator = {3, 11, 1},
     .batch = 9,
     .generators_dropout = 0.4},
    {.name = "DropoutInGNormConcat",
     .generator = {5, 13, 9, 3},
     .discriminator = {3, 11, 1},
     .batch = 12,
     .norm = NormKind::batch,
     .objective = Objective::relativistic,
     .penalties = {.r1 = 1, .r2 = 1},
     .residual = Residual::concat,
     .generators_dropout = 0.25},
    {.name = "PreActivationLayer",
     .generator = {5, 12, 12, 12, 3},
     .discriminator = {3, 11, 1},
     .batch = 9,
     .norm = NormKind::layer,
     .residual = Residual::pre_activation},
    {.name = "PreActivationUnequalWidths",
     .generator = {5, 12, 9, 9, 17, 3},
     .discriminator = {3, 11, 11, 1},
     .batch = 8,
     .norm = NormKind::layer,
     .objective = Objective::relativistic,
     .penalties = {.r1 = 1, .r2 = 1},
     .residual = Residual::pre_activation,
     .discriminators_residual = Residual::add,
     .generators_dropout = 0.25},
    {.name = "PreActivationBatch",
     .generator = {5, 10, 10, 3},
     .discriminator = {3, 11, 1},
     .batch = 12,
     .norm = NormKind::batch,
     .residual = Residual::pre_activation},
    {.name = "RanksOfNumbers",
     .generator = {6, 13, 13, 3},
     .discriminator = {54, 12, 12, 1},
     .batch = 7,
     .norm = NormKind::layer,
     .objective = Objective::relativistic,
     .penalties = {.r1 = 1, .r2 = 1},
     .residual = Residual::pre_activation,
     .discriminators_residual = Residual::add,
     .records = {{}, {-1, -1, -1}}},
    {.name = "RanksPacked",
     .generator = {5, 9, 2},
     .discriminator = {72, 10, 1},
     .batch = 8,
     .pack = 2,
     .penalties = {.wgan_gp = 2},
     .records = {{}, {-1, -1}}},
    {.name = "GumbelHeads",
     .generator = {6, 13, 9},
     .discriminator = {43, 12, 1},
     .batch = 7,
     .norm = NormKind::layer,
     .objective = Objective::relativistic,
     .records = {{3, 4}, {-1, -1}, HeadChoice::gumbel}},
    {.name = "Ctgan",
     .generator = {5, 14, 11, 9},
     .discriminator = {18, 21, 14, 1},
     .batch = 14,
     .norm = NormKind::batch,
     .objective = Objective::wasserstein,
     .pack = 2,
     .penalties = {.wgan_gp = 10},
     .residual = Residual::concat,
     .dropout = 0.5,
     .records = {{3, 4}, {-1, -1}, HeadChoice::gumbel, NumberLink::tanh}},
    {.name = "Conditions",
     .generator = {10, 14, 11, 9},
     .discriminator = {28, 21, 14, 1},
     .batch = 14,
     .norm = NormKind::batch,
     .objective = Objective::wasserstein,
     .pack = 2,
     .penalties = {.wgan_gp = 10},
     .residual = Residual::concat,
     .dropout = 0.5,
     .records = {{3, 2, 2}, {-1, -1}, HeadChoice::gumbel, NumberLink::tanh, {{0, 2}, {5, 3, 2, 6, 4}}}},
    {.name = "ConditionsPaired",
     .generator = {9, 12, 8},
     .discriminator = {13, 12, 1},
     .batch = 9,
     .norm = NormKind::layer,
     .objective = Objective::relativistic,
     .penalties = {.r1 = 1},
     .records = {{2, 5}, {-1}, HeadChoice::gumbel, NumberLink::tanh, {{1}, {1, 1, 1, 1, 0}}}},
    {.name = "TanhNumbersAlone",
     .generator = {5, 9, 3},
     .discriminator = {6, 10, 1},
     .batch = 8,
     .pack = 2,
     .penalties = {.r2 = 2},
     .records = {{}, {-1, -1, -1}, HeadChoice::gumbel, NumberLink::tanh}},
    {.name = "Tanh",
     .generator = {5, 12, 3},
     .discriminator = {3, 11, 1},
     .batch = 9,
     .output = ActivationKind::tanh},
    {.name = "SigmoidWithoutHiddenLayer",
     .generator = {5, 4},
     .discriminator = {8, 11, 1},
     .batch = 10,
     .pack = 2,
     .penalties = {.wgan_gp = 2},
     .output = ActivationKind::sigmoid},
};

GanConfig layers_config(const LayersCase& c) {
  GanConfig config;
  config.generator = {c.generator, c.slope, c.norm, c.residual, c.generators_dropout, c.output, c.records};
  config.discriminator = {c.discriminator, c.slope, c.discriminators_norm, c.discriminators_residual,
                          c.dropout};
  config.objective = c.objective;
  config.batch = c.batch;
  config.pack = c.pack;
  config.penalties = c.penalties;
  config.generator_rate = config.discriminator_rate = 0;
  return config;
}

/// Gammas, betas and biases that are no longer 1 and 0.
void shake(Gan& gan) {
  unsigned seed = 100;
  for (const TensorView& view : gan.parameters()) {
    if (!view.name.ends_with(".gamma") && !view.name.ends_with(".beta")) continue;
    auto values = gan.parameter(view.name);
    const auto more = normal_numbers(view.size, ++seed);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] += 0.3f * more[i];
    gan.set_parameter(view.name, values);
  }
}

class Layers : public testing::TestWithParam<std::tuple<LayersCase, test::TestDevice>> {
 protected:
  void SetUp() override { AGON_SKIP_IF_ABSENT(std::get<1>(GetParam())); }
};

TEST_P(Layers, GradientsMatchFiniteDifferences) {
  const auto& [c, device] = GetParam();
  Gan gan(layers_config(c), device.get());
  shake(gan);
  const Inputs in = inputs_of(gan.config());
  PlainGame game = game_of(gan, in);
  const StepStatistics got = gan.step(in.rows, in.noise);
  EXPECT_NEAR(got.discriminator_loss, game.discriminator_loss(), 5e-6);
  EXPECT_NEAR(got.generator_loss, game.generator_loss(), 5e-6);
  EXPECT_NEAR(got.penalty, game.penalty(), 1e-5 * (1 + game.penalty()));
  const double of_g = expect_gradient(
      gan, "generator.", game.generator, [&] { return game.generator_loss() + game.cross_entropy(); }, 2e-5,
      3e-7);
  const double of_d = expect_gradient(
      gan, "discriminator.", game.discriminator, [&] { return game.discriminator_loss() + game.penalty(); },
      2e-5, 3e-7);
  std::printf("%s: of a tensor's largest element %.1e (generator), %.1e (discriminator)\n", c.name, of_g,
              of_d);
}

INSTANTIATE_TEST_SUITE_P(Gradients, Layers,
                         testing::Combine(testing::ValuesIn(kLayersCases),
                                          testing::ValuesIn(test::test_devices())),
                         test::case_on_device);

}  // namespace layers_gradient_test
}  // namespace agon
