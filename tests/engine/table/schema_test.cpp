// A schema beside a table: checks, reading and spelling, JSON, findings of the whole table.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <cstdlib>
#include <ctime>

#include "kernels/error.hpp"
#include "tests/engine/table/table_of.hpp"

namespace agon::test {
namespace schema_test {

using Cell = ReadColumn::Cell;
using Cells = std::vector<Cell>;

TEST(Schema, FindingsOfTheTable) {
  const auto cells = cells_of(100, [](int row) { return std::to_string(row / 2 + 20); });
  const Inferred inferred = infer_schema(make_table({{"a", cells}, {"b", cells}}));
  std::string all;
  for (const Finding& finding : inferred.findings)
    if (finding.column.empty()) all += finding.what + "\n";
  EXPECT_TRUE(has(all, "only 100 rows"));
  EXPECT_TRUE(has(all, "50 rows (50.0%) repeat an earlier row"));
}

TEST(Schema, WeightierFindingsComeFirst) {
  auto dates = cells_of(100, [](int row) { return "2020-01-" + std::to_string(10 + row % 20); });
  dates[3] = "2020-01-32";
  const Inferred inferred =
      infer_schema(make_table({{"site", std::vector<std::string>(100, "A")}, {"seen", dates}}));
  ASSERT_GE(inferred.findings.size(), 2u);
  EXPECT_EQ(inferred.findings[0].column, "seen");
  EXPECT_TRUE(std::is_sorted(inferred.findings.begin(), inferred.findings.end(),
                             [](const Finding& a, const Finding& b) { return a.weight > b.weight; }));
}

TEST(Schema, LargeTablesAreInferredAsSmallOnes) {
  const auto numbers = cells_of(250000, [](int row) { return std::to_string(40 + scrambled(row, 1000)); });
  const auto words = cells_of(250000, [](int row) {
    return std::string(row % 3 ? "a" : row % 2 ? "b" : "c");
  });
  const TextTable table = make_table({{"n", numbers}, {"w", words}, {"m", numbers}, {"v", words}});
  const Inferred side_by_side = infer_schema(table);
  for (std::size_t c = 0; c < 4; ++c) {
    TextTable one;
    one.rows = table.rows;
    one.columns.push_back(table.columns[c]);
    EXPECT_EQ(infer_schema(one).schema.columns[0], side_by_side.schema.columns[c]);
  }
}

TEST(Schema, CellsAreReadAsTheSchemaSays) {
  const TextTable table = make_table({{"x", {"1.5", "NA", "<0.5", " 2 ", "-999", "-999.0", "3 mg"}}});
  ColumnSchema schema{.name = "x", .missing = {"NA", "-999"}, .marks = {"<0.5"}};
  schema.number.after = " mg";
  const ReadColumn read = read_column(table.columns[0], schema);
  EXPECT_EQ(read.cell, (Cells{Cell::value, Cell::missing, Cell::mark, Cell::value, Cell::missing,
                              Cell::missing, Cell::value}));
  EXPECT_EQ(read.value[0], 1.5);
  EXPECT_EQ(read.value[3], 2);
  EXPECT_EQ(read.value[6], 3);
  EXPECT_TRUE(std::isnan(read.value[1]) && std::isnan(read.value[2]));
}

TEST(Schema, CellsThatDoNotFitAreNamed) {
  const TextTable table = make_table({{"age", {"31", "old"}}});
  try {
    read_column(table.columns[0], {.name = "age"});
    FAIL();
  } catch (const DataError& error) {
    EXPECT_STREQ(error.what(), "column 'age': 'old' is not a number, nor listed under missing or marks");
  }
  EXPECT_EQ(read_column(table.columns[0], {.name = "age", .kind = ColumnKind::category}).cell[1],
            Cell::value);
}

TEST(Schema, ChecksTellAllAtOnce) {
  const TextTable table = make_table({{"age", {"31", "old", "old"}},
                                      {"sex", {"f", "m", "f"}},
                                      {"seen", {"1", "2", "3"}},
                                      {"note", {"a", "b", "c"}}});
  Schema schema;
  schema.columns = {{.name = "age"},
                    {.name = "weight"},
                    {.name = "sex", .kind = ColumnKind::boolean},
                    {.name = "sex", .kind = ColumnKind::boolean},
                    {.name = "seen", .kind = ColumnKind::date, .format = "%m/%d"}};
  std::vector<std::string> found;
  for (const Finding& finding : check_schema(schema, table))
    found.push_back(finding.column + ": " + finding.what);
  EXPECT_EQ(found, (Texts{"age: not a number in 2 rows: 'old'", "weight: the table has no such column",
                          "sex: stands twice in the schema", "seen: its format '%m/%d' has no year (%Y)",
                          "note: is not in the schema"}));
}

TEST(Schema, KindsHaveNames) {
  for (int i = 0; i <= static_cast<int>(ColumnKind::text); ++i) {
    const auto kind = static_cast<ColumnKind>(i);
    EXPECT_EQ(parse_kind(to_string(kind)), kind);
  }
  try {
    parse_kind("number");
    FAIL();
  } catch (const ConfigurationError& error) {
    EXPECT_TRUE(has(error.what(), "'number'; the kinds are continuous, count, ordered code"));
  }
}

Schema any_schema() {
  Schema schema;
  const auto text = [] {
    return *rc::gen::element<std::string>("", "NA", "a \"b\"\\\n", "\u00B0C", "<0.5", "x,y");
  };
  const int columns = *rc::gen::inRange(0, 5);
  for (int i = 0; i < columns; ++i) {
    ColumnSchema column{.name = "c" + std::to_string(i) + text(),
                        .kind = static_cast<ColumnKind>(*rc::gen::inRange(0, 11)),
                        .format = text(),
                        .missing = {text(), text()},
                        .marks = {text()},
                        .sentinels = {*rc::gen::arbitrary<double>(), -999},
                        .rare_marks = *rc::gen::arbitrary<bool>(),
                        .keep_rare = *rc::gen::arbitrary<bool>(),
                        .ignored = *rc::gen::arbitrary<bool>()};
    column.number = {.decimals = *rc::gen::inRange(0, 19),
                     .printed_decimals = *rc::gen::inRange(0, 19),
                     .fewest_decimals = 1,
                     .step = std::abs(*rc::gen::arbitrary<double>()),
                     .offset = *rc::gen::arbitrary<double>(),
                     .mark = *rc::gen::element('.', ','),
                     .group = *rc::gen::element('\0', '\'', ' '),
                     .before = text(),
                     .after = text()};
    schema.columns.push_back(column);
  }
  schema.rarest = *rc::gen::inRange(1, 100);
  schema.constraints = {text()};
  return schema;
}

TEST(Schema, SurvivesJson) {
  EXPECT_TRUE(rc::check([] {
    const Schema schema = any_schema();
    RC_ASSERT(schema_from_json(schema_to_json(schema), "test") == schema);
  }));
}

TEST(Schema, BrokenJsonIsADataErrorWithItsSource) {
  const std::string good = schema_to_json({.columns = {{.name = "a"}}});
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{"}", ""},
                                                        {"\"a\"", "7"},
                                                        {"continuous", "smooth"},
                                                        {"\"decimals\":0", "\"decimals\":19"},
                                                        {"rarest", "rare"},
                                                        {"\".\"", "\"..\""}}) {
    std::string bad = good;
    bad.replace(bad.find(from), from.size(), to);
    try {
      schema_from_json(bad, "run.safetensors");
      FAIL() << bad;
    } catch (const DataError& error) {
      EXPECT_TRUE(has(error.what(), "run.safetensors: its schema"));
    }
  }
}

/// Cells of one inferred column: every value comes back from its own spelling.
void comes_back(const std::vector<std::string>& cells, bool same_spelling) {
  const OneColumn x(cells);
  const ColumnSchema& schema = x.schema();
  RC_ASSERT(schema.is_number() || schema.is_moment());
  const ReadColumn read = read_column(x.table.columns[0], schema);
  for (std::size_t i = 0; i < read.value.size(); ++i) {
    const std::string spelled = spell(read.value[i], schema);
    if (same_spelling) RC_ASSERT(spelled == x.table.columns[0].spellings[i]);
    const std::vector<std::string_view> one = {spelled};
    RC_ASSERT(read_column(column_of("x", one), schema).value[0] == read.value[i]);
  }
}

TEST(Schema, NumbersComeBackFromTheirSpelling) {
  EXPECT_TRUE(rc::check([] {
    const int decimals = *rc::gen::inRange(0, 12);
    const double scale = std::pow(10, *rc::gen::inRange(0, 4));
    const bool comma = *rc::gen::arbitrary<bool>(), grouped = *rc::gen::arbitrary<bool>();
    const std::string unit = *rc::gen::element<std::string>("", " mg", "%");
    std::vector<std::string> cells = {"0" + std::string(comma ? ",5" : ".5") + unit};  // settles the mark
    for (int i = 0; i < 40; ++i) {
      char text[64];
      std::snprintf(text, sizeof text, "%.*f", decimals,
                    (*rc::gen::inRange(-1000000, 1000000) + i * 1009) / 1e3 * scale);
      std::string cell = text;
      const std::size_t point = std::min(cell.find('.'), cell.size());
      if (comma && point < cell.size()) cell[point] = ',';
      if (grouped)
        for (std::size_t at = point; at > 3 + (cell[0] == '-');) cell.insert(at -= 3, comma ? "." : ",");
      cells.push_back(cell + unit);
    }
    comes_back(cells, false);
  }));
}

TEST(Schema, DoublesOfAnyDigitsComeBackFromTheirSpelling) {
  EXPECT_TRUE(rc::check([] {
    const int digits = *rc::gen::inRange(3, 18);
    std::vector<std::string> cells;
    for (int i = 0; i < 30; ++i) {
      char text[64];
      std::snprintf(
          text, sizeof text, "%.*g", digits,
          std::ldexp((*rc::gen::inRange(-1000000, 1000000) + i * 1009) * 1.0001, *rc::gen::inRange(-40, 40)));
      cells.push_back(text);
    }
    cells.push_back("0.5");
    comes_back(cells, false);
  }));
}

TEST(Schema, FixedDecimalsKeepTheirZerosOthersHaveNone) {
  const OneColumn fixed({"5.70", "0.87", "3.00", "2.25", "9.10", "4.44", "1.01"});
  EXPECT_EQ(spell(3, fixed.schema()), "3.00");
  const OneColumn free({"5.7", "0.87", "3", "2.25", "9.1", "4.444", "1.01"});
  EXPECT_EQ(spell(3, free.schema()), "3");
  EXPECT_EQ(spell(5.7, free.schema()), "5.7");
  EXPECT_EQ(spell(0.123456, free.schema()), "0.123");
  EXPECT_EQ(spell(-0.0001, free.schema()), "0");
}

TEST(Schema, MomentsComeBackFromTheirSpelling) {
  EXPECT_TRUE(rc::check([] {
    const char* const format =
        *rc::gen::element("%Y-%m-%d", "%d.%m.%Y", "%d%^b%Y", "%B %d, %Y", "%Y-%m-%d %H:%M:%S", "%H:%M",
                          "%Y-%m-%dT%H:%M:%SZ", "%d/%m/%Y %I:%M %p", "%-d.%-m.%Y %H:%M");
    std::vector<std::string> cells;
    for (int i = 0; i < 40; ++i) {
      const std::time_t time = *rc::gen::inRange<std::time_t>(-5000000000, 8000000000) + i * 777777;
      std::tm fields{};
      gmtime_r(&time, &fields);
      char text[64];
      cells.emplace_back(text, std::strftime(text, sizeof text, format, &fields));
    }
    comes_back(cells, std::string_view(format).find('/') == std::string_view::npos);
  }));
}

TEST(Schema, DatesAreThoseOfTheCLibrary) {
  EXPECT_TRUE(rc::check([] {
    const std::time_t time = *rc::gen::inRange<std::time_t>(-20000000000, 20000000000);
    std::tm fields{};
    gmtime_r(&time, &fields);
    char text[64];
    const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &fields);
    const ColumnSchema schema{.name = "x", .kind = ColumnKind::date_time, .format = "%Y-%m-%d %H:%M:%S"};
    RC_ASSERT(spell(static_cast<double>(time), schema) == std::string(text, length));
    const std::vector<std::string_view> one = {{text, length}};
    RC_ASSERT(read_column(column_of("x", one), schema).value[0] == static_cast<double>(time));
  }));
}

}  // namespace schema_test
}  // namespace agon::test
