// How far columns reach: the true distribution's median of the largest draw; no single row decides it.
#include "engine/table/tail.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <vector>

namespace agon {
namespace tail_test {

std::vector<CountedValue> counted(std::vector<double> rows) {
  std::ranges::sort(rows);
  std::vector<CountedValue> values;
  for (const double row : rows) {
    if (values.empty() || values.back().value != row) values.push_back({row, 0, 0, false});
    ++values.back().rows;
    ++values.back().continuous;
  }
  return values;
}

/// Median over tables of the share of the distribution beyond the end, times the rows.
double rows_beyond(const std::function<double(double)>& quantile,
                   const std::function<double(double)>& survival) {
  constexpr int kTables = 101, kRows = 4000;
  std::mt19937 g(7);
  std::uniform_real_distribution<> uniform(0, 1);
  std::vector<double> beyond;
  for (int t = 0; t < kTables; ++t) {
    std::vector<double> rows(kRows);
    for (double& row : rows) row = quantile(uniform(g));
    beyond.push_back(kRows * survival(tail_end(counted(rows), 5, false)));
  }
  std::ranges::nth_element(beyond, beyond.begin() + kTables / 2);
  return beyond[kTables / 2];
}

TEST(TailEnd, IsWhereTheLargestRowIsExpected) {
  // ln 2 = 0.69 rows lie beyond the median of the largest; between the last two rows, where the end is cut,
  // some 1.2.
  const double exponential =
      rows_beyond([](double u) { return -std::log1p(-u); }, [](double x) { return std::exp(-x); });
  const double pareto = rows_beyond([](double u) { return std::pow(1 - u, -1 / 3.0); },
                                    [](double x) { return std::pow(x, -3.0); });
  const double uniform = rows_beyond([](double u) { return u; }, [](double x) { return 1 - x; });
  for (const double rows : {exponential, pareto, uniform}) {
    EXPECT_GT(rows, 0.69);
    EXPECT_LT(rows, 1.7);
  }
}

TEST(TailEnd, TheOutermostRowDoesNotDecideIt) {
  std::mt19937 g(11);
  std::lognormal_distribution<> draw(0, 1);
  std::vector<double> rows(1000);
  for (double& row : rows) row = draw(g);
  std::ranges::sort(rows);
  rows.back() = 1e6;
  const double end = tail_end(counted(rows), 5, false);
  EXPECT_LT(end, 4 * rows[998]);
  rows.back() = 1e9;
  EXPECT_EQ(tail_end(counted(rows), 5, false), end);
  rows.back() = rows[998] * 1.0001;
  EXPECT_LT(tail_end(counted(rows), 5, false), rows.back());
}

TEST(TailEnd, MirrorsForTheSmallest) {
  std::mt19937 g(13);
  std::vector<double> rows(500), mirrored;
  for (double& row : rows) row = std::exponential_distribution<>(1)(g);
  for (const double row : rows) mirrored.push_back(-row);
  EXPECT_EQ(tail_end(counted(rows), 5, false), -tail_end(counted(mirrored), 5, true));
  EXPECT_EQ(pooled_end(counted(rows), 5, false), -pooled_end(counted(mirrored), 5, true));
}

TEST(TailEnd, IsTheLastRowWhereSingleRowsMayShow) {
  const std::vector<CountedValue> values = counted({1, 2, 3, 4, 90});
  EXPECT_EQ(tail_end(values, 1, false), 90);
  EXPECT_EQ(tail_end(values, 1, true), 1);
}

TEST(TailEnd, OfFewOrEqualRows) {
  EXPECT_EQ(tail_end(counted({3}), 5, false), 3);
  EXPECT_EQ(tail_end(counted({3, 3, 3, 3, 3, 3, 3, 3}), 5, false), 3);
  EXPECT_LE(tail_end(counted({1, 2}), 5, false), 2);
}

}  // namespace tail_test
}  // namespace agon
