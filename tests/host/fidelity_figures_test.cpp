// The figures of columns and pairs against their definitions in plain loops and closed forms.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "host/evaluate/fidelity/column_figures.hpp"
#include "host/evaluate/fidelity/contingency.hpp"
#include "host/evaluate/fidelity/pair_figures.hpp"
#include "tests/host/fidelity_tables.hpp"

namespace agon::host {
namespace fidelity_figures_test {

using test::kNoNumber;
using test::related;
using test::TablesOfTwo;
using Counts = std::vector<std::int64_t>;

ValueSpace numbers_up_to(int count, int levels = 0) {
  ValueSpace space{.numeric = true, .numbers = {}, .levels = levels};
  for (int i = 0; i < count; ++i) space.numbers.push_back(i);
  return space;
}

ValueSpace levels_of(int count) { return {.numeric = false, .numbers = {}, .levels = count}; }

double share_up_to(const Counts& counts, std::size_t last) {
  double below = 0, all = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    all += static_cast<double>(counts[i]);
    if (i <= last) below += static_cast<double>(counts[i]);
  }
  return below / all;
}

TEST(ColumnFigures, ScoresAreTheirDefinitions) {
  EXPECT_TRUE(rc::check([] {
    const auto counts = [] {
      auto drawn = *rc::gen::container<Counts>(8, rc::gen::inRange<std::int64_t>(0, 5));
      ++drawn[static_cast<std::size_t>(*rc::gen::inRange(0, 8))];
      return drawn;
    };
    const Counts a = counts(), b = counts();
    double largest = 0, sum = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      largest = std::max(largest, std::abs(share_up_to(a, i) - share_up_to(b, i)));
      const double before_a = i == 0 ? 0 : share_up_to(a, i - 1),
                   before_b = i == 0 ? 0 : share_up_to(b, i - 1);
      sum += std::abs((share_up_to(a, i) - before_a) - (share_up_to(b, i) - before_b));
    }
    RC_ASSERT(std::abs(compare_column(numbers_up_to(8), {a, 3}, {b, 0}).score - (1 - largest)) < 1e-12);
    RC_ASSERT(std::abs(compare_column(levels_of(8), {a, 0}, {b, 2}).score - (1 - sum / 2)) < 1e-12);
  }));
}

TEST(ColumnFigures, SharesAreOfAllRows) {
  // Numbers 0 to 4, then marks. The real ones: 1 and 3, two marks; the synthetic ones: all over, a third
  // mark.
  const ColumnFigures numbers =
      compare_column(numbers_up_to(5, 3), {{0, 4, 0, 4, 0, 1, 1, 0}, 0}, {{1, 1, 1, 1, 2, 0, 2, 1}, 1});
  EXPECT_EQ(numbers.missing, 0.1);
  EXPECT_EQ(numbers.marked, 0.3);
  EXPECT_EQ(numbers.outside, 0.3);
  EXPECT_EQ(numbers.lost, 1);
  EXPECT_EQ(numbers.lost_rows, 0.1);
  EXPECT_EQ(numbers.invented, 0.1);
  const ColumnFigures levels = compare_column(levels_of(4), {{5, 3, 1, 0}, 1}, {{2, 0, 0, 1}, 1});
  EXPECT_EQ(levels.marked, 0);
  EXPECT_EQ(levels.outside, 0);
  EXPECT_EQ(levels.lost, 2);
  EXPECT_EQ(levels.lost_rows, 0.4);
  EXPECT_EQ(levels.invented, 0.25);
  EXPECT_EQ(levels.missing, 0.25);
}

TEST(ColumnFigures, NothingOnOneSideIsZeroAndOnBothUndefined) {
  for (const ValueSpace& space : {numbers_up_to(2), levels_of(2)}) {
    EXPECT_EQ(compare_column(space, {{1, 1}, 0}, {{0, 0}, 4}).score, 0);
    EXPECT_EQ(compare_column(space, {{0, 0}, 4}, {{1, 1}, 0}).score, 0);
    EXPECT_TRUE(std::isnan(compare_column(space, {{0, 0}, 4}, {{0, 0}, 4}).score));
  }
}

/// Of a table of two columns.
struct TwoColumns {
  CodedTables coded;
  RowSample real, synthetic;
  PairFigures figures;

  explicit TwoColumns(const ComparedTables& tables)
      : coded(code_tables(tables, Device::cpu(1))),
        real(all_rows(coded.real)),
        synthetic(all_rows(coded.synthetic)) {
    figures = compare_pair(coded.spaces, prepare_pairs(real, real, coded.spaces),
                           prepare_pairs(synthetic, real, coded.spaces), 0, 1);
  }
};

double pearson_by_definition(const std::vector<double>& a, const std::vector<double>& b) {
  long double n = 0, ma = 0, mb = 0, ab = 0, aa = 0, bb = 0;
  const auto both = [&](std::size_t i) { return !std::isnan(a[i]) && !std::isnan(b[i]); };
  for (std::size_t i = 0; i < a.size(); ++i)
    if (both(i)) n += 1, ma += a[i], mb += b[i];
  ma /= n, mb /= n;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!both(i)) continue;
    const long double x = a[i] - ma, y = b[i] - mb;
    ab += x * y, aa += x * x, bb += y * y;
  }
  return static_cast<double>(ab / std::sqrt(aa * bb));
}

TEST(PairFigures, CorrelationsAreTheirDefinition) {
  for (const double holes : {0.0, 0.3}) {
    const auto [a, b] = related(3000, 1e6, holes, 3);
    const auto [c, d] = related(1000, -20, holes, 4);
    const PairFigures found =
        TwoColumns(TablesOfTwo(3000, 1000).numbers("a", a, d).numbers("b", b, c).tables()).figures;
    const double r = pearson_by_definition(a, b), s = pearson_by_definition(c, d);
    EXPECT_NEAR(found.reference, r, 1e-9);
    EXPECT_NEAR(found.sample, s, 1e-9);
    EXPECT_NEAR(found.similarity, 1 - std::abs(r - s) / 2, 1e-9);
  }
}

TEST(PairFigures, ACorrelationThatOneSideAloneHasCountsZero) {
  const std::vector<double> up{1, 2, 3, 4}, flat{5, 5, 5, 5}, late{kNoNumber, kNoNumber, 7, 7};
  const auto similarity = [&](const std::vector<double>& real, const std::vector<double>& synthetic) {
    return TwoColumns(TablesOfTwo(4, 4).numbers("a", up, up).numbers("b", real, synthetic).tables())
        .figures.similarity;
  };
  EXPECT_EQ(similarity(up, flat), 0);
  EXPECT_EQ(similarity(flat, up), 0);
  EXPECT_EQ(similarity(up, late), 0);
  EXPECT_TRUE(std::isnan(similarity(flat, flat)));
  EXPECT_TRUE(std::isnan(similarity(flat, late)));
  EXPECT_EQ(similarity(up, up), 1);
}

TEST(PairFigures, CramersVOfFourCellsIsTheirPhi) {
  const std::vector<std::int32_t> first{0, 0, 1, 1}, second{0, 1, 0, 1};
  const std::vector<std::uint32_t> some{10, 20, 30, 40}, diagonal{7, 0, 0, 5}, row{3, 4, 0, 0};
  const ContingencyFigures found =
      compare_contingency({first, second, some}, {first, second, diagonal}, 2, 2);
  EXPECT_NEAR(found.reference, 200 / std::sqrt(30.0 * 70 * 40 * 60), 1e-12);
  EXPECT_NEAR(found.sample, 1, 1e-12);
  EXPECT_NEAR(found.similarity, 1 - (std::abs(0.1 - 7 / 12.0) + 0.2 + 0.3 + std::abs(0.4 - 5 / 12.0)) / 2,
              1e-12);
  EXPECT_TRUE(std::isnan(compare_contingency({first, second, row}, {first, second, some}, 2, 2).reference));
}

TEST(PairFigures, WhatIsConstantInASampleHasNoCoefficientWhateverRoundingLeaves) {
  std::mt19937 random(12);
  const auto number = [&] { return static_cast<double>(random() % 1000) / 10; };
  const auto times = [&] { return static_cast<std::uint32_t>(1 + random() % 1000); };
  for (int i = 0; i < 200; ++i) {
    // Row 0 alone has both numbers and is drawn: of two columns that are constant, or that have holes.
    const double hole = i % 2 == 1 ? kNoNumber : 0;
    std::vector<double> a, b;
    for (int row = 0; row < 5; ++row) a.push_back(number()), b.push_back(number());
    a[4] += hole, b[3] += hole;
    TwoColumns two(TablesOfTwo(5, 5).numbers("a", a, a).numbers("b", b, b).tables());
    const std::uint32_t others = i % 2 == 1 ? 1 : 0;
    two.real.times = {times(), 0, 0, others, others};
    two.real.rows = two.real.times[0] + 2 * others;
    const PairSample sample = prepare_pairs(two.real, two.real, two.coded.spaces);
    EXPECT_TRUE(std::isnan(correlation(sample, 0, 1, two.coded.spaces)));
    const std::vector<std::int32_t> one(5, 0), five{0, 1, 2, 3, 4};
    const std::vector<std::uint32_t> some{times(), times(), times(), times(), times()};
    EXPECT_TRUE(std::isnan(compare_contingency({one, five, some}, {five, five, some}, 5, 5).reference));
  }
}

TEST(PairFigures, ConstantNumbersLieInTheMiddleBin) {
  const ComparedTables tables = TablesOfTwo(4, 4)
                                    .numbers("a", {0, 10, 5, 5.5}, {7, 7, 7, 7})
                                    .levels("b", {"x"}, 1, {0, 0, 0, 0}, {0, 0, 0, 0})
                                    .tables();
  EXPECT_EQ(TwoColumns(tables).figures.similarity, 0.5);
}

TEST(PairFigures, CellsAreCountedAlikeInPlaceAndSorted) {
  std::mt19937 random(9);
  std::vector<std::int32_t> a, b;
  std::vector<std::uint32_t> once, drawn;
  for (int row = 0; row < 500; ++row) {
    a.push_back(static_cast<std::int32_t>(random() % 7));
    b.push_back(static_cast<std::int32_t>((random() % 5 + static_cast<unsigned>(a.back())) % 6));
    once.push_back(1);
    drawn.push_back(static_cast<std::uint32_t>(random() % 3));
  }
  const ContingencyFigures few = compare_contingency({a, b, once}, {b, a, drawn}, 7, 7);
  const ContingencyFigures many = compare_contingency({a, b, once}, {b, a, drawn}, 70000, 60000);
  EXPECT_EQ(few.similarity, many.similarity);
  EXPECT_NEAR(few.reference, many.reference, 1e-12);
  EXPECT_NEAR(few.sample, many.sample, 1e-12);
  EXPECT_LT(few.similarity, 0.9);
  EXPECT_GT(few.reference, 0.1);
}

TEST(PairFigures, HolesCountAsSdmetricsHasThem) {
  // Bins of 0 to 10: the greatest has one of its own, and holes share it.
  const ComparedTables tables = TablesOfTwo(4, 4)
                                    .numbers("a", {0, 10, kNoNumber, 9.5}, {0, 10, 10, 9.5})
                                    .levels("b", {"x"}, 1, {0, 0, 0, 0}, {0, 0, 0, 0})
                                    .tables();
  EXPECT_EQ(TwoColumns(tables).figures.similarity, 1);
}

/// As tenths are defined: by how many numbers lie below, half of the equal ones with them.
std::int32_t tenth_by_definition(double x, const std::vector<double>& reference) {
  double middle = 0, all = 0;
  for (const double y : reference) {
    if (std::isnan(y)) continue;
    middle += y < x ? 1 : y == x ? 0.5 : 0;
    ++all;
  }
  return std::isnan(x) ? 10 : std::min(9, static_cast<int>(std::floor(10 * middle / all + 1e-9)));
}

TEST(PairFigures, TenthsAreTheirDefinitionAndMindNoOutlier) {
  auto [a, b] = related(300, 0, 0.1, 8);
  auto [c, d] = related(200, 0.5, 0.2, 9);
  for (std::size_t i = 0; i < a.size(); i += 3) a[i] = 0;  // a third has one value
  std::vector<std::vector<double>> cells[2];
  for (auto& side : cells) side.assign(11, std::vector<double>(11));
  for (std::size_t i = 0; i < a.size(); ++i)
    cells[0][static_cast<std::size_t>(tenth_by_definition(a[i], a))]
         [static_cast<std::size_t>(tenth_by_definition(b[i], b))] += 1 / 300.0;
  for (std::size_t i = 0; i < c.size(); ++i)
    cells[1][static_cast<std::size_t>(tenth_by_definition(c[i], a))]
         [static_cast<std::size_t>(tenth_by_definition(d[i], b))] += 1 / 200.0;
  double sum = 0;
  for (std::size_t i = 0; i < 11; ++i)
    for (std::size_t j = 0; j < 11; ++j) sum += std::abs(cells[0][i][j] - cells[1][i][j]);
  const PairFigures found =
      TwoColumns(TablesOfTwo(300, 200).numbers("a", a, c).numbers("b", b, d).tables()).figures;
  EXPECT_NEAR(found.by_tenths, 1 - sum / 2, 1e-12);
  EXPECT_LT(found.by_tenths, 0.9);
  c[0] = 1e9;
  const PairFigures far =
      TwoColumns(TablesOfTwo(300, 200).numbers("a", a, c).numbers("b", b, d).tables()).figures;
  EXPECT_NEAR(far.by_tenths, found.by_tenths, 0.006);
}

}  // namespace fidelity_figures_test
}  // namespace agon::host
