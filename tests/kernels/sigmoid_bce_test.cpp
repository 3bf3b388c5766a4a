// SigmoidBce against its closed form in long double, and its gradient against finite differences of that.
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

#include "kernels/sigmoid_bce.hpp"
#include "tests/kernels/device_fixture.hpp"

namespace agon::test {
namespace {

using kernels::SigmoidBceResult;

/// -t log(sigmoid(z)) - (1 - t) log(1 - sigmoid(z)), written so that long double holds it for |z| in the
/// thousands.
long double cross_entropy(long double z, long double t) {
  const auto minus_log_sigmoid = [](long double x) {
    return x > 0 ? std::log1p(std::exp(-x)) : std::log1p(std::exp(x)) - x;
  };
  return t * minus_log_sigmoid(z) + (1 - t) * minus_log_sigmoid(-z);
}

long double sigmoid(long double z) { return 1 / (1 + std::exp(-z)); }

struct Case {
  std::vector<float> logits;
  std::size_t split = 0;
  float target[2] = {1, 0};
  float weight[2] = {1, 1};
};

struct Outcome {
  std::vector<float> dlogits;
  SigmoidBceResult result;
};

Outcome oracle(const Case& c) {
  Outcome expected{std::vector<float>(c.logits.size()), {}};
  const std::size_t border[3] = {0, c.split, c.logits.size()};
  for (int s = 0; s < 2; ++s) {
    const auto m = static_cast<long double>(border[s + 1] - border[s]);
    long double loss = 0;
    long double probability = 0;
    for (std::size_t i = border[s]; i < border[s + 1]; ++i) {
      loss += cross_entropy(c.logits[i], c.target[s]);
      probability += sigmoid(c.logits[i]);
      expected.dlogits[i] = static_cast<float>(c.weight[s] / m * (sigmoid(c.logits[i]) - c.target[s]));
    }
    expected.result.loss[s] = m > 0 ? static_cast<float>(c.weight[s] * loss / m) : 0;
    expected.result.probability[s] = m > 0 ? static_cast<float>(probability / m) : 0;
  }
  return expected;
}

class SigmoidBce : public OnDevice {
 protected:
  Outcome run(const Case& c, bool gradient = true) {
    const auto logits = input(c.logits);
    const auto dlogits = output<float>(gradient ? c.logits.size() : 0);
    const auto result = output<SigmoidBceResult>(1);
    kernels::sigmoid_bce(queue(), {.n = static_cast<std::int64_t>(c.logits.size()),
                                   .split = static_cast<std::int64_t>(c.split),
                                   .logits = logits.data(),
                                   .dlogits = gradient ? dlogits.data() : nullptr,
                                   .result = result.data(),
                                   .target = {c.target[0], c.target[1]},
                                   .weight = {c.weight[0], c.weight[1]}});
    return {dlogits.get(), result.get()[0]};
  }

  void expect_matches(const Case& c, double tolerance = 1e-6) {
    const Outcome actual = run(c);
    const Outcome expected = oracle(c);
    for (int s = 0; s < 2; ++s) {
      const double loss = expected.result.loss[s];
      EXPECT_NEAR(actual.result.loss[s], loss, tolerance * std::abs(loss) + 1e-37) << "segment " << s;
      const double probability = expected.result.probability[s];
      EXPECT_NEAR(actual.result.probability[s], probability, tolerance * probability + 1e-37)
          << "segment " << s;
      const double m = static_cast<double>(s == 0 ? c.split : c.logits.size() - c.split);
      const std::size_t begin = s == 0 ? 0 : c.split;
      const std::size_t end = s == 0 ? c.split : c.logits.size();
      for (std::size_t i = begin; i < end;
           ++i) {  // sigmoid - target cancels: a few ulp of the larger of the two
        ASSERT_NEAR(actual.dlogits[i], expected.dlogits[i],
                    std::abs(c.weight[s]) / m * 3e-7 * std::max(c.target[s], 0.0f) +
                        1e-6 * std::abs(expected.dlogits[i]) + 1e-37)
            << "logit " << i << " = " << c.logits[i];
      }
    }
  }
};
AGON_ON_EVERY_DEVICE(SigmoidBce);

std::vector<float> normal_logits(std::size_t n, float scale) {
  std::mt19937 generator(static_cast<std::uint32_t>(n));
  std::normal_distribution<float> normal(0, scale);
  std::vector<float> logits(n);
  for (float& z : logits) z = normal(generator);
  return logits;
}

TEST_P(SigmoidBce, EverySizeAndSplit) {
  for (const std::size_t n :
       {1, 2, 3, 15, 16, 17, 127, 128, 129, 2047, 2048, 2049, 4097, 16383, 16384, 16385, 40000}) {
    for (const std::size_t split : {std::size_t{0}, std::size_t{1}, n / 2, n - 1, n}) {
      expect_matches({.logits = normal_logits(n, 3), .split = split});
    }
  }
}

TEST_P(SigmoidBce, HugeBatches) {
  expect_matches({.logits = normal_logits(131072, 2), .split = 65536});
  expect_matches({.logits = normal_logits(1'000'003, 2), .split = 333'333});
}

TEST_P(SigmoidBce, NoLogitsAtAll) {
  const Outcome outcome = run({});
  EXPECT_EQ(outcome.result.loss[0], 0);
  EXPECT_EQ(outcome.result.probability[1], 0);
}

TEST_P(SigmoidBce, ExtremeLogitsOneByOne) {
  for (const float z : {0.0f, 1e-30f, 1e-8f, 0.3f, 1.0f, 8.0f, 16.0f, 17.0f, 20.0f, 40.0f, 80.0f, 86.9f,
                        88.0f, 104.0f, 1e3f, 1e4f, 1e30f, std::numeric_limits<float>::max()}) {
    for (const float logit : {z, -z}) {
      for (const float target : {0.0f, 0.1f, 0.9f, 1.0f}) {
        SCOPED_TRACE(testing::Message() << "logit " << logit << " target " << target);
        expect_matches({.logits = {logit}, .split = 1, .target = {target, 0}});
      }
    }
  }
}

TEST_P(SigmoidBce, SmoothedTargetsAndWeights) {
  expect_matches(
      {.logits = normal_logits(301, 4), .split = 150, .target = {0.9f, 0.1f}, .weight = {0.5f, -2.0f}});
  // The literal minimax generator: mean log(1 - sigmoid(z)).
  const Case minimax{.logits = normal_logits(64, 2), .split = 64, .target = {0, 0}, .weight = {-1, 0}};
  long double expected = 0;
  for (const float z : minimax.logits) expected += std::log(1 - sigmoid(z)) / 64;
  EXPECT_NEAR(run(minimax).result.loss[0], static_cast<double>(expected), 1e-6);
}

TEST_P(SigmoidBce, GradientIsTheSlopeOfTheLoss) {
  const Case c{.logits = normal_logits(97, 5), .split = 40, .target = {0.9f, 0}, .weight = {1, 0.7f}};
  const Outcome outcome = run(c);
  for (std::size_t i = 0; i < c.logits.size(); ++i) {
    const int s = i < c.split ? 0 : 1;
    const long double m = s == 0 ? 40 : 57;
    const long double h = 1e-5L;
    const long double z = c.logits[i];
    const long double slope =
        c.weight[s] / m * (cross_entropy(z + h, c.target[s]) - cross_entropy(z - h, c.target[s])) / (2 * h);
    EXPECT_NEAR(outcome.dlogits[i], static_cast<double>(slope), 1e-8) << "logit " << z;
  }
}

TEST_P(SigmoidBce, WithoutGradientTheSameSums) {
  const Case c{.logits = normal_logits(5000, 3), .split = 2000};
  const Outcome with = run(c);
  const Outcome without = run(c, false);
  for (int s = 0; s < 2; ++s) {
    EXPECT_EQ(with.result.loss[s], without.result.loss[s]);
    EXPECT_EQ(with.result.probability[s], without.result.probability[s]);
  }
}

TEST_P(SigmoidBce, TheSameBitsEveryTime) {
  const Case c{.logits = normal_logits(70'001, 3), .split = 30'000};
  const Outcome first = run(c);
  for (int repeat = 0; repeat < 3; ++repeat) {
    const InAnotherOrder order(repeat);
    const Outcome again = run(c);
    EXPECT_EQ(std::memcmp(&first.result, &again.result, sizeof first.result), 0);
    EXPECT_EQ(bits(first.dlogits), bits(again.dlogits));
  }
}

TEST_P(SigmoidBce, ANonFiniteLogitIsSeenInItsLoss) {
  Case c{.logits = normal_logits(100, 1), .split = 50};
  c.logits[70] = std::numeric_limits<float>::quiet_NaN();
  const Outcome outcome = run(c);
  EXPECT_TRUE(std::isfinite(outcome.result.loss[0]));
  EXPECT_FALSE(std::isfinite(outcome.result.loss[1]));
  EXPECT_TRUE(std::isnan(outcome.dlogits[70]));
}

}  // namespace
}  // namespace agon::test
