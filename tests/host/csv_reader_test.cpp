// What the reader accepts, and what it makes of it.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>
#include <fstream>
#include <thread>

#include "tests/host/table_cases.hpp"
#include "tests/temporary_folder.hpp"

namespace agon::test {
namespace csv_reader_test {

using host::Column;
using host::parse_csv;
using host::read_csv;
using host::Table;
using Values = std::vector<double>;

TEST(CsvReader, ReadsNamesRowsAndStatistics) {
  const Table table = parse_csv("age,bmi\n59,32.1\n48,21.6\n72,30.50\n", "t.csv");
  EXPECT_EQ(names_of(table), (std::vector<std::string>{"age", "bmi"}));
  EXPECT_EQ(table.rows, 3);
  EXPECT_EQ(table.values, (Values{59, 32.1, 48, 21.6, 72, 30.5}));
  EXPECT_EQ(table.at(1, 1), 21.6);
  EXPECT_EQ(table.find("bmi"), 1);
  EXPECT_EQ(table.find("sex"), -1);
  const Column& age = table.columns[0];
  EXPECT_TRUE(age.integer());
  EXPECT_EQ(age.minimum, 48);
  EXPECT_EQ(age.maximum, 72);
  EXPECT_NEAR(age.mean, 179.0 / 3, 1e-13);
  EXPECT_NEAR(age.deviation, 9.809292646374773, 1e-13);
  EXPECT_EQ(table.columns[1].decimals, 1);
  EXPECT_EQ(table.columns[1].printed_decimals, 2);
}

TEST(CsvReader, TakesEveryFormOfLineEnd) {
  for (const std::string_view text :
       {"a,b\n1,2\n3,4\n", "a,b\r\n1,2\r\n3,4\r\n", "a,b\n1,2\r\n3,4", "a,b\r\n1,2\n3,4\n\n\r\n\n",
        "a,b\r1,2\r3,4\r", "\na,b\r\n1,2\n\n3,4"}) {
    const Table table = parse_csv(text, "t.csv");
    EXPECT_EQ(names_of(table), (std::vector<std::string>{"a", "b"})) << text;
    EXPECT_EQ(table.values, (Values{1, 2, 3, 4})) << text;
  }
}

TEST(CsvReader, SkipsAByteOrderMark) {
  EXPECT_EQ(names_of(lenient("\xEF\xBB\xBF"
                             "a\n1\n")),
            std::vector<std::string>{"a"});
  EXPECT_EQ(error_of("\xEF\xBB\xBF"
                     "a\nx\n"),
            "t.csv:2:1: column 'a' holds text 'x'; agon reads numeric columns only");
}

TEST(CsvReader, TakesQuotedFields) {
  const Table table =
      lenient("\"a, b\",\"say \"\"hi\"\"\",\"two\nlines\",\"\"\"\"\r\n\"1\",\"-2.50\",3,\" 4 \"\r\n");
  EXPECT_EQ(names_of(table), (std::vector<std::string>{"a, b", "say \"hi\"", "two\nlines", "\""}));
  EXPECT_EQ(table.values, (Values{1, -2.5, 3, 4}));
  EXPECT_EQ(table.columns[1].printed_decimals, 2);
}

TEST(CsvReader, TrimsNames) {
  EXPECT_EQ(names_of(lenient(" a ,größe,体重\n1,2,3\n")), (std::vector<std::string>{"a", "größe", "体重"}));
}

TEST(CsvReader, TakesEverySpellingOfANumber) {
  const Table table = lenient("a\n1\n+1\n-1\n1.\n.5\n-.5\n1e3\n1E+3\n1e-3\n 7\t\n007\n-0\n0e999999999999\n");
  EXPECT_EQ(table.values, (Values{1, 1, -1, 1, .5, -.5, 1000, 1000, .001, 7, 7, 0, 0}));
  EXPECT_FALSE(std::signbit(table.values[11]));
}

TEST(CsvReader, TakesOtherSeparators) {
  for (const std::string_view text : {"a;b\n1;2\n3;4\n", "a\tb\n1\t2\n3\t4\n", "a|b\n1|2\n3|4\n"}) {
    EXPECT_EQ(parse_csv(text, "t.csv").values, (Values{1, 2, 3, 4})) << text;
  }
}

TEST(CsvReader, TellsWhatItMended) {
  std::vector<Finding> findings;
  const Table table = parse_csv("a,b\n1e-400,2\n1,-1e-999\n1e-400,0\n\n", "t.csv", {.findings = &findings});
  EXPECT_EQ(table.values, (Values{0, 2, 1, 0, 0, 0}));
  ASSERT_EQ(findings.size(), 3u);
  EXPECT_EQ(findings[0].column, "a");
  EXPECT_EQ(findings[0].what, "2 numbers too small for double precision, read as 0");
  EXPECT_EQ(findings[1].column, "b");
  EXPECT_EQ(findings[2].what, "1 blank line skipped, the first at line 5");
}

TEST(CsvReader, ReadsFromAPipe) {
  const TemporaryFolder folder;
  const auto path = folder / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  std::thread feeder([&] { std::ofstream(path) << "a\n1\n2\n"; });
  const Table table = read_csv(path);
  feeder.join();
  EXPECT_EQ(table.values, (Values{1, 2}));
}

TEST(CsvReader, ReadsLongFiles) {
  const TemporaryFolder folder;
  std::string text = "row,half\r\n";
  const int rows = 300'000;  // 4 MB
  for (int i = 0; i < rows; ++i) text += std::to_string(i) + ',' + std::to_string(i) + ".5\r\n";
  put(folder / "large.csv", text);
  const Table table = read_csv(folder / "large.csv");
  ASSERT_EQ(table.rows, rows);
  for (int i = 0; i < rows; ++i) {
    ASSERT_EQ(table.at(i, 0), i);
    ASSERT_EQ(table.at(i, 1), i + 0.5);
  }
  EXPECT_NEAR(table.columns[0].mean, (rows - 1) / 2.0, 1e-6);
}

TEST(CsvReader, ReadsLongRecords) {
  const TemporaryFolder folder;
  std::string header = "c0", first = "0", second = "1";
  for (int c = 1; c < 60'000; ++c) {
    header += ",a column with a long name and the number " + std::to_string(c);
    first += ",1.25";
    second += ",-1.25";
  }
  put(folder / "wide.csv", header + '\n' + first + '\n' + second + '\n');
  const Table table = read_csv(folder / "wide.csv");
  EXPECT_EQ(table.width(), 60'000);
  EXPECT_EQ(table.at(1, 59'999), -1.25);
}

TEST(CsvReader, ReadsTheBundledTable) {
  const Table table = read_csv(std::filesystem::path(AGON_SOURCE_FOLDER) / "host/data/diabetes.csv");
  EXPECT_EQ(names_of(table),
            (std::vector<std::string>{"age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"}));
  EXPECT_EQ(table.rows, 442);
  std::vector<int> decimals;
  for (const Column& column : table.columns) decimals.push_back(column.decimals);
  EXPECT_EQ(decimals, (std::vector<int>{0, 0, 1, 2, 0, 1, 1, 2, 4, 0}));
  // Means over the 442 patients, known from the table as its authors published it.
  EXPECT_NEAR(table.columns[0].mean, 48.5180995475113, 1e-12);
  EXPECT_NEAR(table.columns[2].mean, 26.3757918552036, 1e-12);
  EXPECT_NEAR(table.columns[8].mean, 4.64141085972851, 1e-12);
}

}  // namespace csv_reader_test
}  // namespace agon::test
