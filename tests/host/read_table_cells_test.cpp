// Names, blanks around cells, look-alikes of digits and signs, headers that are records.
#include "tests/host/read_table_cases.hpp"

namespace agon::test {
namespace read_table_cells_test {

TEST(ReadTableCells, BlanksAroundCellsGoAndAreCounted) {
  const host::TableFile file =
      table_file("age, work , sex\n39, State gov,\tM \n50,Private, F\n38, Private,F\n");
  EXPECT_EQ(content_of(file.table), "age,work,sex|39,State gov,M|50,Private,F|38,Private,F");
  EXPECT_EQ(file.table.columns[1].spellings.size(), 2u);
  EXPECT_EQ(file.table.columns[1].counts(), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(findings_of(file), (Lines{"note: blanks around 2 column names, taken away",
                                      "note: blanks around 4 cells of 2 columns, taken away"}));
  EXPECT_EQ(findings_in("a,b\n1,x\n2, x\n"), Lines{"note [b]: blanks around 1 cell, taken away"});
}

TEST(ReadTableCells, BlanksThatNobodySeesAreNamed) {
  const host::TableFile file =
      table_file("kg,name\n82.8\u00A0,\u2003Anne\n68.7 \u00A0,\uFEFFBo\u200B\n\u202F1,\u3000\n");
  EXPECT_EQ(content_of(file.table), "kg,name|82.8,Anne|68.7,Bo|1,");
  EXPECT_EQ(findings_of(file), (Lines{"note [kg]: U+00A0 behind the number in 2 cells, taken away",
                                      "note [kg]: U+202F before the number in 1 cell, taken away",
                                      "note [name]: U+2003 before the text in 1 cell, taken away",
                                      "note [name]: U+200B behind the text in 1 cell, taken away",
                                      "note [name]: U+3000 alone in 1 cell, taken away",
                                      "note [name]: U+FEFF before the text in 1 cell, taken away"}));
}

TEST(ReadTableCells, LookAlikesInNumbersAreReadAndNamed) {
  const host::TableFile file =
      table_file("be,dose,text\n\u22125.78,１２．５,\u2212x\n\u22125.15,3,n\u22121\n-5.78,４,\u2013\n");
  EXPECT_EQ(content_of(file.table), "be,dose,text|-5.78,12.5,\u2212x|-5.15,3,n\u22121|-5.78,4,\u2013");
  EXPECT_EQ(file.table.columns[0].spellings.size(), 2u);
  EXPECT_EQ(findings_of(file), (Lines{"warning [be]: U+2212 for - in 2 cells, read as such",
                                      "warning [dose]: U+FF0E for . in 1 cell, read as such",
                                      "warning [dose]: U+FF11 for 1 in 1 cell, read as such",
                                      "warning [dose]: U+FF12 for 2 in 1 cell, read as such",
                                      "warning [dose]: U+FF14 for 4 in 1 cell, read as such",
                                      "warning [dose]: U+FF15 for 5 in 1 cell, read as such"}));
}

TEST(ReadTableCells, NumbersAreWhatMayBeOne) {
  for (const std::string_view text : {"\u22121", "\u22121,5", "\u22121.234,5", "1e\u22125", "\u0661\u0661"}) {
    EXPECT_EQ(findings_in("a\n\"" + std::string(text) + "\"\nx\n").size(), 1u) << text;
  }
  for (const std::string_view text :
       {"\u2212", "1\u22122", "\u2212\u22121", "\u2212e", "1e\u2212", "é1", "\u2212,"}) {
    EXPECT_EQ(findings_in("a\n\"" + std::string(text) + "\"\nx\n"), Lines{}) << text;
  }
}

TEST(ReadTableCells, AHeaderOfNumbersAboveNumbersIsAWarning) {
  const host::TableFile file = table_file("40,82.8\n23,68.7\n89,66.5\n");
  EXPECT_EQ(content_of(file.table), "40,82.8|23,68.7|89,66.5");
  EXPECT_EQ(findings_of(file),
            Lines{"warning: the header is all numbers, '40' and so on: a record in the place of the "
                  "names?"});
  EXPECT_EQ(findings_in("1999,2000\nlow,high\nhigh,low\n"), Lines{});
  EXPECT_EQ(findings_in("age,2000\n1,2\n3,4\n"), Lines{});
}

TEST(ReadTableCells, NamesMustDiffer) {
  EXPECT_EQ(table_error("a,b, a\n1,2,3\n"), "t.csv:1:5: columns 1 and 3 are both named 'a'");
  EXPECT_EQ(table_error("x\n1\n").empty(), true);
  EXPECT_EQ(table_error(",column 1\nx,1\ny,2\n"), "t.csv:1:2: columns 1 and 2 are both named 'column 1'");
}

TEST(ReadTableCells, ColumnsWithoutANameGetOne) {
  const host::TableFile file = table_file("a,,\"  \",d\n1,2,3,4\n5,6,7,8\n");
  EXPECT_EQ(content_of(file.table), "a,column 2,column 3,d|1,2,3,4|5,6,7,8");
  EXPECT_EQ(file.findings.size(), 2u);
  EXPECT_EQ(content_in("a,,c\n1,,3\n4,,6\n"), "a,c|1,3|4,6");
  EXPECT_EQ(table_file("a,,c\n1,,3\n4,,6\n").places.of(1, 1), (host::Place{3, 4}));
}

TEST(ReadTableCells, SpellingsKeepWhatTheyPointInto) {
  TextTable table;
  {
    const host::TableFile file = table_file("a,b\n\"x\"\"y\",\u22121\n");
    table = file.table;
  }
  EXPECT_EQ(content_of(table), "a,b|x\"y,-1");
}

}  // namespace read_table_cells_test
}  // namespace agon::test
