// Bounds that five rows or more stand behind.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "host/table/round_bounds.hpp"

namespace agon::test {
namespace round_bounds_test {

using host::Column;
using host::Table;

/// The one column of such a table, its bounds rounded.
Column rounded_column(const std::vector<double>& values) {
  Table table{{Column{.name = "a"}}, std::ssize(values), values};
  host::compute_statistics(table.values, table.columns);
  host::round_bounds(table);
  return table.columns[0];
}

std::vector<double> from_to(double low, double high) {
  std::vector<double> values;
  for (double value = low; value <= high; ++value) values.push_back(value);
  return values;
}

void expect_bounds(std::vector<double> values, std::vector<double> more, double low, double high) {
  values.insert(values.begin() + std::ssize(values) / 2, more.begin(), more.end());
  const Column column = rounded_column(values);
  EXPECT_EQ(column.minimum, low);
  EXPECT_EQ(column.maximum, high);
}

TEST(RoundBounds, AreTheLeastMultiplesThatFiveRowsShare) {
  expect_bounds(from_to(1, 100), {}, 0, 100);
  expect_bounds(from_to(101, 197), {}, 100, 200);
  expect_bounds({0.11, 0.12, 0.13, 0.14, 0.15, 0.31, 0.32, 0.33, 0.34, 0.35}, {}, 0.1, 0.35);
  expect_bounds(from_to(-30, 30), {}, -30, 30);
}

TEST(RoundBounds, KeepAValueThatFiveRowsHave) {
  expect_bounds(from_to(1, 89), {90.5, 90.5, 90.5, 90.5, 90.5}, 0, 90.5);
  expect_bounds(from_to(1, 89), {90.5, 90.5, 90.5, 90.5}, 0, 100);
}

TEST(RoundBounds, OfOneFarRowTellItsSizeAlone) {
  expect_bounds(from_to(1, 100), {987654.321}, 0, 1e6);
  expect_bounds(from_to(1, 100), {612345.678}, 0, 1e6);
  expect_bounds(from_to(1, 100), {-4815.1623}, -5000, 100);
}

TEST(RoundBounds, OfFewRowsOnOneSideOfZero) {
  expect_bounds(from_to(-100, -1), {2.5, 3.5}, -100, 200);
  expect_bounds(std::vector<double>(50, 0), {1, 1, 1}, 0, 2);
  expect_bounds({3, 4.5}, {}, 0, 5);
}

TEST(RoundBounds, LeaveAConstantColumn) { expect_bounds({7.25, 7.25, 7.25}, {}, 7.25, 7.25); }

// What a checkpoint is refused for must not come about: a bound inside the values, a deviation beyond half
// the range.
TEST(RoundBounds, EncloseEveryValueOfAnySize) {
  RC_ASSERT(rc::check([] {
    const int exponent = *rc::gen::inRange(-322, 300);
    const auto values = *rc::gen::container<std::vector<double>>(
        *rc::gen::inRange(1, 30), rc::gen::map(rc::gen::inRange(-1000, 1000),
                                               [&](int n) { return n * std::pow(10.0, exponent) / 1e3; }));
    const Column column = rounded_column(values);
    const auto [low, high] = std::ranges::minmax(values);
    RC_ASSERT(column.minimum <= low && column.maximum >= high);
    RC_ASSERT(std::isfinite(column.minimum) && std::isfinite(column.maximum));
    RC_ASSERT(column.minimum < column.maximum || low == high);
    RC_ASSERT(column.minimum <= column.mean && column.mean <= column.maximum);
    const double size = std::max({std::abs(low), std::abs(high), 1e-300});
    RC_ASSERT(column.maximum <= 10 * size && column.minimum >= -10 * size);
  }));
}

}  // namespace round_bounds_test
}  // namespace agon::test
