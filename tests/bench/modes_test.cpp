// Mode coverage of samples whose answer is known.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "bench/modes/modes.hpp"

namespace agon::test {
namespace modes_test {

using host::Mixture;
using host::ModeScore;

/// Four modes at the corners of a square of side 2, deviation 0.1.
Mixture square() {
  return {
      .name = "square", .text = "", .width = 2, .centres = {-1, -1, -1, 1, 1, -1, 1, 1}, .deviation = 0.1};
}

void add(std::vector<double>& samples, double x, double y, int times = 1) {
  for (int i = 0; i < times; ++i) samples.insert(samples.end(), {x, y});
}

TEST(Modes, CollapseOnOneMode) {
  std::vector<double> samples;
  add(samples, 1, 1, 50);
  const ModeScore score = host::score_modes(square(), samples);
  EXPECT_EQ(score.found, 1);
  EXPECT_EQ(score.high_quality, 1);
  EXPECT_DOUBLE_EQ(score.reverse_kl, std::log(4.0));
  EXPECT_DOUBLE_EQ(score.reverse_kl_high_quality, std::log(4.0));
  EXPECT_EQ(score.spread, 0);
}

TEST(Modes, EvenSharesHaveNoDivergence) {
  std::vector<double> samples;
  for (const double x : {-1.0, 1.0})
    for (const double y : {-1.0, 1.0}) add(samples, x, y, 7);
  const ModeScore score = host::score_modes(square(), samples);
  EXPECT_EQ(score.found, 4);
  EXPECT_NEAR(score.reverse_kl, 0, 1e-15);
}

TEST(Modes, ThreeDeviationsAreTheEdge) {
  std::vector<double> samples;
  add(samples, 1 + 0.299, 1);
  add(samples, 1 + 0.301, 1);
  add(samples, 1 + 0.22, 1 + 0.22);  // 3.11 deviations off: the distance counts, not each column
  add(samples, -1, -0.5);            // of the mode at (-1, -1), but too far from it to find it
  const ModeScore score = host::score_modes(square(), samples);
  EXPECT_EQ(score.found, 1);
  EXPECT_EQ(score.high_quality, 0.25);
  // All samples: shares 3/4 and 1/4 of four modes; those of high quality: one mode.
  EXPECT_NEAR(score.reverse_kl, 0.75 * std::log(3.0) + 0.25 * std::log(1.0), 1e-15);
  EXPECT_NEAR(score.reverse_kl_high_quality, std::log(4.0), 1e-15);
}

TEST(Modes, NothingOfHighQuality) {
  std::vector<double> samples;
  add(samples, 0.5, 0.5, 3);
  const ModeScore score = host::score_modes(square(), samples);
  EXPECT_EQ(score.found, 0);
  EXPECT_EQ(score.high_quality, 0);
  EXPECT_DOUBLE_EQ(score.reverse_kl, std::log(4.0));
  EXPECT_TRUE(std::isnan(score.reverse_kl_high_quality));
  EXPECT_TRUE(std::isnan(score.spread));
}

TEST(Modes, SpreadIsAboutEachModesOwnMean) {
  // Two modes, each a pair 0.1 apart, displaced as a whole: the displacement is no spread.
  std::vector<double> samples;
  add(samples, 1 + 0.15, 1), add(samples, 1 + 0.05, 1);
  add(samples, -1, -1 + 0.15), add(samples, -1, -1 + 0.05);
  const ModeScore score = host::score_modes(square(), samples);
  // Squares 4 * 0.05^2 over (2 - 1) * 2 columns * 2 modes.
  EXPECT_NEAR(score.spread, std::sqrt(4 * 0.0025 / 4) / 0.1, 1e-12);
}

TEST(Modes, TheTruthScoresAsArithmeticSays) {
  constexpr std::int64_t kSamples = 200000;
  const double tail = std::exp(-4.5);
  for (const char* name : {"ring", "grid", "random"}) {
    const Mixture mixture = host::make_mixture(name, 5);
    const auto modes = static_cast<double>(mixture.modes());
    const ModeScore score = host::score_modes(mixture, host::draw_points(mixture, kSamples, 5, 1));
    EXPECT_EQ(score.found, modes);
    EXPECT_NEAR(score.high_quality, 1 - tail, 5 * std::sqrt(tail / kSamples)) << name;
    EXPECT_NEAR(score.spread, std::sqrt(1 - 4.5 * tail / (1 - tail)), 0.005) << name;
    // Mean (K - 1) / 2N, deviation sqrt((K - 1) / 2) / N.
    EXPECT_NEAR(score.reverse_kl, (modes - 1) / (2 * kSamples), 5 * std::sqrt((modes - 1) / 2) / kSamples);
  }
}

TEST(Modes, ShrunkenModesShow) {
  Mixture shrunken = host::make_mixture("grid", 1);
  shrunken.deviation /= 2;
  const std::vector<double> samples = host::draw_points(shrunken, 2500, 1, 1);
  const ModeScore score = host::score_modes(host::make_mixture("grid", 1), samples);
  EXPECT_GT(score.high_quality, 0.9999);  // more than the truth's own 0.989
  EXPECT_NEAR(score.spread, 0.5, 0.02);
}

TEST(Modes, LargestColumnsAreTheNearestCentre) {
  const Mixture thousand = host::make_mixture("thousand", 1);
  Mixture plain = thousand;
  plain.group = 0;  // measures every distance instead
  const Mixture cloud{
      .name = "", .text = "", .width = 30, .centres = std::vector<double>(30, 0.2), .deviation = 0.5};
  const std::vector<double> samples = host::draw_points(cloud, 200, 1, 0);
  for (std::size_t i = 0; i < samples.size(); i += 30) {
    const std::span<const double> sample(&samples[i], 30);
    EXPECT_EQ(host::nearest_mode(thousand, sample), host::nearest_mode(plain, sample));
  }
}

TEST(Modes, ThousandCountsCombinations) {
  const Mixture thousand = host::make_mixture("thousand", 1);
  std::vector<double> samples;
  for (const std::int64_t mode : {0, 7, 123, 999}) {
    const auto centre = thousand.centre(mode);
    samples.insert(samples.end(), centre.begin(), centre.end());
    for (auto value = samples.end() - 30; value != samples.end(); ++value) *value = 0.3 + 0.1 * *value;
  }
  const ModeScore score = host::score_modes(thousand, samples);
  EXPECT_EQ(score.found, 4);
  EXPECT_NEAR(score.reverse_kl, std::log(250.0), 1e-12);
  EXPECT_TRUE(std::isnan(score.high_quality));
  EXPECT_TRUE(std::isnan(score.spread));
}

TEST(Modes, MeansAndTheirErrors) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> values{1, 2, none, 3, 6};
  const host::Estimate e = host::estimate(values);
  EXPECT_DOUBLE_EQ(e.mean, 3);
  EXPECT_DOUBLE_EQ(e.error, std::sqrt(14.0 / 3 / 4));
  const host::Estimate one = host::estimate(std::vector<double>{5});
  EXPECT_EQ(one.mean, 5);
  EXPECT_TRUE(std::isnan(one.error));
  EXPECT_TRUE(std::isnan(host::estimate(std::vector<double>{none}).mean));
}

}  // namespace modes_test
}  // namespace agon::test
