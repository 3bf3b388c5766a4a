// A column's statistics against plain loops in extended precision.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "host/table/table.hpp"

namespace agon::test {
namespace table_statistics_test {

using host::Column;

Column statistics(std::span<const double> values) {
  std::vector<Column> columns(1);
  host::compute_statistics(values, columns);
  return columns[0];
}

struct MeanAndDeviation {
  double mean, deviation;
};

// Sums of offsets from the first value, in extended precision.
MeanAndDeviation by_definition(std::span<const double> values) {
  const auto rows = static_cast<long double>(values.size());
  const long double origin = values[0];
  long double sum = 0, squares = 0;
  for (const double value : values) sum += value - origin;
  const long double centre = sum / rows;
  for (const double value : values) squares += (value - origin - centre) * (value - origin - centre);
  return {static_cast<double>(origin + centre), static_cast<double>(std::sqrt(squares / rows))};
}

TEST(TableStatistics, AgreesWithPlainLoops) {
  EXPECT_TRUE(rc::check([] {
    const double centre = *rc::gen::element(0.0, 1.0, -1e3, 1e9, 1e-9),
                 spread = *rc::gen::element(1.0, 1e-3, 1e6);
    const auto units =
        *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(-1000, 1001)));
    std::vector<double> values;
    for (const int unit : units) values.push_back(centre + spread * unit / 1000);
    const auto [mean, deviation] = by_definition(values);
    const Column column = statistics(values);
    RC_ASSERT(column.minimum == *std::ranges::min_element(values));
    RC_ASSERT(column.maximum == *std::ranges::max_element(values));
    RC_ASSERT(std::abs(column.mean - mean) <= 4e-16 * std::abs(mean) + 1e-14 * spread);
    RC_ASSERT(std::abs(column.deviation - deviation) <= 1e-14 * deviation);
    RC_ASSERT((column.deviation > 0) == (column.minimum < column.maximum));
  }));
}

TEST(TableStatistics, KeepsColumnsApart) {
  const std::vector<double> values = {1, 10, 2, 30, 3, 20};
  std::vector<Column> columns(2);
  host::compute_statistics(values, columns);
  EXPECT_EQ(columns[0].mean, 2);
  EXPECT_EQ(columns[1].mean, 20);
  EXPECT_NEAR(columns[1].deviation, 10 * columns[0].deviation, 1e-14);
  EXPECT_EQ(columns[1].maximum, 30);
}

TEST(TableStatistics, NeitherOverflowsNorVanishes) {
  const std::vector<double> huge = {1e300, -1e300, 1e300, -1e300};
  EXPECT_EQ(statistics(huge).mean, 0);
  EXPECT_DOUBLE_EQ(statistics(huge).deviation, 1e300);
  const std::vector<double> tiny = {1e-300, 3e-300};
  EXPECT_DOUBLE_EQ(statistics(tiny).mean, 2e-300);
  EXPECT_DOUBLE_EQ(statistics(tiny).deviation, 1e-300);
  const double least = std::numeric_limits<double>::denorm_min();
  const std::vector<double> denormal = {0, 0, 0, 0, least};
  EXPECT_EQ(statistics(denormal).deviation, least);
}

TEST(TableStatistics, ALongColumnKeepsItsDigits) {
  std::vector<double> values;
  for (int i = 0; i < 1'000'000; ++i) values.push_back(1e6 + 0.1 * (i % 7));
  const auto [mean, deviation] = by_definition(values);
  const Column column = statistics(values);
  EXPECT_DOUBLE_EQ(column.mean, mean);
  EXPECT_NEAR(column.deviation, deviation, 1e-14);
}

}  // namespace table_statistics_test
}  // namespace agon::test
