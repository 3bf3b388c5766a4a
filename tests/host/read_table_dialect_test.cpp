// Separators, told by the text or by a sep= line.
#include "tests/host/read_table_cases.hpp"

namespace agon::test {
namespace read_table_dialect_test {

TEST(ReadTableDialect, SeparatorsAreDetected) {
  EXPECT_EQ(content_in("a,b\n1,2\n"), "a,b|1,2");
  EXPECT_EQ(content_in("a;b\n1;2\n"), "a,b|1,2");
  EXPECT_EQ(content_in("a\tb\n1\t2\n"), "a,b|1,2");
  EXPECT_EQ(content_in("a|b\r\n1|2\r\n"), "a,b|1,2");
  EXPECT_EQ(findings_in("a|b\n1|2\n"), Lines{"note: fields separated by bars"});
  EXPECT_EQ(findings_in("a,b\n1,2\n"), Lines{});
}

TEST(ReadTableDialect, DecimalCommasStayInTheirFields) {
  EXPECT_EQ(content_of(table_file("age;weight\n40;82,8\n23;68,7\n").table), "age,weight|40,82,8|23,68,7");
  EXPECT_EQ(table_file("a, mg;b, mg\n1,5;2,5\n3,5;4,5\n").table.columns[1].name, "b, mg");
  EXPECT_EQ(table_file("age,hba1c\n40,\"5,78\"\n").table.columns[1].at(0), "5,78");
  const host::TableFile alone = table_file("crp\n5,2\n3,1\n12\n");
  ASSERT_EQ(alone.table.columns.size(), 1u);
  EXPECT_EQ(alone.table.columns[0].at(0), "5,2");
}

TEST(ReadTableDialect, SeparatorsInTextsAndQuotesDoNotCount) {
  EXPECT_EQ(table_file("id,codes\n1,I10;E11\n2,I10\n3,A;B;C\n").table.columns[1].at(2), "A;B;C");
  EXPECT_EQ(table_file("\"a;x;y\",b\n\"1;2;3\",2\n").table.columns[0].name, "a;x;y");
  EXPECT_EQ(table_file("a|b,c\n1,2\n3,4\n").table.columns[0].name, "a|b");
  EXPECT_EQ(table_file("\"two\n;lines\"|b\n1|2\n").table.columns[0].name, "two\n;lines");
}

TEST(ReadTableDialect, ARaggedRowDoesNotChangeIt) {
  EXPECT_EQ(table_error("a;b;c\n1;2;3\n1,5;2;3\n1;2\n1;2;3\n"),
            "t.csv:4:4: the row ends after 2 fields; the header names 3 columns");
}

TEST(ReadTableDialect, ASeparatorLineIsObeyed) {
  const host::TableFile file = table_file("sep=;\r\na;b,c\r\n1;2\r\n");
  EXPECT_EQ(file.table.columns[1].name, "b,c");
  EXPECT_EQ(file.places.of(0, 1), (host::Place{3, 3}));
  EXPECT_EQ(content_in("sep=,\na,b\n1,2\n"), "a,b|1,2");
  EXPECT_EQ(content_in("SEP=\t\na\tb\n1\t2\n"), "a,b|1,2");
  EXPECT_EQ(content_in("\xEF\xBB\xBFsep=^\na^b\n1^2\n"), "a,b|1,2");
  EXPECT_EQ(table_file("sep=a\n1\n").table.columns[0].name, "sep=a");
  EXPECT_EQ(table_error("sep=;\n"), "t.csv:2:1: the file is empty");
  EXPECT_EQ(table_error("sep=;"), "t.csv:1:6: the file is empty");
}

TEST(ReadTableDialect, OneColumnNeedsNone) {
  EXPECT_EQ(content_in("a\n1\n2\n"), "a|1|2");
  EXPECT_EQ(content_in("name\nJ. Doe\nA. B.\n"), "name|J. Doe|A. B.");
}

TEST(ReadTableDialect, SpacesAreNamed) {
  EXPECT_EQ(table_error("\"age\" \"sex\"\n\"1\" 59 2\n"),
            "t.csv:1:1: columns separated by spaces; agon reads commas, semicolons, tabs and bars: write it "
            "with sep = \",\"");
}

TEST(ReadTableDialect, AHeaderLongerThanTheSampleIsEnough) {
  std::string header, row;
  for (int c = 0; c < 20'000; ++c) {
    header += (c == 0 ? "column" : ";column") + std::to_string(c);
    row += c == 0 ? "1" : ";2,5";
  }
  const host::TableFile file = table_file(header + '\n' + row + '\n' + row + '\n');
  ASSERT_EQ(file.table.columns.size(), 20'000u);
  EXPECT_EQ(file.table.columns.back().at(1), "2,5");
}

}  // namespace read_table_dialect_test
}  // namespace agon::test
