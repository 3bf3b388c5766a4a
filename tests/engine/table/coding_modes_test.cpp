// Numbers as places in the modes of a mixture, the coding of CTGAN.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "tests/engine/table/coded_table.hpp"

namespace agon {
namespace coding_modes_test {

using namespace coded;

constexpr std::size_t kRows = 3000;

/// Two humps of one decimal with some holes, a copy of it, whole numbers, an ordered code and a word.
TableOf modes_table() {
  std::mt19937 generator(3);
  std::normal_distribution<double> normal;
  std::vector<ColumnOf> columns{{"dose", number_schema(1), {}},
                                {"copy", number_schema(1), {}},
                                {"count", number_schema(0, ColumnKind::count), {}},
                                {"code", number_schema(0, ColumnKind::code), {}},
                                {"sex", word_schema(), {}}};
  for (std::size_t row = 0; row < kRows; ++row) {
    const double dose = row % 3 == 0 ? 20 + 0.5 * normal(generator) : 60 + 8 * normal(generator);
    columns[0].cells.push_back(row % 11 == 0 ? "" : spelled(dose, 1));
    columns[1].cells.push_back(columns[0].cells.back());
    columns[2].cells.push_back(std::to_string(generator() % 4 == 0 ? generator() % 90 : 0));
    columns[3].cells.push_back(std::to_string(generator() % 4));
    columns[4].cells.push_back(generator() % 4 == 0 ? "F" : "M");
  }
  return table_of(columns);
}

Coding coded_by_modes(const TableOf& table) {
  return fitted(table, {.relative = true, .extrapolate = false, .modes = true});
}

TEST(CodingModes, EveryNumberIsAHeadAndAPlace) {
  const Coding coding = coded_by_modes(modes_table());
  const RecordLayout& layout = coding.layout();
  ASSERT_EQ(layout.heads.size(), 5u);
  EXPECT_EQ(layout.gates, (std::vector<std::int64_t>{-1, -1, -1}));
  EXPECT_EQ(layout.choice, HeadChoice::gumbel);
  EXPECT_EQ(layout.link, NumberLink::tanh);
  EXPECT_EQ(layout.width(), layout.levels() + 3);
  EXPECT_EQ(std::ssize(coding.row_columns()), layout.width());
  EXPECT_EQ(coding.row_columns()[0].name, "dose is in mode 1");
  EXPECT_EQ(coding.row_columns()[static_cast<std::size_t>(layout.heads[0] - 1)].name, "dose has no value");
  EXPECT_EQ(coding.row_columns().back().name, "count, place in its mode");
  EXPECT_TRUE(coding.relations().empty());
  EXPECT_EQ(coding.description()[0],
            "place in " + std::to_string(layout.heads[0] - 1) + " modes with a level for no value");
  double sum = 0;
  for (std::int64_t level = 0; level < layout.heads[0]; ++level)
    sum += double{coding.shares()[static_cast<std::size_t>(level)]};
  EXPECT_NEAR(sum, 1, 1e-6);
  EXPECT_NEAR(coding.shares()[static_cast<std::size_t>(layout.heads[0] - 1)], 1.0 / 11, 0.001);
}

/// But for what lies more than 3.96 deviations from its mode or beyond the outermost rows that are kept.
TEST(CodingModes, RecordsComeBack) {
  const TableOf table = modes_table();
  const Coding coding = coded_by_modes(table);
  const TextTable back = coding.decode(drawn_from(coding.encode(table.table), 1), 1);
  for (const char* const name : {"dose", "copy", "count", "code", "sex"}) {
    const Cells before = cells_of(table.table, name), after = cells_of(back, name);
    ASSERT_EQ(before.size(), after.size());
    std::size_t differing = 0;
    for (std::size_t row = 0; row < before.size(); ++row) {
      differing += before[row] != after[row];
      EXPECT_EQ(before[row].empty(), after[row].empty());
    }
    EXPECT_LT(differing, kRows / 50) << name;
  }
}

/// A number between two modes is now of one, now of the other, and comes back the same from both.
TEST(CodingModes, AModeIsDrawnForEachRow) {
  std::vector<ColumnOf> columns{{"x", number_schema(2), {}}};
  std::mt19937 generator(4);
  std::normal_distribution<double> normal;
  for (int i = 0; i < 4000; ++i)
    columns[0].cells.push_back(
        i % 8 == 0 ? "2.40" : spelled(i % 2 == 0 ? normal(generator) : 4 + 0.7 * normal(generator), 2));
  const TableOf table = table_of(columns);
  const Coding coding = coded_by_modes(table);
  const CodedRows coded = coding.encode(table.table);
  std::set<std::uint16_t> chosen;
  for (std::size_t row = 0; row < 4000; row += 8) chosen.insert(coded.codes[row]);
  EXPECT_GT(chosen.size(), 1u);
  const Cells back = cells_of(coding.decode(drawn_from(coded, 1), 1), "x");
  for (std::size_t row = 0; row < 4000; row += 8) EXPECT_EQ(back[row], "2.40");
}

TEST(CodingModes, AnythingDrawnIsOfTheTablesLatticeAndRange) {
  const TableOf table = modes_table();
  const Coding coding = coded_by_modes(table);
  const TextTable drawn = coding.decode(random_rows(coding.layout(), 4000, 9), 1);
  double most = 0, highest = 0;
  for (const std::string& cell : cells_of(table.table, "dose"))
    if (!cell.empty()) most = std::max(most, number_of(cell));
  std::size_t holes = 0;
  for (const std::string& cell : cells_of(drawn, "dose")) {
    holes += cell.empty();
    if (cell.empty()) continue;
    EXPECT_EQ(cell, spelled(number_of(cell), 1));
    highest = std::max(highest, number_of(cell));
  }
  EXPECT_LE(highest, most);
  EXPECT_GT(holes, 100u);
  for (const std::string& cell : cells_of(drawn, "count")) {
    EXPECT_EQ(cell, spelled(number_of(cell), 0));
    EXPECT_GE(number_of(cell), 0);
  }
}

/// Its mode would be of three rows.
TEST(CodingModes, TellNothingOfSingleRows) {
  std::vector<ColumnOf> columns{{"x", number_schema(1), {}}};
  std::mt19937 generator(6);
  std::normal_distribution<double> normal;
  for (int i = 0; i < 300; ++i)
    columns[0].cells.push_back(i < 3 ? spelled(9000 + i, 1) : spelled(10 + normal(generator), 1));
  const TableOf table = table_of(columns);
  const Coding coding = coded_by_modes(table);
  for (const std::string& cell : cells_of(coding.decode(random_rows(coding.layout(), 500, 2), 1), "x"))
    EXPECT_LT(number_of(cell), 9000);
  const TableOf all = table_of(columns, 1);
  EXPECT_GT(coded_by_modes(all).layout().levels(), coding.layout().levels());
}

TEST(CodingModes, SurviveACheckpoint) {
  const TableOf table = modes_table();
  const Coding coding = coded_by_modes(table);
  const Coding read = Coding::from_json(coding.to_json(), "a test");
  EXPECT_EQ(read.to_json(), coding.to_json());
  EXPECT_EQ(read.layout(), coding.layout());
  EXPECT_EQ(read.encode(table.table).cumulative, coding.encode(table.table).cumulative);
  EXPECT_EQ(fitted(table).to_json().find("modes"), std::string::npos);
}

TEST(CodingModes, ThatAreNoneAreRefused) {
  std::string json = coded_by_modes(modes_table()).to_json();
  const std::size_t at = json.find("\"deviation\":");
  ASSERT_NE(at, std::string::npos);
  json.insert(at + 12, "-");
  EXPECT_THROW(Coding::from_json(json, "a test"), DataError);
}

}  // namespace coding_modes_test
}  // namespace agon
