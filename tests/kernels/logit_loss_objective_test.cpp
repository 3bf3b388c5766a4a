// The gradients that logit_loss sends back, against the objectives' finite differences: the layer's logits
// are its input's numbers, so the cases are those of step_losses_test.cpp.
#include <algorithm>
#include <cmath>

#include "kernels/logit_loss.hpp"
#include "tests/kernels/device_fixture.hpp"
#include "tests/kernels/objective_case.hpp"

namespace agon::test {
namespace logit_loss_objective_test {

class LogitLossObjective : public OnDevice {
 protected:
  /// Of mean losses; (n), or of the first segment alone where the second has no gradient.
  std::vector<float> run(const ObjectiveCase& c) {
    const auto n = static_cast<std::int64_t>(c.logits.size()), split = static_cast<std::int64_t>(c.split);
    const auto x = input(c.logits), weight = input<float>({1}), bias = input<float>({0});
    const auto logits = output<float>(c.logits.size());
    const auto mean = [&](int s) { return c.length(s) == 0 ? 0.0f : 1.0f / static_cast<float>(c.length(s)); };
    kernels::LogitLoss op{.rows = n,
                          .in = 1,
                          .split = split,
                          .x = x.data(),
                          .weight = weight.data(),
                          .bias = bias.data(),
                          .logits = {logits.data(), logits.data() + split},
                          .term = {c.term(0), c.term(1)},
                          .scale = {mean(0), mean(1)}};
    const auto dlogits = output<float>(static_cast<std::size_t>(op.judged()));
    op.dlogits = dlogits.data();
    kernels::logit_loss(queue(), op);
    EXPECT_EQ(logits.get(), c.logits);
    const std::vector<float> gradient = dlogits.get();
    release();
    return gradient;
  }

  /// Good to 1e-4, but sigmoid(z) - target where it cancels: to two roundings of 1.
  void expect_matches(const ObjectiveCase& c) {
    SCOPED_TRACE(testing::Message() << c);
    const std::vector<float> actual = run(c);
    for (std::size_t i = 0; i < actual.size(); ++i) {
      const RowRole role = c.role_of(c.segment(i));
      if (at_kink(c.objective, role, c.logits[i])) continue;
      const auto m = static_cast<double>(c.length(c.segment(i)));
      const double expected =
          static_cast<double>(pair_slope(c.objective, role, c.logits[i], c.partner(i), c.label)) / m;
      ASSERT_NEAR(actual[i], expected, 1e-4 * std::abs(expected) + 2.4e-7 / m)
          << "logit " << i << " = " << c.logits[i];
    }
  }
};
AGON_ON_EVERY_DEVICE(LogitLossObjective);

TEST_P(LogitLossObjective, EverySizeAndSplit) {
  for_every_split({1, 2, 3, 15, 16, 17, 127, 128, 129, 515},
                  [&](const ObjectiveCase& c) { expect_matches(c); });
}

TEST_P(LogitLossObjective, OfEveryObjective) {
  for_every_objective({1, 2, 15, 17, 64, 129}, [&](const ObjectiveCase& c) { expect_matches(c); });
}

TEST_P(LogitLossObjective, ALargeBatch) {
  expect_matches({.logits = normal_logits(9001, 2), .split = 4097});
  expect_matches({.logits = normal_logits(8194, 2), .split = 4097, .objective = Objective::relativistic});
}

TEST_P(LogitLossObjective, ExtremeLogitsOneByOne) {
  for_extreme_pairs([&](const ObjectiveCase& c) { expect_matches(c); });
}

TEST_P(LogitLossObjective, SmoothedLabels) {
  for_smoothed_labels([&](const ObjectiveCase& c) { expect_matches(c); });
}

TEST_P(LogitLossObjective, TheSameBitsEveryTime) {
  const ObjectiveCase c{
      .logits = normal_logits(3000, 3), .split = 1500, .objective = Objective::relativistic};
  const std::vector<float> first = run(c);
  for (int repeat = 0; repeat < 3; ++repeat) {
    const InAnotherOrder order(repeat);
    EXPECT_EQ(bits(first), bits(run(c)));
  }
}

}  // namespace logit_loss_objective_test
}  // namespace agon::test
