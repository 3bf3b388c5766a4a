// The whole gradients of both players against central differences of plain loops in double precision, which
// share no code with the engine.
#include <gtest/gtest.h>

#include <cstdio>
#include <ostream>

#include "engine/gan/gan.hpp"
#include "tests/engine/gradient_oracle.hpp"
#include "tests/test_device.hpp"

namespace agon {
namespace gradient_test {

using test::copy_network, test::PlainGame;

/// float sums of a few dozen terms are good to about 1e-6 of the tensor's largest element.
template <class Loss>
void expect_gradient(const Gan& gan, const std::string& name, test::PlainNetwork& network, const Loss& loss) {
  const double worst = test::expect_gradient(gan, name, network, loss, 1e-5, 6e-8);
  std::printf("%s%s: %.1e of a tensor's largest element\n", name.c_str(),
              std::string(to_string(gan.config().objective)).c_str(), worst);
}

struct GradientCase {
  const char* name;
  std::vector<std::int64_t> generator, discriminator;
  std::int64_t batch;
  Objective objective;
  double real_label;
  float slope;
  double discriminator_rate;  ///< 0 leaves D as it is; else G's gradient must go through the updated D
  float spread = 1;           ///< of data and noise; a wide one brings logits to both sides of a hinge
};
void PrintTo(const GradientCase& c, std::ostream* out) { *out << c.name; }

class Gradient : public testing::TestWithParam<std::tuple<GradientCase, test::TestDevice>> {
 protected:
  void SetUp() override { AGON_SKIP_IF_ABSENT(std::get<1>(GetParam())); }
};

TEST_P(Gradient, OfBothPlayersMatchesFiniteDifferences) {
  const auto& [c, device] = GetParam();
  GanConfig config;
  config.generator = {c.generator, c.slope};
  config.discriminator = {c.discriminator, c.slope};
  config.objective = c.objective;
  config.real_label = c.real_label;
  config.batch = c.batch;
  config.generator_rate = 0;
  config.discriminator_rate = c.discriminator_rate;
  Gan gan(config, device.get());

  const test::Inputs in = test::inputs_of(config, c.spread);
  PlainGame game = test::game_of(gan, in);
  const StepStatistics got = gan.step(in.rows, in.noise);

  const double size = c.spread;  // of a logit
  EXPECT_NEAR(got.discriminator_loss, game.discriminator_loss(), 2e-6 * size);
  EXPECT_NEAR(got.output_real, game.mean_real, 1e-6 * size);
  EXPECT_NEAR(got.output_fake, game.mean_fake, 1e-6 * size);
  expect_gradient(gan, "discriminator.", game.discriminator, [&] { return game.discriminator_loss(); });

  const auto before = game.discriminator.tensors;
  game.discriminator = copy_network(gan, config.discriminator, "discriminator.");
  EXPECT_EQ(game.discriminator.tensors == before, c.discriminator_rate == 0);
  EXPECT_NEAR(got.generator_loss, game.generator_loss(), 2e-6 * size);
  expect_gradient(gan, "generator.", game.generator, [&] { return game.generator_loss(); });
}

/// Of each row by itself: a step along each input, in double. More rows than a pass takes, and a half one.
class Slope : public Gradient {};

TEST_P(Slope, OfALogitByItsRowMatchesFiniteDifferences) {
  const auto& [c, device] = GetParam();
  GanConfig config;
  config.generator = {c.generator, c.slope};
  config.discriminator = {c.discriminator, c.slope};
  config.discriminator.dropout = 0.5;  // nothing is dropped here
  config.batch = c.batch;
  const Gan gan(config, device.get());
  const auto network = copy_network(gan, config.discriminator, "discriminator.");
  const auto width = static_cast<std::size_t>(config.width());
  const std::size_t count = test::simulated() ? 50 : 1200;
  const std::vector<float> rows = test::normal_numbers(static_cast<std::int64_t>(count) * config.width(), 5);
  const std::vector<float> slopes = gan.discriminator_slopes(rows);
  ASSERT_EQ(slopes.size(), rows.size());
  for (const std::size_t row : {std::size_t{0}, std::size_t{7}, count - 1})
    for (std::size_t i = 0; i < width; ++i) {
      const auto logit = [&](double step) {
        std::vector<double> x(rows.begin() + static_cast<std::ptrdiff_t>(row * width),
                              rows.begin() + static_cast<std::ptrdiff_t>((row + 1) * width));
        x[i] += step;
        return network.outputs(x).back()[0];
      };
      constexpr double kStep = 1e-7;
      EXPECT_NEAR(slopes[row * width + i], (logit(kStep) - logit(-kStep)) / (2 * kStep), 2e-6) << row << i;
    }
  if (width > 1) {
    EXPECT_THROW(gan.discriminator_slopes(std::span(rows).first(width + 1)), ConfigurationError);
  }
}

const GradientCase kGradientCases[] = {
    {"NonSaturating", {10, 33, 17, 3}, {3, 19, 37, 1}, 13, Objective::non_saturating, 1.0, 0.2f, 0},
    {"Minimax", {10, 33, 17, 3}, {3, 19, 37, 1}, 13, Objective::minimax, 1.0, 0.2f, 0},
    {"NonSaturatingSmoothed", {5, 7, 3}, {3, 11, 5, 1}, 9, Objective::non_saturating, 0.9, 0.2f, 0},
    {"MinimaxSmoothed", {5, 7, 3}, {3, 11, 5, 1}, 9, Objective::minimax, 0.75, 0.2f, 0},
    {"ThroughTheUpdatedDiscriminator",
     {4, 9, 3},
     {3, 8, 6, 1},
     7,
     Objective::non_saturating,
     1.0,
     0.2f,
     0.05},
    {"MinimaxThroughTheUpdatedDiscriminator",
     {4, 9, 3},
     {3, 8, 6, 1},
     7,
     Objective::minimax,
     1.0,
     0.2f,
     0.05},
    {"OneRow", {3, 6, 2}, {2, 5, 1}, 1, Objective::non_saturating, 1.0, 0.2f, 0},
    {"NoHiddenLayer", {3, 2}, {2, 1}, 5, Objective::non_saturating, 1.0, 0.2f, 0},
    {"OneColumn", {1, 4, 1}, {1, 4, 1}, 6, Objective::minimax, 1.0, 0.2f, 0},
    {"Linear", {6, 9, 4}, {4, 9, 1}, 8, Objective::non_saturating, 1.0, 1.0f, 0},
    {"Rectified", {6, 21, 4}, {4, 23, 1}, 8, Objective::minimax, 1.0, 0.0f, 0},
    {"Hinge", {10, 33, 17, 3}, {3, 19, 37, 1}, 13, Objective::hinge, 1.0, 0.2f, 0},
    {"HingeOnBothSides", {5, 7, 3}, {3, 11, 5, 1}, 24, Objective::hinge, 1.0, 0.2f, 0.05, 16},
    {"LeastSquares", {10, 33, 17, 3}, {3, 19, 37, 1}, 13, Objective::least_squares, 1.0, 0.2f, 0},
    {"LeastSquaresSmoothed", {5, 7, 3}, {3, 11, 5, 1}, 9, Objective::least_squares, 0.9, 0.2f, 0.05},
    {"Wasserstein", {10, 33, 17, 3}, {3, 19, 37, 1}, 13, Objective::wasserstein, 1.0, 0.2f, 0.05},
    {"Relativistic", {10, 33, 17, 3}, {3, 19, 37, 1}, 13, Objective::relativistic, 1.0, 0.2f, 0},
    {"RelativisticFarApart", {5, 7, 3}, {3, 11, 5, 1}, 24, Objective::relativistic, 1.0, 0.2f, 0.05, 16},
    {"RelativisticOneRow", {3, 6, 2}, {2, 5, 1}, 1, Objective::relativistic, 1.0, 0.2f, 0},
    {"RelativisticNoHiddenLayer", {3, 2}, {2, 1}, 5, Objective::relativistic, 1.0, 0.2f, 0.05},
    {"RelativisticWideBatch", {2, 5, 3}, {3, 5, 1}, 257, Objective::relativistic, 1.0, 0.3f, 0},
    {"WideBatch", {2, 5, 3}, {3, 5, 1}, 257, Objective::non_saturating, 0.8, 0.3f, 0},
};

INSTANTIATE_TEST_SUITE_P(Networks, Gradient,
                         testing::Combine(testing::ValuesIn(kGradientCases),
                                          testing::ValuesIn(test::test_devices())),
                         test::case_on_device);

const GradientCase kSlopeCases[] = {
    {"Leaky", {10, 33, 3}, {3, 19, 37, 1}, 13, Objective::non_saturating, 1.0, 0.2f, 0},
    {"NoHiddenLayer", {3, 2}, {2, 1}, 5, Objective::non_saturating, 1.0, 0.2f, 0},
    {"Rectified", {6, 4}, {4, 23, 1}, 8, Objective::minimax, 1.0, 0.0f, 0},
};
INSTANTIATE_TEST_SUITE_P(Networks, Slope,
                         testing::Combine(testing::ValuesIn(kSlopeCases),
                                          testing::ValuesIn(test::test_devices())),
                         test::case_on_device);

}  // namespace gradient_test
}  // namespace agon
