// What write_table writes, and that reading it gives the table back.
#include "host/table/write_table.hpp"

#include <rapidcheck.h>

#include "host/table/code_point.hpp"
#include "tests/host/read_table_cases.hpp"
#include "tests/temporary_folder.hpp"

namespace agon::test {
namespace write_table_test {

/// Keeps views of the cells: they must outlive the table.
TextTable table_of(const std::vector<std::string>& names,
                   const std::vector<std::vector<std::string>>& columns) {
  TextTable table;
  table.rows = std::ssize(columns[0]);
  for (std::size_t c = 0; c < names.size(); ++c) {
    const std::vector<std::string_view> cells(columns[c].begin(), columns[c].end());
    table.columns.push_back(column_of(names[c], cells));
  }
  return table;
}

std::string written(const TextTable& table) {
  std::vector<std::string> names;
  for (const TextColumn& column : table.columns) names.push_back(column.name);
  std::string text;
  host::TextTableWriter writer(names, [&text](std::string_view piece) { text += piece; });
  writer.write_rows(table);
  writer.finish();
  return text;
}

TEST(WriteTable, QuotesWhereNeeded) {
  const std::vector<std::vector<std::string>> cells = {{"1", "a,b", "say \"hi\""}, {"two\nlines", "", "x;y"}};
  EXPECT_EQ(written(table_of({"id", "größe, cm"}, cells)),
            "id,\"größe, cm\"\n1,\"two\nlines\"\n\"a,b\",\n\"say \"\"hi\"\"\",\"x;y\"\n");
}

TEST(WriteTable, ARowWithoutValuesIsNoBlankLine) {
  EXPECT_EQ(written(table_of({"a"}, {{"", "x"}})), "a\n\"\"\nx\n");
  EXPECT_EQ(written(table_of({"a", "b"}, {{"", "x"}, {"", "y"}})), "a,b\n\"\",\nx,y\n");
}

TEST(WriteTable, AFirstNameIsNotTakenForAnotherFormat) {
  for (const std::string name : {"sep=!", "SEP=!", "%PDF-1", "PAR1", "{", "<html", "\xEF\xBB\xBFx"}) {
    const std::string text = written(table_of({name}, {{"1", "\"quoted\""}}));
    EXPECT_EQ(text.substr(0, name.size() + 3), '"' + name + "\"\n");
    EXPECT_EQ(table_error(text), "");
  }
}

TEST(WriteTable, TablesComeBack) {
  EXPECT_TRUE(rc::check([] {
    const auto piece =
        rc::gen::element<std::string>("a", "1", ",", ";", "\t", "|", "\"", "\n", "\r", " ", "é", "-", "=");
    const auto cell =
        rc::gen::map(rc::gen::container<std::vector<std::string>>(piece), [](const auto& pieces) {
          std::string text;
          for (const std::string& one : pieces) text += one;
          return std::string(host::trimmed(text));
        });
    const auto rows = static_cast<std::size_t>(*rc::gen::inRange(1, 6));
    std::vector<std::string> names;
    std::vector<std::vector<std::string>> columns;
    for (int c = 0; c < 3; ++c) {
      names.push_back("n" + *cell + std::to_string(c));
      columns.push_back(*rc::gen::container<std::vector<std::string>>(rows, cell));
    }
    const TextTable table = table_of(names, columns);
    const host::TableFile again = table_file(written(table));
    RC_ASSERT(content_of(again.table) == content_of(table));
    RC_ASSERT(again.findings.empty());
  }));
}

TEST(WriteTable, FilesAppearWhole) {
  const TemporaryFolder folder;
  const std::vector<std::vector<std::string>> cells = {{"1", "2"}, {"x", "y"}};
  host::write_table(folder / "t.csv", table_of({"a", "b"}, cells));
  EXPECT_EQ(content_of(host::read_table((folder / "t.csv").string()).table), "a,b|1,x|2,y");
}

TEST(WriteTable, HandsLongTablesOnInPieces) {
  const std::vector<std::vector<std::string>> cells = {std::vector<std::string>(100'000, "0.123456")};
  const TextTable table = table_of({"a"}, cells);
  std::size_t pieces = 0, bytes = 0;
  host::TextTableWriter writer(std::vector<std::string>{"a"}, [&](std::string_view piece) {
    ++pieces;
    bytes += piece.size();
    EXPECT_LT(piece.size(), 70'000u);
  });
  writer.write_rows(table);
  writer.finish();
  EXPECT_GT(pieces, 5u);
  EXPECT_EQ(bytes, 2 + 9 * cells[0].size());
}

}  // namespace write_table_test
}  // namespace agon::test
