// ObjectiveLoss against the objectives in plain words and long double, and their finite differences.
#include "kernels/objective_loss.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>

#include "tests/kernels/device_fixture.hpp"
#include "tests/kernels/objective_oracle.hpp"

namespace agon::test {
namespace {

using kernels::ObjectiveResult;

/// Two segments of one phase: real rows and fakes, or the generator's and their partners.
struct Case {
  std::vector<float> logits;
  std::size_t split = 0;
  Objective objective = Objective::non_saturating;
  bool generator = false;
  float label = 1;

  RowRole role(std::size_t i) const {
    if (generator) return i < split ? RowRole::generated : RowRole::reference;
    return i < split ? RowRole::real : RowRole::fake;
  }
  float partner(std::size_t i) const {
    if (!kernels::is_paired(objective)) return 0;
    return logits[i < split ? i + split : i - split];
  }
  std::size_t length(int s) const { return s == 0 ? split : logits.size() - split; }
};

std::ostream& operator<<(std::ostream& stream, const Case& c) {
  return stream << to_string(c.objective) << (c.generator ? ", generator, " : ", ") << c.logits.size()
                << " logits split at " << c.split;
}

struct Outcome {
  std::vector<float> dlogits;
  ObjectiveResult result;
};

Outcome oracle(const Case& c) {
  Outcome expected{std::vector<float>(c.logits.size()), {}};
  long double loss[2] = {}, output[2] = {};
  for (std::size_t i = 0; i < c.logits.size(); ++i) {
    const int s = i < c.split ? 0 : 1;
    const long double z = c.logits[i], partner = c.partner(i), label = c.label;
    const RowRole role = c.role(i);
    loss[s] += role == RowRole::real        ? real_loss(c.objective, z, partner, label)
               : role == RowRole::fake      ? fake_loss(c.objective, partner, z)
               : role == RowRole::generated ? generator_loss(c.objective, partner, z)
                                            : 0;
    output[s] += kernels::is_probability(c.objective) && role != RowRole::reference ? sigmoid(z) : z;
    const long double slope =
        role == RowRole::reference ? 0 : pair_slope(c.objective, role, z, partner, label);
    expected.dlogits[i] = static_cast<float>(slope / static_cast<long double>(c.length(s)));
  }
  for (int s = 0; s < 2; ++s) {
    const auto m = static_cast<long double>(std::max<std::size_t>(c.length(s), 1));
    expected.result.loss[s] = static_cast<float>(loss[s] / m);
    expected.result.output[s] = static_cast<float>(output[s] / m);
  }
  return expected;
}

class ObjectiveLoss : public OnDevice {
 protected:
  Outcome run(const Case& c, bool gradient = true) {
    const auto logits = input(c.logits);
    const auto dlogits = output<float>(gradient ? c.logits.size() : 0);
    const auto result = output<ObjectiveResult>(1);
    const RowRole first = c.generator ? RowRole::generated : RowRole::real;
    const RowRole second = c.generator ? RowRole::reference : RowRole::fake;
    kernels::objective_loss(
        queue(), {.n = static_cast<std::int64_t>(c.logits.size()),
                  .split = static_cast<std::int64_t>(c.split),
                  .logits = logits.data(),
                  .dlogits = gradient ? dlogits.data() : nullptr,
                  .result = result.data(),
                  .term = {loss_term(c.objective, first, c.label), loss_term(c.objective, second)}});
    return {dlogits.get(), result.get()[0]};
  }

  /// Sums are good to `tolerance` of the largest term times the number of them at worst; gradients to 1e-4,
  /// but sigmoid(z) - target where it cancels: to two roundings of 1.
  void expect_matches(const Case& c) {
    SCOPED_TRACE(testing::Message() << c);
    const Outcome actual = run(c), expected = oracle(c);
    for (int s = 0; s < 2; ++s) {
      double size = 0;  // of a logit
      for (const float z : c.logits) size = std::max(size, std::abs(double{z}));
      if (c.objective == Objective::least_squares) size *= size;
      const double tolerance =
          1e-6 * (1 + std::min(size, 20.0)) + 1e-6 * std::abs(double{expected.result.loss[s]});
      EXPECT_NEAR(actual.result.loss[s], expected.result.loss[s], tolerance) << "segment " << s;
      EXPECT_NEAR(actual.result.output[s], expected.result.output[s],
                  1e-6 * (1 + std::min(size, 20.0)) + 1e-6 * std::abs(double{expected.result.output[s]}))
          << "segment " << s;
    }
    for (std::size_t i = 0; i < c.logits.size(); ++i) {
      if (at_kink(c.objective, c.role(i), c.logits[i])) continue;
      const double m = static_cast<double>(c.length(i < c.split ? 0 : 1));
      ASSERT_NEAR(actual.dlogits[i], expected.dlogits[i], 1e-4 * std::abs(expected.dlogits[i]) + 2.4e-7 / m)
          << "logit " << i << " = " << c.logits[i];
    }
  }
};
AGON_ON_EVERY_DEVICE(ObjectiveLoss);

std::vector<float> normal_logits(std::size_t n, float scale) {
  std::mt19937 generator(static_cast<std::uint32_t>(n));
  std::normal_distribution<float> normal(0, scale);
  std::vector<float> logits(n);
  for (float& z : logits) z = normal(generator);
  return logits;
}

TEST_P(ObjectiveLoss, EverySizeAndSplit) {
  for (const std::size_t n :
       {1, 2, 3, 15, 16, 17, 127, 128, 129, 2047, 2048, 2049, 4097, 16383, 16384, 16385, 40000}) {
    for (const std::size_t split : {std::size_t{0}, std::size_t{1}, n / 2, n - 1, n}) {
      expect_matches({.logits = normal_logits(n, 3), .split = split});
    }
  }
}

TEST_P(ObjectiveLoss, OfEveryObjective) {
  for (const Objective objective : kObjectives)
    for (const bool generator : {false, true})
      for (const std::size_t half : {1, 2, 15, 17, 64, 129, 2049, 9000})
        expect_matches({.logits = normal_logits(2 * half, 2),
                        .split = half,
                        .objective = objective,
                        .generator = generator});
}

TEST_P(ObjectiveLoss, HugeBatches) {
  expect_matches({.logits = normal_logits(131072, 2), .split = 65536});
  expect_matches({.logits = normal_logits(131072, 2), .split = 65536, .objective = Objective::relativistic});
  expect_matches({.logits = normal_logits(1'000'003, 2), .split = 333'333});
}

TEST_P(ObjectiveLoss, NoLogitsAtAll) {
  const Outcome outcome = run({});
  EXPECT_EQ(outcome.result.loss[0], 0);
  EXPECT_EQ(outcome.result.output[1], 0);
}

TEST_P(ObjectiveLoss, ExtremeLogitsOneByOne) {
  std::vector<float> all;
  for (const float z :
       {0.0f, 1e-30f, 1e-8f, 0.3f, 1.0f, 8.0f, 17.0f, 40.0f, 80.0f, 88.0f, 104.0f, 1e3f, 1e4f})
    all.insert(all.end(), {z, -z});
  for (const Objective objective : kObjectives)
    for (const bool generator : {false, true})
      for (const float z : all)
        for (const float partner : {0.5f, -80.0f, 1e4f})
          expect_matches(
              {.logits = {z, partner}, .split = 1, .objective = objective, .generator = generator});
}

TEST_P(ObjectiveLoss, SmoothedLabels) {
  for (const Objective objective : {Objective::non_saturating, Objective::minimax, Objective::least_squares})
    for (const float label : {0.1f, 0.75f, 0.9f})
      expect_matches({.logits = normal_logits(301, 4), .split = 150, .objective = objective, .label = label});
}

TEST_P(ObjectiveLoss, WithoutGradientTheSameSums) {
  for (const Objective objective : kObjectives) {
    const Case c{.logits = normal_logits(5000, 3), .split = 2500, .objective = objective};
    const Outcome with = run(c), without = run(c, false);
    EXPECT_EQ(std::memcmp(&with.result, &without.result, sizeof with.result), 0) << c;
  }
}

TEST_P(ObjectiveLoss, TheSameBitsEveryTime) {
  const Case c{.logits = normal_logits(70'000, 3), .split = 35'000, .objective = Objective::relativistic};
  const Outcome first = run(c);
  for (int repeat = 0; repeat < 3; ++repeat) {
    const InAnotherOrder order(repeat);
    const Outcome again = run(c);
    EXPECT_EQ(std::memcmp(&first.result, &again.result, sizeof first.result), 0);
    EXPECT_EQ(bits(first.dlogits), bits(again.dlogits));
  }
}

TEST_P(ObjectiveLoss, ANonFiniteLogitIsSeenInItsLoss) {
  for (const Objective objective : kObjectives) {
    Case c{.logits = normal_logits(100, 1), .split = 50, .objective = objective};
    c.logits[70] = std::numeric_limits<float>::quiet_NaN();
    const Outcome outcome = run(c);
    EXPECT_EQ(std::isfinite(outcome.result.loss[0]), !kernels::is_paired(objective));
    EXPECT_FALSE(std::isfinite(outcome.result.loss[1]));
  }
}

}  // namespace
}  // namespace agon::test
