// The discriminator's gradients with penalties on its slope: the closed form in double against central
// differences of the penalised loss, and the engine against both.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ostream>

#include "tests/engine/gradient_oracle.hpp"
#include "tests/test_device.hpp"

namespace agon {
namespace penalty_test {

using test::PlainGame, test::PlainNetwork, test::PlainRows;

struct PenaltyCase {
  const char* name;
  std::vector<std::int64_t> generator, discriminator;
  std::int64_t batch;
  Penalties penalties;
  Objective objective = Objective::non_saturating;
  std::int64_t pack = 1;
  float slope = 0.2f;
};
void PrintTo(const PenaltyCase& c, std::ostream* out) { *out << c.name; }

const PenaltyCase kPenaltyCases[] = {
    {"R1", {10, 33, 3}, {3, 19, 37, 1}, 13, {.r1 = 2}},
    {"R2", {10, 33, 3}, {3, 19, 37, 1}, 13, {.r2 = 0.5}},
    {"R1AndR2", {10, 33, 3}, {3, 19, 37, 1}, 13, {.r1 = 1, .r2 = 3}, Objective::relativistic},
    {"WganGp", {10, 33, 3}, {3, 19, 37, 1}, 13, {.wgan_gp = 10}, Objective::wasserstein},
    {"Dragan", {10, 33, 3}, {3, 17, 31, 1}, 12, {.dragan = 5}, Objective::minimax},
    {"R1AndWganGp", {5, 8, 3}, {3, 11, 6, 1}, 9, {.r1 = 1, .wgan_gp = 4}, Objective::hinge},
    {"R2AndDragan", {5, 8, 3}, {3, 11, 6, 1}, 9, {.r2 = 2, .dragan = 4}, Objective::least_squares},
    {"AllOfThem", {5, 8, 3}, {3, 11, 6, 9, 1}, 8, {.r1 = 1, .r2 = 2, .wgan_gp = 4}},
    {"OneHiddenLayer", {3, 6, 2}, {2, 9, 1}, 7, {.r1 = 1, .r2 = 1}},
    {"NoHiddenLayer", {3, 2}, {2, 1}, 5, {.r1 = 1, .wgan_gp = 3}},
    {"OneRow", {3, 6, 2}, {2, 5, 1}, 1, {.r1 = 1, .r2 = 1, .dragan = 1}},
    {"Linear", {3, 6, 2}, {2, 9, 7, 1}, 6, {.r1 = 1, .wgan_gp = 1}, Objective::minimax, 1, 1.0f},
    {"Rectified", {3, 6, 2}, {2, 9, 7, 1}, 6, {.r1 = 1, .r2 = 1}, Objective::minimax, 1, 0.0f},
    {"Packed", {4, 9, 3}, {6, 17, 8, 1}, 12, {.r1 = 1, .wgan_gp = 4}, Objective::non_saturating, 2},
    {"PackedInFours", {4, 9, 2}, {8, 12, 1}, 16, {.r2 = 1, .dragan = 4}, Objective::relativistic, 4},
    {"WideBatch", {2, 5, 3}, {3, 9, 1}, 257, {.r1 = 1, .r2 = 1}},
    {"DeepSums", {4, 8, 2}, {2, 530, 3, 1}, 3, {.r1 = 1, .r2 = 1}},
};

/// The penalty's own part of the gradients by reference: unit deltas, the penalty's slope v, tangents t, and
/// delta_l t_{l-1}^T for each layer.
class ClosedForm {
 public:
  ClosedForm(const PlainGame& game) : game_(game), d_(game.discriminator) {
    for (const auto& tensor : d_.tensors) gradient.emplace_back(tensor.size());
    const Penalties& p = game.config.penalties;
    const PlainRows fake = game.fakes(game.noise_d, 0), between = game.points(fake);
    for (std::size_t i = 0; i < game.real.size(); ++i) {
      if (p.r1 != 0) add(game.real[i], [&](double) { return p.r1; });
      if (p.r2 != 0) add(fake[i], [&](double) { return p.r2; });
      const double weight = p.wgan_gp + p.dragan;
      if (weight != 0) add(between[i], [&](double norm) { return 2 * weight * (1 - 1 / norm); });
    }
  }

  std::vector<std::vector<double>> gradient;

 private:
  template <class Factor>
  void add(const std::vector<double>& x, const Factor& factor) {
    std::vector<std::vector<double>> deltas;
    std::vector<double> t = d_.slope_at(x, &deltas);
    const double scale = factor(std::sqrt(test::squared_norm(t))) / static_cast<double>(game_.real.size());
    for (double& component : t) component *= scale;
    const auto outputs = d_.outputs(x);
    for (std::size_t l = 0; l < d_.layers(); ++l) {
      std::vector<double> next(deltas[l].size());
      for (std::size_t o = 0; o < next.size(); ++o) {
        for (std::size_t i = 0; i < t.size(); ++i) {
          gradient[2 * l][o * t.size() + i] += deltas[l][o] * t[i];
          next[o] += d_.tensors[2 * l][o * t.size() + i] * t[i];
        }
        if (outputs[l + 1][o] <= 0) next[o] *= d_.slope;
      }
      t = std::move(next);
    }
  }

  const PlainGame& game_;
  const PlainNetwork& d_;
};

double largest(const std::vector<double>& values) {
  double most = 0;
  for (const double value : values) most = std::max(most, std::abs(value));
  return most;
}

GanConfig penalty_config(const PenaltyCase& c) {
  GanConfig config;
  config.generator = {c.generator, c.slope};
  config.discriminator = {c.discriminator, c.slope};
  config.objective = c.objective;
  config.batch = c.batch;
  config.pack = c.pack;
  config.penalties = c.penalties;
  config.generator_rate = config.discriminator_rate = 0;
  return config;
}

class Penalty : public testing::TestWithParam<std::tuple<PenaltyCase, test::TestDevice>> {
 protected:
  void SetUp() override { AGON_SKIP_IF_ABSENT(std::get<1>(GetParam())); }
};

TEST_P(Penalty, GradientsMatchFiniteDifferences) {
  const auto& [c, device] = GetParam();
  Gan gan(penalty_config(c), device.get());
  const test::Inputs in = test::inputs_of(gan.config());
  PlainGame game = test::game_of(gan, in);
  const StepStatistics got = gan.step(in.rows, in.noise);
  EXPECT_NEAR(got.discriminator_loss, game.discriminator_loss(), 4e-6);
  EXPECT_NEAR(got.generator_loss, game.generator_loss(), 4e-6);
  EXPECT_NEAR(got.penalty, game.penalty(), 2e-6 * game.penalty());

  const ClosedForm closed(game);
  double worst_closed = 0, worst = 0;
  std::size_t tensor = 0;
  for (const TensorView& view : gan.parameters()) {
    if (!view.name.starts_with("discriminator.")) continue;
    auto& numbers = game.discriminator.tensors[tensor];
    const auto penalty = test::finite_differences(numbers, [&] { return game.penalty(); });
    const auto loss = test::finite_differences(numbers, [&] { return game.discriminator_loss(); });
    const auto gradient = gan.gradient(view.name);
    std::vector<double> whole(loss);
    for (std::size_t i = 0; i < whole.size(); ++i) whole[i] += penalty[i];
    const double size = largest(whole), penalty_size = largest(penalty);
    for (std::size_t i = 0; i < whole.size(); ++i) {
      ASSERT_NEAR(closed.gradient[tensor][i], penalty[i], 1e-7 * penalty_size + 2e-10)
          << view.name << "[" << i << "], the closed form";
      ASSERT_NEAR(gradient[i], whole[i], 1e-5 * size + 3e-7) << view.name << "[" << i << "]";
      if (penalty_size > 1e-3)
        worst_closed =
            std::max(worst_closed, std::abs(closed.gradient[tensor][i] - penalty[i]) / penalty_size);
      if (size > 1e-3) worst = std::max(worst, std::abs(gradient[i] - whole[i]) / size);
    }
    ++tensor;
  }
  std::printf("%s: of a tensor's largest element %.1e (closed form, double), %.1e (engine, float)\n", c.name,
              worst_closed, worst);
}

INSTANTIATE_TEST_SUITE_P(Penalties, Penalty,
                         testing::Combine(testing::ValuesIn(kPenaltyCases),
                                          testing::ValuesIn(test::test_devices())),
                         test::case_on_device);

}  // namespace penalty_test
}  // namespace agon
