// What an evaluation makes of cells: one level for one meaning, none for a hole, a word for what it cannot
// read.
#include <gtest/gtest.h>

#include <cmath>

#include "host/evaluate/tables/compared_tables.hpp"
#include "host/evaluate/tables/level_index.hpp"
#include "kernels/error.hpp"
#include "tests/engine/table/table_of.hpp"

namespace agon::host {
namespace compared_tables_test {

using test::cells_of;
using test::has;
using test::Texts;
using Levels = std::vector<std::int32_t>;
using Kind = ComparedColumn::Kind;

constexpr std::int32_t kNone = ComparedCells::kNone, kNumber = ComparedCells::kNumber;

/// A table of one column x.
TextTable table_of(Texts cells) { return make_table({{"x", std::move(cells)}}); }

ColumnSchema column_of_kind(ColumnKind kind, Texts missing = {""}) {
  ColumnSchema schema;
  schema.name = "x";
  schema.kind = kind;
  schema.missing = std::move(missing);
  return schema;
}

ComparedTables compare(const TextTable& real, const TextTable& synthetic, const ColumnSchema& schema,
                       const TextTable* held_out = nullptr) {
  return compare_tables(real, synthetic, held_out, Schema{.columns = {schema}}, Device::cpu(1));
}

/// NaN as -1, so that rows can be compared.
std::vector<double> numbers_of(const ComparedCells& cells) {
  std::vector<double> numbers;
  for (const double number : cells.numbers) numbers.push_back(std::isnan(number) ? -1 : number);
  return numbers;
}

TEST(ComparedTables, LevelsAreTheRealOnesCommonestFirstThenNewOnes) {
  const ComparedTables tables = compare(table_of({"b", "c", "a", "c", "", "a", "d"}),
                                        table_of({"z", "d", "c"}), column_of_kind(ColumnKind::category));
  const ComparedColumn& x = tables.columns.at(0);
  EXPECT_EQ(x.kind, Kind::nominal);
  EXPECT_EQ(x.levels, (Texts{"a", "c", "b", "d", "z"}));
  EXPECT_EQ(x.real_levels, 4);
  EXPECT_TRUE(x.in_synthetic);
  EXPECT_EQ(tables.real.columns[0].levels, (Levels{2, 1, 0, 1, kNone, 0, 3}));
  EXPECT_EQ(tables.synthetic.columns[0].levels, (Levels{4, 3, 1}));
  EXPECT_TRUE(tables.real.columns[0].numbers.empty());
  EXPECT_EQ(tables.real.rows, 7);
  EXPECT_EQ(tables.synthetic.rows, 3);
  EXPECT_TRUE(tables.warnings.empty());
}

TEST(ComparedTables, ABooleanMatchesByMeaning) {
  const ColumnSchema boolean = column_of_kind(ColumnKind::boolean);
  const ComparedTables ones = compare(table_of({"0", "1", "0"}), table_of({"1.0", "0.0", "1", "2"}), boolean);
  EXPECT_EQ(ones.columns[0].levels, (Texts{"0", "1", "2"}));
  EXPECT_EQ(ones.synthetic.columns[0].levels, (Levels{1, 0, 1, 2}));
  const ComparedTables words =
      compare(table_of({"TRUE", "FALSE", "TRUE"}), table_of({"True", "false", "maybe"}), boolean);
  EXPECT_EQ(words.synthetic.columns[0].levels, (Levels{0, 1, 2}));
}

TEST(ComparedTables, ACategorysCodesStayApartWhereTheRealTableKeepsThemApart) {
  const ComparedTables tables =
      compare(table_of({"250.0", "250.00", "V10", "7", "007"}), table_of({"250.000", "7.0", "250.0"}),
              column_of_kind(ColumnKind::category));
  EXPECT_EQ(tables.columns[0].real_levels, 5);
  EXPECT_EQ(tables.columns[0].levels, (Texts{"007", "250.0", "250.00", "7", "V10", "250.000"}));
  EXPECT_EQ(tables.synthetic.columns[0].levels, (Levels{5, 3, 1}));
}

TEST(ComparedTables, NumbersMarksAndSentinels) {
  ColumnSchema schema = column_of_kind(ColumnKind::continuous, {"", "NA"});
  schema.marks = {"<0.5", ">9"};
  schema.sentinels = {-999, -888};
  const ComparedTables tables =
      compare(table_of({"1", "1.0", "-999", "<0.5", "-999.0", "", "NA"}),
              table_of({"2", ">9", "-888", "-999.00", "NULL", "<0.5", "", "x", "y"}), schema);
  const ComparedColumn& x = tables.columns[0];
  EXPECT_EQ(x.kind, Kind::number);
  EXPECT_EQ(x.real_levels, 2);
  EXPECT_EQ(x.levels, (Texts{"-999", "<0.5", ">9", "-888"}));
  EXPECT_EQ(tables.real.columns[0].levels, (Levels{kNumber, kNumber, 0, 1, 0, kNone, kNone}));
  EXPECT_EQ(numbers_of(tables.real.columns[0]), (std::vector<double>{1, 1, -1, -1, -1, -1, -1}));
  EXPECT_EQ(tables.synthetic.columns[0].levels, (Levels{kNumber, 2, 3, 0, kNone, 1, kNone, kNone, kNone}));
  EXPECT_EQ(numbers_of(tables.synthetic.columns[0])[0], 2);
  ASSERT_EQ(tables.warnings.size(), 1u);
  EXPECT_EQ(tables.warnings[0],
            "column 'x': not a number in 2 rows (22.2%) of the synthetic table; they count as no value");
}

TEST(ComparedTables, HolesAreNoneUnlessTheRealTableHasThemAsLevels) {
  const ComparedTables tables =
      compare(table_of({"none", "mild", "", "mild"}), table_of({"none", "NA", "N/A"}),
              column_of_kind(ColumnKind::category));
  EXPECT_EQ(tables.columns[0].levels, (Texts{"mild", "none"}));
  EXPECT_EQ(tables.synthetic.columns[0].levels, (Levels{1, kNone, kNone}));
}

TEST(ComparedTables, DatesOfAnotherFormAreReadInTheirOwn) {
  ColumnSchema schema = column_of_kind(ColumnKind::date);
  schema.format = "%d/%m/%Y";
  const TextTable real = table_of({"05/03/2021", "31/12/1969"});
  const ComparedTables days = compare(real, table_of({"2021-03-05", "2021-03-06", "2021-03-07"}), schema);
  const double day = days.real.columns[0].numbers[0];
  EXPECT_EQ(days.real.columns[0].numbers[1], -1);
  EXPECT_EQ(day, 18691);
  EXPECT_EQ(days.synthetic.columns[0].numbers, (std::vector<double>{day, day + 1, day + 2}));
  const ComparedTables moments =
      compare(real, table_of({"2021-03-05 12:00:00", "2021-03-06 00:00:00", "2021-03-07 00:00:00"}), schema);
  EXPECT_EQ(moments.synthetic.columns[0].numbers, (std::vector<double>{day + 0.5, day + 1, day + 2}));
  const ComparedTables words = compare(real, table_of({"soon", "05/03/2021"}), schema);
  EXPECT_EQ(words.synthetic.columns[0].levels, (Levels{kNone, kNumber}));
  EXPECT_TRUE(has(words.warnings.at(0), "not a date as '%d/%m/%Y' in 1 row (50.0%)"));
}

/// age, sex, a number of records and a note.
TextTable patients(int rows, const Texts& names) {
  return make_table({{names[0], cells_of(rows, [](int row) { return std::to_string(20 + row % 50); })},
                     {names[1], cells_of(rows, [](int row) { return row % 2 ? "f" : "m"; })},
                     {names[2], cells_of(rows, [](int row) { return "P-" + std::to_string(10000 + row); })}});
}

TEST(ComparedTables, ColumnsTooFewAndTooManyAreNamed) {
  const TextTable real = patients(100, {"age", "sex", "mrn"});
  const TextTable synthetic = patients(30, {"age", "s\x1b[2Jex", "mrn"});
  const Schema schema = infer_schema(real).schema;
  ASSERT_EQ(schema.columns[2].kind, ColumnKind::identifier);
  const ComparedTables tables = compare_tables(real, synthetic, &real, schema, Device::cpu(1));
  EXPECT_EQ(tables.left_out, (Texts{"mrn"}));
  ASSERT_EQ(tables.width(), 2);
  EXPECT_FALSE(tables.columns[1].in_synthetic);
  EXPECT_EQ(tables.synthetic.columns[1].levels, Levels(30, kNone));
  EXPECT_EQ(tables.warnings, (Texts{"the synthetic table lacks column 'sex'",
                                    "the real table lacks 's\\x1b[2Jex' of the synthetic one; left out"}));
  EXPECT_EQ(tables.held_out->columns[1].levels, tables.real.columns[1].levels);
}

TEST(ComparedTables, PartTakesRowsInOrder) {
  const ComparedTables tables =
      compare(table_of({"1", "", "3"}), table_of({"1"}), column_of_kind(ColumnKind::continuous));
  const RecordSet some = part(tables.real, {2, 0, 2, 1});
  EXPECT_EQ(some.rows, 4);
  EXPECT_EQ(numbers_of(some.columns[0]), (std::vector<double>{3, 1, 3, -1}));
  EXPECT_EQ(some.columns[0].levels, (Levels{kNumber, kNumber, kNumber, kNone}));
}

std::string error_of(const TextTable& real, const TextTable& synthetic, const TextTable* held_out,
                     const Schema& schema) {
  try {
    compare_tables(real, synthetic, held_out, schema, Device::cpu(1));
  } catch (const DataError& error) {
    return error.what();
  }
  return "no error";
}

TEST(ComparedTables, ErrorsAreOneLine) {
  const TextTable real = patients(100, {"age", "sex", "mrn"}), other = patients(9, {"a", "b", "mrn"});
  const TextTable less = patients(9, {"age", "b", "c"});
  Schema schema = infer_schema(real).schema;
  EXPECT_EQ(error_of(real, other, nullptr, schema),
            "the synthetic table has none of the real table's columns");
  EXPECT_EQ(error_of(real, less, &less, schema), "the held-out table lacks 'sex'");
  schema.columns[1].kind = ColumnKind::count;
  EXPECT_TRUE(has(error_of(real, real, nullptr, schema), "the real table: column 'sex': not a number"));
  for (ColumnSchema& column : schema.columns) column.ignored = true;
  EXPECT_TRUE(has(error_of(real, real, nullptr, schema), "nothing to compare"));
}

TEST(PlainNumber, IsDigitsAndAPoint) {
  EXPECT_EQ(plain_number("1.0"), 1);
  EXPECT_EQ(plain_number("-0"), 0);
  EXPECT_FALSE(std::signbit(*plain_number("-0")));
  EXPECT_EQ(plain_number("+2.5"), 2.5);
  EXPECT_EQ(plain_number("0.25"), 0.25);
  for (const char* text : {"", "-", "007", "1e5", "0x1", "1.2.3", "nan", " 1", "1,5", "--1", "+-1", "."})
    EXPECT_FALSE(plain_number(text)) << text;
}

}  // namespace compared_tables_test
}  // namespace agon::host
