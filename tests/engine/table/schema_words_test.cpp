// What is inferred of columns of words, and what stands for no value.
#include <gtest/gtest.h>

#include "tests/engine/table/table_of.hpp"

namespace agon::test {
namespace schema_words_test {

std::vector<std::string> in_turn(int rows, const std::vector<std::string>& levels) {
  return cells_of(rows, [&](int row) { return levels[static_cast<std::size_t>(row) % levels.size()]; });
}

TEST(SchemaWords, MarkersOfMissingValues) {
  for (const char* marker :
       {"",  "NA", "N/A", "n/a",  "n.a.", "NULL",    "null",    "None", "nan", "NaN",  ".",     "..",
        "-", "--", "?",   "#N/A", "#NA",  "#DIV/0!", "#VALUE!", "Na",   "\\N", " NA ", "\u2013"}) {
    const OneColumn x(
        cells_of(200, [&](int row) { return row % 8 == 0 ? marker : std::to_string(20 + row % 60); }));
    EXPECT_EQ(x.schema().missing.size(), 1u) << marker;
    EXPECT_TRUE(x.schema().is_number()) << marker;
  }
}

TEST(SchemaWords, TheCommonestMarkerIsFirst) {
  const OneColumn x(in_turn(200, {"5.5", "NA", "6.5", "7.1", "NA", "", "NA", "", "8.2", "?"}));
  EXPECT_EQ(x.schema().missing, (Texts{"NA", "", "?"}));
  EXPECT_TRUE(has(x.findings(), "note: read as no value in 80 rows (40.0%): 'NA', '?'"));
}

TEST(SchemaWords, WordsForUnknownAreLevels) {
  const OneColumn x(in_turn(200, {"yes", "no", "unknown", "missing"}));
  EXPECT_TRUE(x.schema().missing.empty());
  EXPECT_EQ(x.schema().kind, ColumnKind::category);
}

TEST(SchemaWords, MarkersThatAreLevelsHere) {
  const OneColumn results(in_turn(200, {"+", "-", "++"}));
  EXPECT_TRUE(results.schema().missing.empty());
  const OneColumn allergies(in_turn(200, {"None", "Penicillin", "Latex", ""}));
  EXPECT_EQ(allergies.schema().missing, (Texts{""}));
  EXPECT_TRUE(has(allergies.findings(), "note: 'None' in 50 rows (25.0%) is taken as a level"));
  const OneColumn schools(in_turn(200, {"none", "1-5yrs", "6-8yrs", "NA"}));
  EXPECT_EQ(schools.schema().missing, (Texts{"NA"}));
  EXPECT_TRUE(OneColumn(in_turn(200, {"nat", "abc", "xyz"})).schema().missing.empty());
  const OneColumn countries(in_turn(200, {"DE", "FR", "US", "NA", "GB", "IT", "ES", "PL", "SE", "NO", "FI",
                                          "DK", "AT", "CH", "BE", "NL", "PT"}));
  EXPECT_TRUE(countries.schema().missing.empty());
}

TEST(SchemaWords, TwoLevelsAreBoolean) {
  for (const auto& levels : std::vector<std::vector<std::string>>{
           {"yes", "no"}, {"0", "1"}, {"M", "F"}, {"200", "400"}, {"1.0", "2.0"}})
    EXPECT_EQ(OneColumn(in_turn(60, levels)).schema().kind, ColumnKind::boolean) << levels[0];
  const OneColumn holes(in_turn(60, {"True", "False", ""}));
  EXPECT_EQ(holes.schema().kind, ColumnKind::boolean);
  EXPECT_EQ(holes.schema().missing, (Texts{""}));
}

TEST(SchemaWords, ConstantColumns) {
  const OneColumn same(in_turn(60, {"A7"}));
  EXPECT_EQ(same.schema().kind, ColumnKind::constant);
  EXPECT_TRUE(has(same.findings(), "note: is 'A7' in every row"));
  const OneColumn none(in_turn(60, {"NULL"}));
  EXPECT_EQ(none.schema().kind, ColumnKind::constant);
  EXPECT_TRUE(has(none.findings(), "warning: holds no value in any row"));
  EXPECT_EQ(OneColumn(in_turn(60, {"x", ""})).schema().kind, ColumnKind::category);  // ticked or not
}

TEST(SchemaWords, CategoriesOfManyLevels) {
  const OneColumn x(cells_of(60000, [](int row) { return "C" + std::to_string(scrambled(row, 20000)); }));
  EXPECT_EQ(x.schema().kind, ColumnKind::category);
}

TEST(SchemaWords, CodesWithWordsAroundThemAreCategories) {
  EXPECT_EQ(OneColumn(in_turn(60, {"3A", "3B", "4A"})).schema().kind, ColumnKind::category);
  EXPECT_EQ(OneColumn(in_turn(60, {"Grade 1", "Grade 2", "Grade 3"})).schema().kind, ColumnKind::category);
  EXPECT_EQ(OneColumn(in_turn(60, {"1st", "2nd", "3rd", "9th"})).schema().kind, ColumnKind::category);
  EXPECT_EQ(OneColumn(in_turn(60, {"18-30", "31-50", ">50"})).schema().kind, ColumnKind::category);
  EXPECT_EQ(OneColumn(in_turn(60, {"under $11k", "$11-$25k", ">$50k"})).schema().kind, ColumnKind::category);
}

TEST(SchemaWords, IdentifiersHaveOnePattern) {
  const auto kind = [](auto&& cell) { return OneColumn(cells_of(200, cell)).schema().kind; };
  EXPECT_EQ(kind([](int row) { return "P-" + std::to_string(10000 + row * 7); }), ColumnKind::identifier);
  EXPECT_EQ(kind([](int row) { return "17-" + std::to_string(1000000 + row * 7).substr(1); }),
            ColumnKind::identifier);
  EXPECT_EQ(kind([](int row) { return "6f9619ff-8b86-d011-b42d-00c04fc9" + std::to_string(1000 + row); }),
            ColumnKind::identifier);
  EXPECT_EQ(kind([](int row) { return "+49 " + std::to_string(1000000 + row * 977); }),
            ColumnKind::identifier);
  EXPECT_EQ(kind([](int row) {
              return std::string(row % 2 ? "Anna " : "Ben ") +
                     std::string(1 + static_cast<std::size_t>(row), 'x');
            }),
            ColumnKind::text);
}

TEST(SchemaWords, FreeTextIsNotLearnt) {
  const OneColumn x(cells_of(
      300, [](int row) { return "seen in clinic with complaint " + std::to_string(row) + " again"; }));
  EXPECT_EQ(x.schema().kind, ColumnKind::text);
  EXPECT_TRUE(has(x.findings(), "warning: 300 different texts in 300 rows: not learnt"));
  const OneColumn pairs(
      cells_of(300, [](int row) { return std::to_string(90 + row) + "/" + std::to_string(50 + row); }));
  EXPECT_EQ(pairs.schema().kind, ColumnKind::text);
  EXPECT_TRUE(has(pairs.findings(), "split it into two columns"));
}

TEST(SchemaWords, OneLevelInSeveralSpellingsIsWarnedOf) {
  const OneColumn x(in_turn(200, {"Male", "Female", "male ", "MALE"}));
  EXPECT_EQ(x.schema().kind, ColumnKind::category);
  EXPECT_TRUE(has(x.findings(), "warning: one level in several spellings: 'Male', 'male ', 'MALE'"));
}

TEST(SchemaWords, RareLevelsAreToldOfWithoutNamingThem) {
  auto cells = in_turn(200, {"a", "b", "c"});
  cells[3] = "secret";
  cells[9] = cells[10] = "hidden";
  const OneColumn x(cells);
  EXPECT_TRUE(has(x.findings(), "note: 2 levels have fewer than 5 rows each (3 rows (1.5%) in all)"));
  EXPECT_EQ(x.findings().find("secret"), std::string::npos);
}

TEST(SchemaWords, ALostFlagIsAWarning) {
  auto cells = in_turn(60, {"0"});
  cells[17] = "1";
  EXPECT_TRUE(
      has(OneColumn(cells).findings(), "warning: one of its two values has fewer than 5 rows (1.7%)"));
}

TEST(SchemaWords, MostlyMissingIsToldOf) {
  EXPECT_TRUE(has(OneColumn(in_turn(90, {"a", "", "", "b", "", ""})).findings(),
                  "note: no value in 60 rows (66.7%)"));
}

}  // namespace schema_words_test
}  // namespace agon::test
