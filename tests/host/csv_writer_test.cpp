// What the writer writes, and that reading it gives the table back.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <cstdlib>

#include "host/table/csv.hpp"
#include "tests/host/table_cases.hpp"
#include "tests/temporary_folder.hpp"

namespace agon::test {
namespace csv_writer_test {

using host::Column;
using host::CsvWriter;
using host::Table;

std::string written_value(double value, int decimals) {
  const std::string text = written({{{.name = "a", .printed_decimals = decimals}}, 1, {value}});
  return text.substr(2, text.size() - 3);
}

TEST(CsvWriter, WritesTheColumnsDecimals) {
  EXPECT_EQ(written_value(59, 0), "59");
  EXPECT_EQ(written_value(59, 2), "59.00");
  EXPECT_EQ(written_value(-0.05, 2), "-0.05");
  EXPECT_EQ(written_value(4.8598, 4), "4.8598");
  EXPECT_EQ(written_value(0.1 + 0.2, 1), "0.3");
  EXPECT_EQ(written_value(0.1 + 0.2, Column::kAsNeeded), "0.30000000000000004");
  EXPECT_EQ(written_value(1e22, 0), "10000000000000000000000");
  EXPECT_EQ(written_value(-123456789012.25, 10), "-123456789012.2500000000");
  EXPECT_EQ(written_value(1e300, 17).size(), 301u + 18u);
  EXPECT_EQ(written_value(1.5e-40, Column::kAsNeeded), "1.5e-40");
}

TEST(CsvWriter, HasNoMinusZero) {
  for (int decimals = 0; decimals <= Column::kAsNeeded; ++decimals) {
    EXPECT_EQ(written_value(-0.0, decimals).front(), '0') << decimals;
    EXPECT_EQ(written_value(-1e-20, decimals == Column::kAsNeeded ? 17 : decimals).front(), '0') << decimals;
  }
}

TEST(CsvWriter, QuotesNamesWhereNeeded) {
  const Table table{
      {{.name = "a, b"}, {.name = "say \"hi\""}, {.name = "two\nlines"}, {.name = "größe"}}, 1, {1, 2, 3, 4}};
  EXPECT_EQ(written(table), "\"a, b\",\"say \"\"hi\"\"\",\"two\nlines\",größe\n1,2,3,4\n");
  EXPECT_EQ(names_of(lenient(written(table))), names_of(table));
}

TEST(CsvWriter, QuotesANameThatWouldBeTakenForAByteOrderMark) {
  const std::string name =
      "\xEF\xBB\xBF"
      "age";
  EXPECT_EQ(written({{{.name = name}}, 1, {1}}), "\"" + name + "\"\n1\n");
}

TEST(CsvWriter, HandsPiecesOn) {
  std::string text;
  std::size_t pieces = 0, largest = 0;
  const std::vector<Column> columns = {{.name = "a"}, {.name = "b"}};
  CsvWriter writer(columns, [&](std::string_view piece) {
    text += piece;
    ++pieces;
    largest = std::max(largest, piece.size());
  });
  for (int i = 0; i < 100'000; ++i) writer.write_rows(std::vector<double>{1.0 * i, -1.0 * i});
  writer.finish();
  EXPECT_GT(pieces, 10u);
  EXPECT_LT(largest, 70'000u);
  EXPECT_EQ(lenient(text).rows, 100'000);
}

// A column's decimals, its values in units of 10^-decimals, and the table they spell.
TEST(CsvWriter, WritesBackWhatWasRead) {
  EXPECT_TRUE(rc::check([] {
    const auto width = *rc::gen::inRange<std::size_t>(1, 5), rows = *rc::gen::inRange<std::size_t>(1, 8);
    const auto decimals = *rc::gen::container<std::vector<int>>(width, rc::gen::inRange(0, 13));
    std::string text;
    for (std::size_t c = 0; c < width; ++c) text += (c ? ",c" : "c") + std::to_string(c);
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t c = 0; c < width; ++c) {
        const auto units = *rc::gen::inRange<std::int64_t>(-1'000'000'000'000, 1'000'000'000'000);
        std::string digits = std::to_string(std::abs(units));
        const auto places = static_cast<std::size_t>(decimals[c]);
        if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
        if (places != 0) digits.insert(digits.size() - places, ".");
        text += (c ? "," : "\n") + std::string(units < 0 ? "-" : "") + digits;
      }
    }
    text += '\n';
    RC_ASSERT(written(lenient(text)) == text);
  }));
}

TEST(CsvWriter, EveryValueComesBack) {
  EXPECT_TRUE(rc::check([](const std::vector<double>& drawn) {
    std::string text = "a\n";
    std::vector<double> values;
    for (const double value : drawn) {
      if (!std::isfinite(value) || std::abs(value) > kLargestMagnitude) continue;
      char digits[40];
      std::snprintf(digits, sizeof digits, "%.17g\n", value);
      text += digits;
      values.push_back(value);
    }
    RC_PRE(!values.empty());
    const Table table = lenient(text);
    RC_ASSERT(table.values == values);
    const Table again = lenient(written(table));
    const int decimals = table.columns[0].printed_decimals;
    const double half_unit = decimals == Column::kAsNeeded ? 0 : 0.5 * std::pow(10.0, -decimals);
    for (std::size_t i = 0; i < values.size(); ++i) {
      RC_ASSERT(std::abs(again.values[i] - values[i]) <= half_unit + 3e-16 * std::abs(values[i]));
    }
  }));
}

TEST(CsvWriter, WritesWholeFilesOrNone) {
  const TemporaryFolder folder;
  const Table table = lenient("a,b\n1,2.5\n3,4.0\n");
  host::write_csv(folder / "t.csv", table);
  EXPECT_EQ(content_of(folder / "t.csv"), "a,b\n1,2.5\n3,4.0\n");
  EXPECT_THROW(host::write_csv(folder / "absent" / "t.csv", table), Error);
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(CsvWriter, NoticesAFullDisk) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  EXPECT_THROW(host::write_csv("/dev/full", lenient("a\n1\n2\n")), Error);
}

}  // namespace csv_writer_test
}  // namespace agon::test
