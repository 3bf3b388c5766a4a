// The mixtures that mode coverage is counted on: their centres, counts and deviations.
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

#include "bench/modes/mixture.hpp"
#include "bench/modes/modes.hpp"
#include "host/table/scaling.hpp"
#include "kernels/error.hpp"

namespace agon::test {
namespace mixture_test {

using host::Mixture;

double distance(const Mixture& mixture, std::int64_t a, std::int64_t b) {
  double sum = 0;
  for (std::int64_t c = 0; c < mixture.width; ++c)
    sum += std::pow(mixture.centre(a)[c] - mixture.centre(b)[c], 2);
  return std::sqrt(sum);
}

double least_distance(const Mixture& mixture) {
  double least = 1e300;
  for (std::int64_t a = 0; a < mixture.modes(); ++a)
    for (std::int64_t b = 0; b < a; ++b) least = std::min(least, distance(mixture, a, b));
  return least;
}

TEST(Mixture, RingIsPacGans) {
  const Mixture ring = host::make_mixture("ring", 1);
  ASSERT_EQ(ring.modes(), 8);
  EXPECT_EQ(ring.deviation, 0.01);
  for (std::int64_t m = 0; m < 8; ++m)
    EXPECT_NEAR(std::hypot(ring.centre(m)[0], ring.centre(m)[1]), 1, 1e-15);
  EXPECT_NEAR(least_distance(ring), 2 * std::sin(std::acos(-1.0) / 8), 1e-15);
}

TEST(Mixture, GridIsPacGans) {
  const Mixture grid = host::make_mixture("grid", 1);
  ASSERT_EQ(grid.modes(), 25);
  EXPECT_EQ(grid.deviation, 0.05);
  EXPECT_EQ(least_distance(grid), 2);
  for (const double value : grid.centres) EXPECT_EQ(std::fmod(value, 2), 0) << value;
  for (const double value : grid.centres) EXPECT_LE(std::abs(value), 4);
}

TEST(Mixture, RandomCentresKeepTheirDistanceAndFollowTheSeed) {
  std::set<double> first;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Mixture mixture = host::make_mixture("random", seed);
    ASSERT_EQ(mixture.modes(), 25);
    EXPECT_GE(least_distance(mixture), 20 * mixture.deviation);
    for (const double value : mixture.centres) EXPECT_LE(std::abs(value), 4);
    EXPECT_EQ(mixture.centres, host::make_mixture("random", seed).centres);
    first.insert(mixture.centres.front());
  }
  EXPECT_EQ(first.size(), 200u);
}

TEST(Mixture, ThousandIsEveryCombination) {
  const Mixture thousand = host::make_mixture("thousand", 1);
  ASSERT_EQ(thousand.modes(), 1000);
  ASSERT_EQ(thousand.width, 30);
  std::set<std::vector<double>> all;
  for (std::int64_t m = 0; m < 1000; ++m) {
    const auto centre = thousand.centre(m);
    for (int g = 0; g < 3; ++g) {
      double sum = 0;
      for (int c = 0; c < 10; ++c) sum += centre[10 * g + c];
      EXPECT_EQ(sum, 1);
    }
    all.insert({centre.begin(), centre.end()});
  }
  EXPECT_EQ(all.size(), 1000u);
}

TEST(Mixture, UnknownNameIsRefused) {
  EXPECT_THROW(host::make_mixture("disc", 1), ConfigurationError);
  for (const std::string_view name : host::mixture_names()) EXPECT_EQ(host::make_mixture(name, 1).name, name);
}

TEST(Mixture, PointsHaveTheModesCountsMeansAndDeviations) {
  constexpr std::int64_t kPoints = 100000;
  for (const char* name : {"ring", "grid", "random"}) {
    const Mixture mixture = host::make_mixture(name, 3);
    const std::vector<double> points = host::draw_points(mixture, kPoints, 3, 0);
    ASSERT_EQ(points.size(), 2u * kPoints);
    const auto modes = static_cast<std::size_t>(mixture.modes());
    std::vector<double> count(modes), sum(2 * modes);
    double squares = 0, product = 0;
    for (std::size_t i = 0; i < points.size(); i += 2) {
      const std::span<const double> point(&points[i], 2);
      const auto m = static_cast<std::size_t>(host::nearest_mode(mixture, point));
      const auto centre = mixture.centre(static_cast<std::int64_t>(m));
      const double x = (point[0] - centre[0]) / mixture.deviation,
                   y = (point[1] - centre[1]) / mixture.deviation;
      ++count[m], sum[2 * m] += x, sum[2 * m + 1] += y;
      squares += x * x + y * y, product += x * y;
    }
    const double each = static_cast<double>(kPoints) / static_cast<double>(modes);
    double chi_squared = 0;
    for (const double n : count) chi_squared += (n - each) * (n - each) / each;
    // Mean modes - 1, deviation sqrt(2 (modes - 1)); drawn uniformly, not dealt out in turn.
    EXPECT_LT(chi_squared,
              static_cast<double>(modes - 1) + 5 * std::sqrt(2.0 * static_cast<double>(modes - 1)));
    EXPECT_GT(chi_squared, 0.05 * static_cast<double>(modes));
    for (const double s : sum) EXPECT_LT(std::abs(s), 5 * std::sqrt(each)) << name;
    EXPECT_NEAR(std::sqrt(squares / (2 * kPoints)), 1, 5 / std::sqrt(4.0 * kPoints)) << name;
    EXPECT_LT(std::abs(product / kPoints), 5 / std::sqrt(1.0 * kPoints)) << name;
  }
}

TEST(Mixture, PointsDependOnSeedSetAndPlaceAlone) {
  const Mixture grid = host::make_mixture("grid", 1);
  const std::vector<double> ten = host::draw_points(grid, 10, 1, 0);
  const std::vector<double> five = host::draw_points(grid, 5, 1, 0);
  EXPECT_TRUE(std::equal(five.begin(), five.end(), ten.begin()));
  EXPECT_NE(ten, host::draw_points(grid, 10, 2, 0));
  EXPECT_NE(ten, host::draw_points(grid, 10, 1, 1));
}

TEST(Mixture, PointsOfThousandAreItsModes) {
  const Mixture thousand = host::make_mixture("thousand", 1);
  const std::vector<double> points = host::draw_points(thousand, 50, 1, 0);
  for (std::size_t i = 0; i < points.size(); i += 30) {
    const std::span<const double> point(&points[i], 30);
    const auto centre = thousand.centre(host::nearest_mode(thousand, point));
    EXPECT_TRUE(std::equal(point.begin(), point.end(), centre.begin()));
  }
}

TEST(Mixture, TableGoesToANetworkAndBackWithoutRounding) {
  const Mixture ring = host::make_mixture("ring", 1);
  const host::Table table = host::training_table(ring, 1000, 1);
  ASSERT_EQ(table.rows, 1000);
  const std::vector<double> back = host::restore(host::standardise(table), table.columns);
  ASSERT_EQ(back.size(), table.values.size());
  for (std::size_t i = 0; i < back.size(); ++i) EXPECT_NEAR(back[i], table.values[i], 2e-7);
  EXPECT_THROW(host::training_table(host::make_mixture("thousand", 1), 5, 1), ConfigurationError);
}

}  // namespace mixture_test
}  // namespace agon::test
