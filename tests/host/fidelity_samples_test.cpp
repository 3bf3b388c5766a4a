// Samples of a table's rows: what is drawn, and that it counts as the rows written out.
#include <gtest/gtest.h>

#include <cmath>

#include "host/evaluate/fidelity/coded_records.hpp"
#include "host/evaluate/fidelity/table_figures.hpp"
#include "tests/host/fidelity_tables.hpp"

namespace agon::host {
namespace fidelity_samples_test {

using test::related;
using test::TablesOfTwo;

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

}  // namespace fidelity_samples_test
}  // namespace agon::host
