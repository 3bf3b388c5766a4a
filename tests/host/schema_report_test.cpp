// What `agon inspect` says of a table: aligned, narrow, and no single patient in it.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "host/table/schema_report.hpp"
#include "tests/engine/table/table_of.hpp"

namespace agon::host {
namespace schema_report_test {

using test::cells_of;
using test::has;
using test::scrambled;

std::string report_of(const TextTable& table) {
  const Inferred inferred = infer_schema(table);
  return describe_schema(table, inferred.schema, inferred.findings);
}

std::size_t characters(std::string_view line) {
  return static_cast<std::size_t>(
      std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

TEST(SchemaReport, OneLineForEachColumn) {
  const std::string report = report_of(make_table({
      {"age", cells_of(400, [](int row) { return std::to_string(18 + scrambled(row, 70)); })},
      {"sbp", cells_of(400, [](int row) { return std::to_string(90 + 5 * scrambled(row, 22)); })},
      {"weight, kg", cells_of(400,
                              [](int row) {
                                return row % 4 ? std::to_string(40 + scrambled(row, 900) / 10) + "." +
                                                     std::to_string(row % 10)
                                               : "";
                              })},
      {"sex", cells_of(400, [](int row) { return std::string(row % 3 ? "female" : "male"); })},
      {"stage", cells_of(400, [](int row) { return std::to_string(1 + row % 4); })},
      {"admitted", cells_of(400,
                            [](int row) {
                              return "2021-0" + std::to_string(1 + row % 6) + "-1" + std::to_string(row % 7);
                            })},
  }));
  EXPECT_TRUE(has(report, "400 rows, 6 columns\n"));
  EXPECT_TRUE(has(report, "age         continuous         70        -  18 to 86\n"));
  EXPECT_TRUE(has(report, "sbp         continuous         22        -  90 to 200, step 5\n"));
  EXPECT_TRUE(has(report, "   25.0%  "));
  EXPECT_TRUE(has(report, "sex         boolean             2        -  female, male\n"));
  EXPECT_TRUE(has(report, "stage       ordered code        4        -  1, 2, 3, 4\n"));
  EXPECT_TRUE(has(report, "admitted    date               42        -  %Y-%m-%d, 2021-01 to 2021-06\n"));
}

TEST(SchemaReport, NoSinglePatientShows) {
  auto ages = cells_of(300, [](int row) { return std::to_string(40 + scrambled(row, 30)); });
  auto wards = cells_of(300, [](int row) { return "W" + std::to_string(row % 3); });
  auto seen = cells_of(300, [](int row) { return "2021-05-" + std::to_string(10 + row % 20); });
  ages[7] = "107";
  ages[8] = "3";
  wards[9] = "Isolation";
  seen[10] = "1987-02-03";
  const std::string report = report_of(make_table({{"age", ages}, {"ward", wards}, {"seen", seen}}));
  for (const char* part : {"107", "  3 to", "Isolation", "1987"}) EXPECT_FALSE(has(report, part)) << part;
  EXPECT_TRUE(has(report, "W1, W2, W0, 1 rare"));
}

TEST(SchemaReport, SmallTablesTellNoRange) {
  const std::string report = report_of(make_table({{"age", {"31", "42", "53", "64", "75", "86", "97"}}}));
  EXPECT_TRUE(has(report, "too few rows to tell"));
  EXPECT_FALSE(has(report, "31"));
}

TEST(SchemaReport, LinesAreNarrowAndWholeCharacters) {
  const std::string long_name = "a column's name that nobody would want to read in full \u00E4\u00F6\u00FC";
  const auto levels = cells_of(
      2000, [](int row) { return "a level with \u00E4 long name, number " + std::to_string(row % 60); });
  auto text = cells_of(
      2000, [](int row) { return std::string(200, 'x') + " " + std::to_string(row % 900) + " \u00E4"; });
  const std::string report = report_of(make_table({{long_name, levels}, {"note", text}}));
  std::istringstream lines(report);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(characters(line), 110u) << line;
    EXPECT_FALSE(line.ends_with(' ')) << line;
    EXPECT_NE(static_cast<unsigned char>(line.back()) & 0xC0, 0xC0) << line;
  }
  EXPECT_TRUE(has(report, "a column's name that nobo..."));
}

TEST(SchemaReport, FindingsByWeightWithTheirRemedies) {
  const TextTable table = make_table({{"x", {"1", "2"}}});
  const std::vector<Finding> findings = {{Finding::Weight::note, "", "few rows", ""},
                                         {Finding::Weight::error, "x", "no such date", "correct it"},
                                         {Finding::Weight::warning, "x", "odd", "look"}};
  EXPECT_TRUE(has(describe_schema(table, {}, findings),
                  "\nerror    x: no such date\n         -> correct it\nwarning  x: odd\n         -> "
                  "look\nnote     few rows\n"));
}

}  // namespace schema_report_test
}  // namespace agon::host
