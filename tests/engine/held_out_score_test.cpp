// The held-out score against closed forms of Gaussians.
#include "engine/metrics/held_out_score.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "kernels/error.hpp"
#include "tests/engine/on_device.hpp"

namespace agon {
namespace held_out_score_test {

std::vector<float> gaussian(std::int64_t rows, std::int64_t width, unsigned seed, float shift = 0,
                            float deviation = 1) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> draw;
  std::vector<float> values(static_cast<std::size_t>(rows * width));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = deviation * draw(engine) + (i % static_cast<std::size_t>(width) == 0 ? shift : 0);
  return values;
}

class HeldOutScores : public test::EngineOnDevice {
 protected:
  void SetUp() override {
    if (test::simulated()) GTEST_SKIP() << "takes minutes: HeldOutScoreOn.AgreesBetweenDevices stands in";
    EngineOnDevice::SetUp();
  }
  static constexpr std::int64_t kRows = 1024;
};
INSTANTIATE_TEST_SUITE_P(Devices, HeldOutScores, testing::ValuesIn(test::test_devices()),
                         [](const auto& device) { return device.param.name(); });

/// Along a direction u the distance of N(0, I) from N(shift e_1, deviation^2 I) is, squared, (shift u_1)^2 +
/// (deviation - 1)^2, whose mean over the sphere is shift^2 / width + (deviation - 1)^2.
TEST_P(HeldOutScores, SlicedWassersteinOfTwoGaussians) {
  constexpr std::int64_t kWidth = 4;
  constexpr double tolerance = 0.12;  // about 1 / sqrt(rows) and 1 / sqrt(directions)
  HeldOutScorer scorer(device(), gaussian(kRows, kWidth, 1), kWidth, 7);
  const std::int64_t count = scorer.rows();
  EXPECT_NEAR(scorer.score(gaussian(count, kWidth, 2)).sliced_wasserstein, 0, tolerance);
  for (const auto& [shift, deviation] : {std::pair{2.0f, 1.0f}, {0.0f, 0.5f}, {1.0f, 2.0f}}) {
    const double expected = std::sqrt(std::pow(shift, 2) / kWidth + std::pow(deviation - 1, 2));
    const HeldOutScore score = scorer.score(gaussian(count, kWidth, 3, shift, deviation));
    EXPECT_NEAR(score.sliced_wasserstein, expected, tolerance * expected) << shift << " " << deviation;
    EXPECT_NEAR(score.spread, std::min(deviation, 1.0f), 0.1 * deviation);
  }
}

/// E k(u, v) over u ~ N(a, s I), v ~ N(b, t I) is (h / c)^(w/2) exp(-|a - b|^2 / (2 c)), h the squared
/// bandwidth and c = h + s + t.
TEST_P(HeldOutScores, MmdOfTwoGaussians) {
  constexpr std::int64_t kWidth = 3;
  HeldOutScorer scorer(device(), gaussian(kRows, kWidth, 4), kWidth, 7);
  const double h = std::pow(scorer.bandwidth(), 2), tolerance = 0.02;
  EXPECT_NEAR(h, 2 * 2.366, 0.1 * 2 * 2.366);  // |u - v|^2 / 2 is chi-squared with 3 degrees of freedom
  const auto mean = [&](double s, double t, double distance) {
    const double c = h + s + t;
    return std::pow(h / c, kWidth / 2.0) * std::exp(-distance * distance / (2 * c));
  };
  const std::int64_t count = scorer.rows();
  EXPECT_NEAR(scorer.score(gaussian(count, kWidth, 5)).mmd, 0, tolerance / 2);
  for (const auto& [shift, deviation] : {std::pair{2.0f, 1.0f}, {0.0f, 0.25f}, {1.0f, 2.0f}}) {
    const double t = std::pow(deviation, 2);
    const double expected = mean(1, 1, 0) + mean(t, t, 0) - 2 * mean(1, t, shift);
    EXPECT_NEAR(scorer.score(gaussian(count, kWidth, 6, shift, deviation)).mmd, expected, tolerance)
        << shift << " " << deviation;
  }
}

TEST_P(HeldOutScores, AreNothingOnlyWhereSamplesAreEqual) {
  const std::vector<float> held_out = gaussian(40, 3, 8);
  HeldOutScorer scorer(device(), held_out, 3, 1);
  EXPECT_EQ(scorer.rows(), 1000);
  std::vector<float> same;
  for (std::int64_t i = 0; i < scorer.rows(); ++i)
    same.insert(same.end(), held_out.begin() + i / 25 * 3, held_out.begin() + i / 25 * 3 + 3);
  EXPECT_EQ(scorer.score(same).sliced_wasserstein, 0);
  same[2] += 1;
  EXPECT_GT(scorer.score(same).sliced_wasserstein, 0);
}

/// Two points keep every column's mean and deviation, and are far from the data.
TEST_P(HeldOutScores, SeeACollapseOntoTwoPoints) {
  HeldOutScorer scorer(device(), gaussian(100, 2, 9), 2, 1);
  std::vector<float> points(static_cast<std::size_t>(scorer.rows() * 2));
  for (std::size_t i = 0; i < points.size(); ++i) points[i] = i / 2 % 2 == 0 ? 1.0f : -1.0f;
  const HeldOutScore good = scorer.score(gaussian(scorer.rows(), 2, 10)), bad = scorer.score(points);
  EXPECT_GT(bad.sliced_wasserstein, 2 * good.sliced_wasserstein);
  EXPECT_GT(bad.mmd, 0.05);
  EXPECT_LT(std::abs(good.mmd), 0.02);
}

/// Whatever one column does: constant among the held-out rows, or far too wide in the sample.
TEST_P(HeldOutScores, SeeACollapseOfMostColumns) {
  constexpr std::int64_t kWidth = 8, kHeldOut = 10;  // 10 tenths do not add up to 1 in binary
  std::vector<float> held_out = gaussian(kHeldOut, kWidth, 11);
  for (std::size_t i = 0; i < held_out.size(); i += kWidth) held_out[i] = 1.0f;
  HeldOutScorer scorer(device(), held_out, kWidth, 1);
  std::vector<float> sample = gaussian(scorer.rows(), kWidth, 12, 0, 0.05f);
  EXPECT_TRUE(scorer.score(sample).collapsed());
  for (std::size_t i = 1; i < sample.size(); i += kWidth) sample[i] *= 60;
  EXPECT_TRUE(scorer.score(sample).collapsed());
  EXPECT_FALSE(scorer.score(gaussian(scorer.rows(), kWidth, 13)).collapsed());
}

TEST_P(HeldOutScores, OfWhatIsNotFiniteThereIsNone) {
  HeldOutScorer scorer(device(), gaussian(10, 2, 9), 2, 1);
  std::vector<float> sample(static_cast<std::size_t>(scorer.rows() * 2));
  sample.back() = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(std::isnan(scorer.score(sample).sliced_wasserstein));
  sample.pop_back();
  EXPECT_THROW(scorer.score(sample), ConfigurationError);
  EXPECT_THROW(HeldOutScorer(device(), std::vector<float>(2), 2, 1), DataError);
  EXPECT_THROW(HeldOutScorer(device(), std::vector<float>(5), 2, 1), DataError);
}

class HeldOutScoreOn : public test::EngineOnDevice {};
INSTANTIATE_TEST_SUITE_P(Devices, HeldOutScoreOn, testing::ValuesIn(test::test_devices()),
                         [](const auto& device) { return device.param.name(); });

TEST_P(HeldOutScoreOn, AgreesBetweenDevices) {
  const std::vector<float> held_out = gaussian(30, 5, 11), sample = gaussian(90, 5, 12, 0.5f);
  const HeldOutOptions small{.directions = 9, .samples = 100};
  HeldOutScorer here(device(), held_out, 5, 3, small), there(Device::cpu(1), held_out, 5, 3, small);
  ASSERT_EQ(here.rows(), 90);
  const auto one = here.score(sample), other = there.score(sample);
  EXPECT_NEAR(one.sliced_wasserstein, other.sliced_wasserstein, 1e-5 * other.sliced_wasserstein);
  EXPECT_NEAR(one.mmd, other.mmd, 1e-5);
  EXPECT_GT(other.sliced_wasserstein, 0.1);
  HeldOutScorer elsewhere(device(), held_out, 5, 4, small);  // other directions
  EXPECT_NE(elsewhere.score(sample).sliced_wasserstein, one.sliced_wasserstein);
  EXPECT_EQ(elsewhere.score(sample).mmd, one.mmd);
}

}  // namespace held_out_score_test
}  // namespace agon
