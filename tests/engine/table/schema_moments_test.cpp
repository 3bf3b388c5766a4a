// What is inferred of columns of dates and times.
#include <gtest/gtest.h>

#include <ctime>

#include "tests/engine/table/table_of.hpp"

namespace agon::test {
namespace schema_moments_test {

/// The C library's spelling of so many seconds after 2019-03-01 00:00.
std::string by_library(std::int64_t seconds, const char* format) {
  const std::time_t time = 1551398400 + seconds;
  std::tm fields{};
  gmtime_r(&time, &fields);
  char text[64];
  return {text, std::strftime(text, sizeof text, format, &fields)};
}

std::vector<std::string> cells_by_library(const char* format) {
  return cells_of(300, [&](int row) { return by_library(row * 5 * 86400LL + row * 1234 % 86400, format); });
}

TEST(SchemaMoments, FormatsOfDates) {
  for (const char* format : {"%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%d-%m-%Y",
                             "%d-%b-%Y", "%d %b %Y", "%d%b%Y", "%b %d, %Y", "%B %d, %Y", "%Y%m%d"}) {
    const OneColumn x(cells_by_library(format));
    EXPECT_EQ(x.schema().kind, ColumnKind::date) << format;
    EXPECT_EQ(x.schema().format, format);
    EXPECT_EQ(x.findings(), "") << format;
    EXPECT_EQ(read_column(x.table.columns[0], x.schema()).value[2], 17956 + 10)
        << format;  // 2019-03-01 + 10 days
  }
}

TEST(SchemaMoments, FormatsOfDateTimes) {
  for (const char* format : {"%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ",
                             "%d.%m.%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%Y-%m-%dT%H:%M:%S+01:00"}) {
    const OneColumn x(cells_by_library(format));
    EXPECT_EQ(x.schema().kind, ColumnKind::date_time) << format;
    EXPECT_EQ(x.schema().format, format);
    const ReadColumn read = read_column(x.table.columns[0], x.schema());
    EXPECT_EQ(read.value[2], 1551398400.0 + 10 * 86400 + 2468) << format;
  }
}

TEST(SchemaMoments, FormatsOfTimes) {
  for (const char* format : {"%H:%M", "%H:%M:%S", "%I:%M %p"}) {
    const OneColumn x(cells_by_library(format));
    EXPECT_EQ(x.schema().kind, ColumnKind::time) << format;
    EXPECT_EQ(x.schema().format, format);
  }
}

TEST(SchemaMoments, NoZerosAheadAndCapitalsAreKept) {
  EXPECT_EQ(OneColumn(cells_by_library("%-m/%-d/%Y")).schema().format, "%-m/%-d/%Y");
  EXPECT_EQ(OneColumn(cells_by_library("%-d.%-m.%Y")).schema().format, "%-d.%-m.%Y");
  EXPECT_EQ(OneColumn(cells_by_library("%-I:%M %p")).schema().format, "%-I:%M %p");
  EXPECT_EQ(OneColumn(cells_by_library("%d%^b%Y")).schema().format, "%d%^b%Y");
}

TEST(SchemaMoments, MidnightsAreDates) {
  const OneColumn x(cells_by_library("%Y-%m-%d 00:00:00"));
  EXPECT_EQ(x.schema().kind, ColumnKind::date);
  EXPECT_EQ(x.schema().format, "%Y-%m-%d 00:00:00");
}

TEST(SchemaMoments, FractionsOfSeconds) {
  const OneColumn x(
      cells_of(100, [](int row) { return "2021-05-06 07:08:09." + std::to_string(100 + row); }));
  EXPECT_EQ(x.schema().format, "%Y-%m-%d %H:%M:%S.%f");
  EXPECT_EQ(x.schema().number.printed_decimals, 3);
  const ReadColumn read = read_column(x.table.columns[0], x.schema());
  EXPECT_NEAR(read.value[7] - read.value[0], 0.007, 1e-6);
  EXPECT_EQ(spell(read.value[7], x.schema()), "2021-05-06 07:08:09.107");
}

TEST(SchemaMoments, ZonesThatDifferAreKeptInUniversalTime) {
  const OneColumn x(cells_of(200, [](int row) {
    return by_library(row * 86400LL, row % 2 ? "%Y-%m-%dT%H:%M+01:00" : "%Y-%m-%dT%H:%M+02:00");
  }));
  EXPECT_EQ(x.schema().format, "%Y-%m-%dT%H:%M%z");
  const ReadColumn read = read_column(x.table.columns[0], x.schema());
  EXPECT_EQ(read.value[0], 1551398400.0 - 7200);
  EXPECT_EQ(read.value[1], 1551398400.0 + 86400 - 3600);
  EXPECT_EQ(spell(read.value[0], x.schema()), "2019-02-28T22:00+00:00");
  EXPECT_TRUE(has(x.findings(), "note: zones differ"));
}

TEST(SchemaMoments, AllRowsDecideDayAndMonth) {
  auto cells = cells_of(100, [](int row) {
    return "0" + std::to_string(1 + row % 9) + "/0" + std::to_string(1 + row % 7) + "/2020";
  });
  const OneColumn ambiguous(cells);
  EXPECT_EQ(ambiguous.schema().format, "%m/%d/%Y");
  EXPECT_TRUE(has(ambiguous.findings(), "warning: every date could be day first or month first"));
  cells[41] = "31/01/2020";
  const OneColumn day_first(cells);
  EXPECT_EQ(day_first.schema().format, "%d/%m/%Y");
  EXPECT_EQ(day_first.findings(), "");
}

TEST(SchemaMoments, OtherColumnsSettleDayAndMonth) {
  const auto ambiguous =
      cells_of(300, [](int row) { return "0" + std::to_string(1 + row % 9) + "/03/2020"; });
  const TextTable table = make_table({{"a", ambiguous}, {"b", cells_by_library("%d/%m/%Y")}});
  const Inferred inferred = infer_schema(table.part(std::vector<std::int64_t>{0, 1, 2, 30, 60, 90}));
  EXPECT_EQ(inferred.schema.columns[0].format, "%d/%m/%Y");
}

TEST(SchemaMoments, DatesThatDoNotExistAreErrors) {
  auto cells = cells_by_library("%Y-%m-%d");
  cells[5] = cells[77] = "2021-02-30";
  const OneColumn x(cells);
  EXPECT_EQ(x.schema().kind, ColumnKind::date);
  EXPECT_TRUE(has(x.findings(), "error: no such date in 2 rows: '2021-02-30'"));
  const auto checked = check_schema(x.inferred.schema, x.table);
  ASSERT_EQ(checked.size(), 1u);
  EXPECT_TRUE(has(checked[0].what, "not a date as '%Y-%m-%d' in 2 rows: '2021-02-30'"));
}

TEST(SchemaMoments, WordsAmongDatesAreMarks) {
  auto cells = cells_by_library("%Y-%m-%d");
  for (int i = 0; i < 10; ++i) cells[static_cast<std::size_t>(i) * 7] = "ongoing";
  const OneColumn x(cells);
  EXPECT_EQ(x.schema().kind, ColumnKind::date);
  EXPECT_EQ(x.schema().marks, (Texts{"ongoing"}));
}

TEST(SchemaMoments, YearsOfTwoDigitsAreWarnedOf) {
  const OneColumn x(cells_by_library("%d.%m.%y"));
  EXPECT_EQ(x.schema().format, "%d.%m.%y");
  EXPECT_TRUE(has(x.findings(), "warning: years have two digits"));
}

TEST(SchemaMoments, NumbersAndWordsAreNoDates) {
  EXPECT_TRUE(OneColumn(cells_of(100, [](int row) { return std::to_string(20000000 + row * 977); }))
                  .schema()
                  .is_number());
  EXPECT_EQ(OneColumn(cells_of(100,
                               [](int row) {
                                 return std::to_string(80 + row % 50) + "/" + std::to_string(50 + row % 30);
                               }))
                .schema()
                .kind,
            ColumnKind::text);
  EXPECT_EQ(OneColumn(cells_of(100, [](int row) { return std::to_string(1990 + row % 30); })).schema().kind,
            ColumnKind::continuous);
}

}  // namespace schema_moments_test
}  // namespace agon::test
