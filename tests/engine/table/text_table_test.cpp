// Columns of spellings: against plain maps.
#include "engine/table/text_table.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "engine/table/spellings.hpp"

namespace agon::test {
namespace text_table_test {

using Views = std::vector<std::string_view>;

TEST(TextTable, ColumnsFindTheirSpellings) {
  const Views cells = {"b", "a", "", "b", "aa", "", "b"};
  const TextColumn column = column_of("x", cells);
  EXPECT_EQ(column.name, "x");
  EXPECT_EQ(column.spellings, (Views{"b", "a", "", "aa"}));
  EXPECT_EQ(column.cells, (std::vector<std::uint32_t>{0, 1, 2, 0, 3, 2, 0}));
  EXPECT_EQ(column.counts(), (std::vector<std::int64_t>{3, 1, 2, 1}));
  EXPECT_EQ(column.at(4), "aa");
  EXPECT_TRUE(column_of("x", {}).spellings.empty());
}

TEST(TextTable, PartsShareTheSpellings) {
  TextTable table;
  const Views first = {"1", "2", "3"}, second = {"x", "x", "y"};
  table.columns = {column_of("a", first), column_of("b", second)};
  table.rows = 3;
  const auto kept = std::make_shared<const int>(0);
  table.storage = {kept};
  const TextTable part = table.part(std::vector<std::int64_t>{2, 0, 2, 2});
  EXPECT_EQ(part.rows, 4);
  EXPECT_EQ(part.find("b"), 1);
  EXPECT_EQ(part.find("c"), -1);
  EXPECT_EQ(part.columns[0].at(0), "3");
  EXPECT_EQ(part.columns[0].at(1), "1");
  EXPECT_EQ(part.columns[1].counts(), (std::vector<std::int64_t>{1, 3}));
  EXPECT_EQ(kept.use_count(), 3);
}

TEST(TextTable, SpellingsOfEveryLengthAreToldApart) {
  // Texts that share all but one byte, at every length and place.
  std::vector<std::string> texts;
  for (std::size_t length = 0; length <= 40; ++length) {
    texts.emplace_back(length, 'a');
    for (std::size_t at = 0; at < length; ++at) {
      texts.emplace_back(length, 'a');
      texts.back()[at] = 'b';
    }
  }
  const Views cells(texts.begin(), texts.end());
  const TextColumn column = column_of("x", cells);
  EXPECT_EQ(column.spellings, cells);
}

TEST(TextTable, ManySpellingsAreNumberedAsAMapNumbersThem) {
  std::mt19937_64 random(1);
  std::vector<std::string> texts;
  for (int i = 0; i < 200'000; ++i) {
    texts.push_back(std::to_string(random() % 50'000) + (i % 3 == 0   ? ".25"
                                                         : i % 3 == 1 ? ""
                                                                      : " of a long text"));
  }
  const Views cells(texts.begin(), texts.end());
  const TextColumn column = column_of("x", cells);
  std::map<std::string_view, std::uint32_t> numbers;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto next = static_cast<std::uint32_t>(numbers.size());
    ASSERT_EQ(column.cells[i], numbers.emplace(cells[i], next).first->second);
  }
  EXPECT_EQ(column.spellings.size(), numbers.size());
}

TEST(TextTable, SpellingsAreReadWithAStride) {
  const Views rows = {"a", "1", "b", "1", "a", "2"};  // (3, 2)
  Spellings second;
  std::vector<std::uint32_t> numbers(3);
  second.number(rows.data() + 1, 2, numbers);
  EXPECT_EQ(numbers, (std::vector<std::uint32_t>{0, 0, 1}));
  EXPECT_EQ(second.texts(), (Views{"1", "2"}));
}

}  // namespace text_table_test
}  // namespace agon::test
