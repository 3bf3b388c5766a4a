// Lines that are no rows, rows of other lengths, row numbers and row names.
#include "tests/host/read_table_cases.hpp"

namespace agon::test {
namespace read_table_rows_test {

TEST(ReadTableRows, BlankLinesAreSkippedAndCounted) {
  const host::TableFile file = table_file("\na,b\n1,2\n\n , \n,\n,,,\n3,4\n,,\n\n");
  EXPECT_EQ(content_of(file.table), "a,b|1,2|3,4");
  EXPECT_EQ(findings_of(file), Lines{"note: 7 blank lines skipped, the first at line 1"});
  EXPECT_EQ(file.places.of(1, 1), (host::Place{8, 3}));
}

TEST(ReadTableRows, EmptyFieldsInQuotesAreARow) {
  EXPECT_EQ(content_in("a\n\"\"\nx\n"), "a||x");
  EXPECT_EQ(content_in("a,b\n\"\",\n1,2\n"), "a,b|,|1,2");
}

TEST(ReadTableRows, SeparatorsAtTheEndsOfLinesAreLeftOut) {
  EXPECT_EQ(content_in("a,b,\n1,2,\n3,4,\n"), "a,b|1,2|3,4");
  EXPECT_EQ(content_in("a,b,\n1,2\n3,4\n"), "a,b|1,2|3,4");
  EXPECT_EQ(content_in("a,b,,,\n1,2,,,\n3,4,,,\n"), "a,b|1,2|3,4");
  EXPECT_EQ(
      findings_in("a,b,\n1,2,\n"),
      Lines{"note: 1 column without a name or a value left out (a separator at the end of the header?)"});
  const std::string rows = "a,b\n1,2\n3,4,\n5,6, ,\n";
  EXPECT_EQ(content_in(rows), "a,b|1,2|3,4|5,6");
  EXPECT_EQ(findings_in(rows),
            Lines{"note: 2 rows with nothing behind the last separator, the first at line 3: "
                  "the separator is left out"});
  EXPECT_EQ(content_in("a,b\n1,\n3,4\n"), "a,b|1,|3,4");
}

TEST(ReadTableRows, WhatStandsBehindThemIsNotLost) {
  const host::TableFile file = table_file("a,b,\n1,2,\n3,4,x\n5,6\n");
  EXPECT_EQ(content_of(file.table), "a,b,column 3|1,2,|3,4,x|5,6,");
  EXPECT_EQ(findings_of(file), Lines{"warning [column 3]: has no name in the header"});
  EXPECT_EQ(table_error("a,b\n1,2\n1,2,\n3,4,x\n"),
            "t.csv:4:5: the row goes on after 2 fields; the header names 2 columns");
}

TEST(ReadTableRows, NumbersOfRowsAreLeftOut) {
  EXPECT_EQ(content_in("\"\",\"a\"\n\"1\",7\n\"2\",8\n"), "a|7|8");
  EXPECT_EQ(content_in(",a\n0,7\n1,8\n"), "a|7|8");
  EXPECT_EQ(content_in("Unnamed: 0.1,Unnamed: 0,a\n0,0,7\n1,1,8\n"), "a|7|8");
  EXPECT_EQ(content_in(",a\n 1 ,7\n 2 ,8\n"), "a|7|8");
  EXPECT_EQ(findings_in("Unnamed: 0,a\n0,7\n1,8\n"),
            Lines{"note: the first column numbers the rows, from 0 ('Unnamed: 0'): left out"});
  EXPECT_EQ(table_file(",a,b\n1,7,x\n2,8,y\n").places.of(1, 1), (host::Place{3, 5}));
  EXPECT_EQ(table_file(",a,b\n1,7,x\n2,8,y\n").places.of(-1, 0), (host::Place{1, 2}));
}

TEST(ReadTableRows, OtherFirstColumnsStay) {
  EXPECT_EQ(content_in(",a\n1,7\n3,8\n"), "column 1,a|1,7|3,8");
  EXPECT_EQ(content_in(",a\n2,7\n3,8\n"), "column 1,a|2,7|3,8");
  EXPECT_EQ(content_in(",a\nx,7\ny,8\n"), "column 1,a|x,7|y,8");
  EXPECT_EQ(content_in("id,a\n1,7\n2,8\n"), "id,a|1,7|2,8");
  EXPECT_EQ(content_in("\"\"\n\"1\"\n\"2\"\n"), "column 1|1|2");  // or none would be left
}

TEST(ReadTableRows, RowNamesOfRHaveNoNameInTheHeader) {
  const host::TableFile numbered = table_file("\"a\",\"b\"\n\"1\",7,x\n\"2\",8,y\n");
  EXPECT_EQ(content_of(numbered.table), "a,b|7,x|8,y");
  EXPECT_EQ(numbered.places.of(1, 1), (host::Place{3, 7}));
  EXPECT_EQ(numbered.places.of(-1, 1), (host::Place{1, 5}));
  const host::TableFile named = table_file("a;b\nMazda RX4;7;x\nFiat 128;8;y\n");
  EXPECT_EQ(content_of(named.table), "row.names,a,b|Mazda RX4,7,x|Fiat 128,8,y");
  EXPECT_EQ(findings_of(named).back(),
            "warning [row.names]: the header has one name less than rows have fields, as R "
            "writes it: the first fields are row names");
  EXPECT_EQ(content_in("\"a\"\n\"x\",7\n\"y\",8\n"), "row.names,a|x,7|y,8");
  std::string long_names = "a,b\n";
  for (int row = 0; row < 100; ++row) long_names += 'x' + std::to_string(row) + ",7,1\n";
  EXPECT_EQ(table_error(long_names + "z,9\n"),
            "t.csv:102:4: the row ends after 2 fields; the header names 2 columns, and other rows have a "
            "name in front");
  EXPECT_EQ(table_error("a,b\nx,7,1\nx,8,2\n"),  // no names: they repeat
            "t.csv:2:5: the row goes on after 2 fields; the header names 2 columns; likewise 3:5 (3 fields)");
}

TEST(ReadTableRows, LineEndsOfEveryKind) {
  EXPECT_EQ(content_in("a,b\r1,2\r3,4\r"), "a,b|1,2|3,4");
  EXPECT_EQ(content_in("a,b\r\n1,2\r\n3,4"), "a,b|1,2|3,4");
  EXPECT_EQ(content_in("a,b\n1,\"x\r\ny\"\n3,4"), "a,b|1,x\r\ny|3,4");
  EXPECT_EQ(table_file("a,b\r\r\n1,\"x\n\ry\"\r\n3,4").places.of(1, 1), (host::Place{6, 3}));
}

TEST(ReadTableRows, PlacesAreThoseOfTheFile) {
  const host::TableFile file = table_file(
      "\xEF\xBB\xBF"
      "a,\"b\n\",\"c\"\n1, \"2\"\"\" ,3\r\n\n\"4\",5,6\n");
  EXPECT_EQ(file.places.of(-1, 2), (host::Place{2, 3}));
  EXPECT_EQ(file.places.of(0, 1), (host::Place{3, 3}));
  EXPECT_EQ(file.places.of(0, 2), (host::Place{3, 11}));
  EXPECT_EQ(file.places.of(1, 0), (host::Place{5, 1}));
  EXPECT_EQ(file.places.at(1, 2), "t.csv:5:7");
}

TEST(ReadTableRows, QuotesArePartOfRfc4180) {
  EXPECT_EQ(content_in("a,b\n\"x \"\"y\"\"\", \"1,2\" \n"), "a,b|x \"y\",1,2");
  EXPECT_EQ(table_error("a,b\n1,5'10\"\n"), "t.csv:2:3: quote inside a field that does not start with one");
  EXPECT_EQ(table_error("a,b\n1,\"x\"y\n"), "t.csv:2:3: text behind the closing quote of a field");
  EXPECT_EQ(table_error("a,b\n1,\"x\n2,3\n"), "t.csv:2:3: quoted field without a closing quote");
}

TEST(ReadTableRows, ManyRowsAreReadInOrder) {
  std::string text = "row,parity,text\n";
  const int rows = 50'000;
  for (int i = 0; i < rows; ++i) {
    text += std::to_string(i) + (i % 2 == 0 ? ",even,\"a \"\"" : ",odd,\"b \"\"") + std::to_string(i % 7) +
            "\"\"\"\n";
  }
  const TextTable table = table_file(text).table;
  ASSERT_EQ(table.rows, rows);
  EXPECT_EQ(table.columns[1].spellings.size(), 2u);
  EXPECT_EQ(table.columns[2].spellings.size(), 14u);
  for (int i = 0; i < rows; ++i) {
    ASSERT_EQ(table.columns[0].at(i), std::to_string(i));
    ASSERT_EQ(table.columns[1].at(i), i % 2 == 0 ? "even" : "odd");
    ASSERT_EQ(table.columns[2].at(i), (i % 2 == 0 ? "a \"" : "b \"") + std::to_string(i % 7) + '"');
  }
}

}  // namespace read_table_rows_test
}  // namespace agon::test
