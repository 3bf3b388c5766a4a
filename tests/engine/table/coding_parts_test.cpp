// The parts of a coding by themselves: identifiers, supports, curves, distinct numbers.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <regex>
#include <set>

#include "engine/table/distinct.hpp"
#include "engine/table/identifiers.hpp"
#include "engine/table/quantile_curve.hpp"
#include "tests/engine/table/coded_table.hpp"

namespace agon {
namespace coding_parts_test {

using namespace coded;

TEST(Distinct, EqualsAMap) {
  RC_ASSERT(rc::check([](std::uint32_t seed) {
    std::mt19937 g(seed);
    const std::size_t n = g() % 300;
    std::vector<double> input;
    for (std::size_t i = 0; i < n; ++i) input.push_back((static_cast<double>(g() % 50) - 20) / 3);
    std::map<double, std::int64_t> expected;
    for (const double x : input) ++expected[x];
    const Distinct found = distinct(input, Device::cpu(2));
    RC_ASSERT(found.values.size() == expected.size());
    std::size_t i = 0;
    for (const auto& [value, count] : expected) {
      RC_ASSERT(found.values[i] == value);
      RC_ASSERT(found.counts[i++] == count);
    }
    for (std::size_t row = 0; row < n; ++row) RC_ASSERT(found.values[found.index[row]] == input[row]);
  }));
}

TEST(Distinct, EqualsSortingOfManyNumbers) {
  std::mt19937 g(1);
  std::vector<double> input(200000);
  for (double& x : input) x = static_cast<double>(g() % 150000) - 1000.5;
  std::vector<double> sorted = input;
  std::ranges::sort(sorted);
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  for (const Device& device : Device::all()) {
    const Distinct found = distinct(input, device);
    ASSERT_EQ(found.values, sorted) << device.name();
    for (std::size_t row = 0; row < input.size(); ++row)
      ASSERT_EQ(found.values[found.index[row]], input[row]);
    EXPECT_EQ(std::accumulate(found.counts.begin(), found.counts.end(), std::int64_t{0}), std::ssize(input));
  }
}

/// New names: all different, none of the originals, all like `pattern`.
void expect_names(const Cells& originals, const std::string& pattern, std::uint64_t first = 0) {
  const IdentifierPattern fitted = fit_identifiers({originals.begin(), originals.end()});
  const IdentifierMaker maker(fitted, 11, 3);
  const std::set<std::string> old(originals.begin(), originals.end());
  std::set<std::string> made;
  for (std::uint64_t i = first; i < first + 3000; ++i) {
    std::string name;
    maker.make(i, name);
    EXPECT_TRUE(std::regex_match(name, std::regex(pattern))) << name;
    EXPECT_FALSE(old.contains(name)) << name;
    EXPECT_TRUE(made.insert(name).second) << name;
  }
}

TEST(Identifiers, CountOnInTheOriginalsPattern) {
  Cells rows, padded;
  for (int i = 1; i <= 500; ++i) {
    rows.push_back(std::to_string(i));
    char text[24];
    std::snprintf(text, sizeof text, "PAT-%05d/x", i);
    padded.push_back(text);
  }
  expect_names(rows, "[0-9]{3,4}");
  expect_names(padded, "PAT-[0-9]{5}/x");
}

TEST(Identifiers, AreDrawnWhereTheyAreSparse) {
  std::mt19937_64 g(2);
  Cells records, codes, uuids;
  for (int i = 0; i < 400; ++i) {
    records.push_back(std::to_string(100000000000000000 + g() % 900000000000000000));
    codes.push_back(std::string("K") + static_cast<char>('A' + g() % 26) + static_cast<char>('A' + g() % 26) +
                    std::to_string(1000 + g() % 9000) + "-" + static_cast<char>('A' + g() % 26));
    char text[40];
    std::snprintf(text, sizeof text, "%08x-%04x-4%03x-%c%03x-%012llx", static_cast<unsigned>(g()),
                  static_cast<unsigned>(g() & 0xffff), static_cast<unsigned>(g() & 0xfff), "89ab"[g() % 4],
                  static_cast<unsigned>(g() & 0xfff), static_cast<unsigned long long>(g() & 0xffffffffffff));
    uuids.push_back(text);
  }
  expect_names(records, "[1-9][0-9]{17}");
  expect_names(codes, "K[A-Z]{2}[0-9]{4}-[A-Z]", 100000);
  expect_names(uuids, "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
}

TEST(Identifiers, GoOnFromOnePieceOfADrawToTheNext) {
  Cells id, sex;
  for (int i = 0; i < 100; ++i)
    id.push_back("P" + std::to_string(1000 + i)), sex.push_back(i % 2 ? "F" : "M");
  const Coding coding =
      fitted(table_of({{"id", word_schema(ColumnKind::identifier), id}, {"sex", word_schema(), sex}}));
  const Cells one = cells_of(coding.decode(random_rows(coding.layout(), 40, 1), 5), "id");
  const Cells two = cells_of(coding.decode(random_rows(coding.layout(), 40, 1), 5, 20), "id");
  EXPECT_EQ(Cells(one.begin() + 20, one.end()), Cells(two.begin(), two.begin() + 20));
  EXPECT_EQ(one[0], "P1100");
}

/// Values of a column: some of them often, some once.
std::vector<CountedValue> some_values(std::mt19937& g) {
  std::vector<CountedValue> values;
  double value = static_cast<double>(g() % 50) - 25;
  for (std::size_t i = 0, n = 1 + g() % 40; i < n;
       ++i, value += static_cast<double>(1 + (g() % 3 ? 0 : g() % 20))) {
    const auto rows = static_cast<std::int64_t>(g() % 3 ? 1 + g() % 3 : 5 + g() % 100);
    values.push_back({value, rows, rows, false});
  }
  return values;
}

TEST(NumberSupport, EveryPositionOfAZoneMeansItsValue) {
  RC_ASSERT(rc::check([](std::uint32_t seed) {
    std::mt19937 g(seed);
    const std::vector<CountedValue> values = some_values(g);
    const NumberSupport support = fit_support(values, {1, 0, 0}, 5);
    RC_ASSERT(support.low >= values.front().value && support.high <= values.back().value);
    double last = -INFINITY;
    for (double position = support.low - 3; position < support.high + 3; position += 0.01) {
      const double value = support.value_at(position);
      RC_ASSERT(value >= last && value >= support.low && value <= support.high && value == std::round(value));
      RC_ASSERT(support.nearest(value) == value);
      last = value;
    }
    for (double value = support.low; value <= support.high; ++value) {
      if (support.nearest(value) != value) continue;
      const NumberSupport::Zone zone = support.zone(value);
      const double from = std::max(zone.low, value - 1000), to = std::min(zone.high, value + 1000);
      for (int i = 1; i < 20 && from < to; ++i)
        RC_ASSERT(support.value_at(from + i * (to - from) / 20) == value);
    }
  }));
}

TEST(NumberSupport, BoundsAreTheNearestWithin) {
  RC_ASSERT(rc::check([](std::uint32_t seed) {
    std::mt19937 g(seed);
    const std::vector<CountedValue> values = some_values(g);
    const NumberSupport support = fit_support(values, {1, 0, 0}, 5);
    for (double bound = support.low - 2; bound <= support.high + 2; bound += 0.5) {
      double most = NAN, least = NAN;
      for (double value = support.low; value <= support.high; ++value) {
        if (support.nearest(value) != value) continue;
        if (value <= bound) most = value;
        if (value >= bound && std::isnan(least)) least = value;
      }
      RC_ASSERT((std::isnan(most) ? std::isnan(support.at_most(bound)) : support.at_most(bound) == most));
      RC_ASSERT((std::isnan(least) ? std::isnan(support.at_least(bound)) : support.at_least(bound) == least));
    }
  }));
}

// A value that one row has is an end of the support only where that is asked for.
TEST(NumberSupport, EndsAtTheOutermostRowsWhereAsked) {
  std::vector<CountedValue> numbers, doses;
  for (double value = 0; value < 100; ++value) numbers.push_back({value, 2, 2, false});
  for (const double dose : {10, 25, 50, 100}) doses.push_back({dose, 60, 60, false});
  for (std::vector<CountedValue>* values : {&numbers, &doses}) {
    values->insert(values->begin(), {-48151, 1, 1, false});
    values->push_back({987654, 1, 1, false});
    const NumberSupport smooth = fit_support(*values, {1, 0, 0}, 5);
    EXPECT_GT(smooth.low, -200);
    EXPECT_LT(smooth.high, 300);
    const NumberSupport exact = fit_support(*values, {1, 0, 0}, 5, SupportEnds::exact);
    EXPECT_EQ(exact.value_at(-1e9), -48151);
    EXPECT_EQ(exact.value_at(1e9), 987654);
  }
}

TEST(NumberSupport, OfAListKeepsWhatFiveRowsHave) {
  std::vector<CountedValue> doses;
  for (const double dose : {10, 25, 50, 100}) doses.push_back({dose, 60, 60, false});
  for (const double rare : {400, 500}) doses.push_back({rare, 4, 4, false});
  const NumberSupport support = fit_support(doses, {1, 0, 0}, 5);
  EXPECT_EQ(support.kept, (std::vector<double>{10, 25, 50, 100}));
  EXPECT_EQ(support.high, 100);
}

TEST(QuantileCurve, ReproducesTheDistributionFromUniformRanks) {
  std::mt19937 g(3);
  std::vector<double> real;
  std::map<double, std::int64_t> counts;
  for (int i = 0; i < 5000; ++i)
    real.push_back(std::round(std::exp(std::normal_distribution<>(3, 1)(g)) * 10) / 10);
  for (const double x : real) ++counts[x];
  std::vector<CountedValue> values;
  for (const auto& [value, rows] : counts) values.push_back({value, rows, rows, false});
  const NumberSupport support = fit_support(values, {0.1, 0, 1}, 5);
  const QuantileCurve curve = support_curve(support, values, 5, 512);
  std::vector<double> drawn;
  for (int i = 0; i < 50000; ++i)
    drawn.push_back(support.value_at(curve.position(std::uniform_real_distribution<>(0, 1)(g))));
  EXPECT_LT(ks_distance(real, drawn), 0.012);
  for (const double value : {5.0, 20.0, 35.0}) {
    const double share = static_cast<double>(counts[value]) / 5000;
    const double got = static_cast<double>(std::ranges::count(drawn, value)) / 50000;
    EXPECT_NEAR(got, share, 0.002) << value;
  }
}

}  // namespace coding_parts_test
}  // namespace agon
