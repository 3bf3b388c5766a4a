// The figures of columns and pairs against their definitions in plain loops and closed forms.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "host/evaluate/column_figures.hpp"
#include "host/evaluate/contingency.hpp"
#include "host/evaluate/pair_figures.hpp"
#include "host/evaluate/table_figures.hpp"
#include "tests/host/fidelity_tables.hpp"

namespace agon::host {
namespace fidelity_figures_test {

using test::kHole;
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

/// Two columns that go together, far from 0, or with holes.
std::pair<std::vector<double>, std::vector<double>> related(int rows, double offset, double holes,
                                                            unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  std::pair<std::vector<double>, std::vector<double>> columns;
  for (int row = 0; row < rows; ++row) {
    const double x = normal(random);
    columns.first.push_back(uniform(random) < holes ? kHole : offset + x);
    columns.second.push_back(uniform(random) < holes ? kHole : 1e-3 * (x + normal(random)));
  }
  return columns;
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
  const std::vector<double> up{1, 2, 3, 4}, flat{5, 5, 5, 5}, late{kHole, kHole, 7, 7};
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
                                    .numbers("a", {0, 10, kHole, 9.5}, {0, 10, 10, 9.5})
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

TEST(TableFigures, ADrawOfRowsCountsAsTheRowsWrittenOut) {
  const int rows = 400;
  const auto [a, b] = related(rows, 5, 0.2, 5);
  const auto [c, d] = related(rows, 0, 0, 6);
  std::vector<std::int32_t> group, flag;
  for (int row = 0; row < rows; ++row) {
    group.push_back(row % 11 == 0 ? -1 : row % 7 % 4);
    flag.push_back(c[static_cast<std::size_t>(row)] > 0.4);
  }
  ComparedTables tables = TablesOfTwo(rows, rows)
                              .numbers("a", a, a)
                              .numbers("b", b, b)
                              .numbers("c", c, c)
                              .levels("group", {"p", "q", "r", "s"}, 4, group, group)
                              .levels("flag", {"no", "yes"}, 2, flag, flag)
                              .tables();
  const CodedTables coded = code_tables(tables, Device::cpu(1));
  const RowSample drawn = bootstrap(coded.real, 250, 42, 7);
  std::vector<std::int64_t> which;
  for (std::size_t row = 0; row < drawn.times.size(); ++row)
    which.insert(which.end(), drawn.times[row], static_cast<std::int64_t>(row));
  ASSERT_EQ(which.size(), 250u);
  const std::vector<bool> none(5);
  const TableFigures weighted = compare_samples(coded.spaces, all_rows(coded.real), drawn, none);
  tables.synthetic = part(tables.real, which);
  const CodedTables written = code_tables(tables, Device::cpu(1));
  const TableFigures plain =
      compare_samples(written.spaces, all_rows(written.real), all_rows(written.synthetic), none);
  for (std::size_t i = 0; i < 5; ++i)
    EXPECT_NEAR(weighted.columns[i].score, plain.columns[i].score, 1e-12) << i;
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_NEAR(weighted.pairs[i].similarity, plain.pairs[i].similarity, 1e-9) << i;
    EXPECT_NEAR(weighted.pairs[i].by_tenths, plain.pairs[i].by_tenths, 1e-12) << i;
    EXPECT_NEAR(weighted.pairs[i].sample, plain.pairs[i].sample, 1e-9) << i;
    EXPECT_LT(weighted.pairs[i].similarity, 1) << i;
  }
  EXPECT_NEAR(weighted.score, plain.score, 1e-9);
}

TEST(CodedTables, NoiseOfTextIsNoDifferenceButSmallColumnsAreNotBlurred) {
  const ComparedTables tables = TablesOfTwo(3, 3)
                                    .numbers("a", {0.3, 0.1, 0.7}, {0.1 + 0.2, 0.1, 0.7})
                                    .numbers("tiny", {1e-20, 2e-20, 3e-20}, {4e-20, 5e-20, 6e-20})
                                    .numbers("huge", {1e300, -1e300, 0}, {1e300, -1e300, 0})
                                    .tables();
  const CodedTables coded = code_tables(tables, Device::cpu(1));
  const TableFigures found =
      compare_samples(coded.spaces, all_rows(coded.real), all_rows(coded.synthetic), std::vector<bool>(3));
  EXPECT_EQ(found.columns[0].score, 1);
  EXPECT_EQ(found.columns[1].score, 0);
  EXPECT_EQ(found.columns[2].score, 1);
  EXPECT_NEAR(found.pairs[1].similarity, 1, 1e-12);
  EXPECT_NEAR(found.pairs[2].similarity, 1, 1e-12);
}

TEST(Bootstrap, DrawsRowsEvenlyAndEachDrawItsOwn) {
  CodedRecords records;
  records.rows = 50;
  const RowSample many = bootstrap(records, 500000, 3, 0);
  std::uint64_t sum = 0;
  for (const std::uint32_t times : many.times) {
    sum += times;
    EXPECT_NEAR(times, 10000, 5 * std::sqrt(10000 * 0.98));
  }
  EXPECT_EQ(sum, 500000u);
  EXPECT_EQ(many.rows, 500000);
  EXPECT_EQ(bootstrap(records, 101, 3, 0).times, bootstrap(records, 101, 3, 0).times);
  EXPECT_NE(bootstrap(records, 101, 3, 0).times, bootstrap(records, 101, 3, 1).times);
  EXPECT_NE(bootstrap(records, 101, 3, 0).times, bootstrap(records, 101, 4, 0).times);
}

}  // namespace fidelity_figures_test
}  // namespace agon::host
