// The row order as a bijection, and as a random one.
#include "kernels/formula/permutation.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <vector>

namespace agon::test {
namespace permutation_test {

std::vector<std::uint32_t> order_of(std::uint32_t n, std::uint64_t seed, std::uint64_t epoch) {
  const auto permutation = kernels::formula::permutation(n, seed, 3, epoch);
  std::vector<std::uint32_t> order(n);
  for (std::uint32_t x = 0; x < n; ++x) order[x] = kernels::formula::permute(permutation, x);
  return order;
}

bool is_bijection(std::vector<std::uint32_t> order) {
  std::sort(order.begin(), order.end());
  for (std::uint32_t i = 0; i < order.size(); ++i) {
    if (order[i] != i) return false;
  }
  return true;
}

/// How many standard deviations Pearson's statistic lies above its mean, for counts that should all be equal.
double excess(const std::vector<double>& counts) {
  const double expected =
      std::accumulate(counts.begin(), counts.end(), 0.0) / static_cast<double>(counts.size());
  double statistic = 0;
  for (const double count : counts) statistic += (count - expected) * (count - expected) / expected;
  const double freedom = static_cast<double>(counts.size()) - 1;
  return (statistic - freedom) / std::sqrt(2 * freedom);
}

TEST(Permutation, EverySmallSizeIsABijection) {
  for (std::uint32_t n = 1; n <= 700; ++n)
    ASSERT_TRUE(is_bijection(order_of(n, n * 0x9E3779B97F4A7C15u, n))) << n;
}

TEST(Permutation, AnySizeSeedAndEpochIsABijection) {
  EXPECT_TRUE(rc::check("bijection", [](std::uint64_t seed, std::uint64_t epoch) {
    RC_ASSERT(is_bijection(order_of(*rc::gen::inRange<std::uint32_t>(1, 20'000), seed, epoch)));
  }));
  EXPECT_TRUE(is_bijection(order_of(1'000'003, 1, 1)));
}

TEST(Permutation, TheLargestTableStaysInRange) {
  const std::uint32_t n = 0x7fffffff;
  const auto permutation = kernels::formula::permutation(n, 1, 3, 0);
  std::vector<std::uint32_t> images;
  for (std::uint32_t x = n - 100'000; x < n; ++x) images.push_back(kernels::formula::permute(permutation, x));
  EXPECT_LT(*std::max_element(images.begin(), images.end()), n);
  std::sort(images.begin(), images.end());
  EXPECT_EQ(std::adjacent_find(images.begin(), images.end()), images.end());
}

TEST(Permutation, EveryOrderOfAFewRowsIsEquallyLikely) {
  for (const std::uint32_t n : {2, 3, 4, 5}) {
    std::map<std::vector<std::uint32_t>, double> seen;
    for (std::uint64_t epoch = 0; epoch < 300'000; ++epoch) ++seen[order_of(n, 20'240'229, epoch)];
    std::vector<double> counts;
    for (const auto& [order, count] : seen) counts.push_back(count);
    const std::size_t factorial = n == 2 ? 2 : n == 3 ? 6 : n == 4 ? 24 : 120;
    ASSERT_EQ(counts.size(), factorial) << "orders of " << n;
    EXPECT_LT(excess(counts), 4) << "orders of " << n;
  }
}

TEST(Permutation, SeedsAreAsGoodAsEpochs) {
  std::map<std::vector<std::uint32_t>, double> seen;
  for (std::uint64_t seed = 0; seed < 200'000; ++seed) ++seen[order_of(4, seed, 0)];
  std::vector<double> counts;
  for (const auto& [order, count] : seen) counts.push_back(count);
  ASSERT_EQ(counts.size(), 24u);
  EXPECT_LT(excess(counts), 4);
}

TEST(Permutation, RowsOfATableScatterAndPartFromTheirNeighbours) {
  constexpr std::uint32_t n = 442;
  constexpr int epochs = 20'000;
  std::vector<double> place_of_first(n), place_of_last(n), distance(n);
  double fixed = 0;
  for (int epoch = 0; epoch < epochs; ++epoch) {
    const std::vector<std::uint32_t> order = order_of(n, 7, static_cast<std::uint64_t>(epoch));
    ++place_of_first[order[0]];
    ++place_of_last[order[n - 1]];
    for (std::uint32_t x = 0; x + 1 < n; ++x) ++distance[(order[x + 1] + n - order[x]) % n];
    for (std::uint32_t x = 0; x < n; ++x) fixed += order[x] == x;
  }
  EXPECT_LT(excess(place_of_first), 4);
  EXPECT_LT(excess(place_of_last), 4);
  EXPECT_EQ(distance[0], 0);
  distance.erase(distance.begin());
  EXPECT_LT(excess(distance), 4);
  EXPECT_NEAR(fixed / epochs, 1, 4 / std::sqrt(static_cast<double>(epochs)));  // one row stays, on average
}

}  // namespace permutation_test
}  // namespace agon::test
