// Which records of a draw are handed out: constraints, conditions, balance, and no copies of real ones.
#include "engine/records/record_draw.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "kernels/error.hpp"
#include "tests/engine/records/drawn_patients.hpp"

namespace agon {
namespace record_draw_test {

using test::copies_of_few, test::has, test::pairs, test::patients, test::UntrainedDraw;

enum Place { kSex = 1, kWard, kGrade, kSbp, kDbp, kCrp };  // of a record's cells

std::int64_t broken(const UntrainedDraw::Drawn& drawn) {
  return std::ranges::count_if(drawn.rows,
                               [](const auto& row) { return std::stoi(row[kDbp]) > std::stoi(row[kSbp]); });
}

TEST(RecordDraws, FulfilTheSchemasConstraints) {
  const TextTable table = patients();
  const UntrainedDraw::Drawn free = UntrainedDraw(table).drawn({.count = 2000});
  EXPECT_GT(broken(free), 100);
  const UntrainedDraw bound(table, {"dbp <= sbp", "sbp < 150"});
  const UntrainedDraw::Drawn kept = bound.drawn({.count = 2000});
  EXPECT_EQ(kept.rows.size(), 2000u);
  EXPECT_EQ(broken(kept), 0);
  EXPECT_TRUE(std::ranges::all_of(kept.rows, [](const auto& row) { return std::stoi(row[kSbp]) < 150; }));
  // They travel with the coding.
  EXPECT_EQ(Coding::from_json(bound.coding.to_json(), "here").schema().constraints, bound.schema.constraints);
}

TEST(RecordDraws, AreTheSameDrawButForWhatIsLeftOut) {
  const UntrainedDraw one(patients());
  const UntrainedDraw::Drawn all = one.drawn({.count = 20000, .seed = 3});
  const UntrainedDraw::Drawn women =
      one.drawn({.count = 300, .seed = 3, .where = Conditions("sex=F, grade>=3", one.coding)});
  std::vector<std::vector<std::string>> expected;
  for (const auto& row : all.rows)
    if (row[kSex] == "F" && row[kGrade] >= "3" && expected.size() < 300) expected.push_back(row);
  EXPECT_EQ(women.rows, expected);
  EXPECT_NE(one.drawn({.count = 300, .seed = 4}).rows, one.drawn({.count = 300, .seed = 3}).rows);
}

TEST(RecordDraws, OfWhatIsNeverDrawnEnd) {
  const TextTable table =
      make_table({{"x", test::cells_of(60, [](int row) { return std::string(1, "AB"[row % 2]); })},
                  {"y", test::cells_of(60, [](int row) { return std::string(1, "CD"[row / 2 % 2]); })}});
  const UntrainedDraw one(table, {"x = A", "x = B"});
  const DrawResult result = one.drawn({.count = 7}).result;
  EXPECT_TRUE(result.scarce);
  EXPECT_EQ(result.written, 0);
  EXPECT_TRUE(has(result.shortage, "x = A, x = B: of 1,0"));
  EXPECT_TRUE(has(result.shortage, " records drawn 0 fulfil it, too few for 7"));
}

std::map<std::string, int> counts_of(const std::vector<std::string>& cells) {
  std::map<std::string, int> counts;
  for (const std::string& cell : cells) ++counts[cell];
  return counts;
}

using Counts = std::map<std::string, int>;

TEST(RecordDraws, AreBalanced) {
  const UntrainedDraw one(patients(), {"grade != 4"});
  const auto counts = [&](std::string_view column, std::int64_t count, std::string_view where, int place) {
    const DrawRequest request{
        .count = count, .where = Conditions(where, one.coding), .balance = Balance(column, one.coding)};
    return counts_of(one.drawn(request).column(place));
  };
  EXPECT_EQ(counts("ward", 100, "", kWard), (Counts{{"A", 34}, {"B", 33}, {"C", 33}}));
  EXPECT_EQ(counts("ward", 100, "ward!=A", kWard), (Counts{{"B", 50}, {"C", 50}}));
  EXPECT_EQ(counts("ward", 2, "", kWard), (Counts{{"A", 1}, {"B", 1}}));
  EXPECT_EQ(counts("ward", 90, "sex=F, sbp>=130", kWard), (Counts{{"A", 30}, {"B", 30}, {"C", 30}}));
  EXPECT_EQ(counts("sex", 50, "", kSex), (Counts{{"F", 25}, {"M", 25}}));  // no holes
  EXPECT_EQ(counts("grade", 90, "", kGrade), (Counts{{"1", 30}, {"2", 30}, {"3", 30}}));
}

std::string complaint_of(const std::function<void()>& ask) {
  try {
    ask();
  } catch (const ConfigurationError& error) {
    return error.what();
  }
  return "";
}

TEST(RecordDraws, ThatCannotBeBalancedAreRefused) {
  const UntrainedDraw one(patients());
  const auto complaint = [&](std::string_view column, std::string_view where) {
    return complaint_of(
        [&] { Balance(column, one.coding).share_out(10, std::vector{Conditions(where, one.coding)}); });
  };
  EXPECT_EQ(complaint("ward", "ward!=B"), "");
  EXPECT_TRUE(has(complaint("wart", ""), "no column 'wart' is drawn; did you mean 'ward'?"));
  EXPECT_TRUE(has(complaint("sbp", ""),
                  "sbp is continuous, which has no levels; draw each range of it by a condition"));
  EXPECT_TRUE(has(complaint("id", ""), "id names each record"));
  EXPECT_TRUE(has(complaint("ward", "ward!=A, ward!=B, ward!=C"), "the conditions leave no level of ward"));
}

TEST(RecordDraws, OfALevelThatIsNotFoundEnd) {
  const TextTable table =
      make_table({{"x", test::cells_of(60, [](int row) { return std::string(1, "AB"[row % 2]); })},
                  {"y", test::cells_of(60, [](int row) { return std::string(1, "CD"[row % 2]); })}});
  const UntrainedDraw one(table);  // y is determined by x
  const DrawResult result =
      one.drawn({.count = 10, .where = Conditions("y=C", one.coding), .balance = Balance("x", one.coding)})
          .result;
  EXPECT_TRUE(result.scarce);
  EXPECT_TRUE(has(result.shortage, "0 are found with x = B, too few for 5"));
}

TEST(RecordDraws, HaveNoCopiesOfFewPeople) {
  const TextTable table = pairs();
  const UntrainedDraw one(table);
  const RealRecords real(table, one.schema);
  const UntrainedDraw::Drawn free = one.drawn({.count = 2000}),
                             safe = one.drawn({.count = 2000, .never = &real});
  EXPECT_GT(copies_of_few(free.rows, table), 100);
  EXPECT_EQ(copies_of_few(safe.rows, table), 0);
  EXPECT_EQ(safe.rows.size(), 2000u);
  EXPECT_EQ(safe.result.looked_at - safe.result.copies, 2000);
  EXPECT_EQ(free.result.copies, 0);
  const std::vector<std::string> shared{"7", "7"};  // seven people
  EXPECT_GT(std::ranges::count(safe.rows, shared), 0);
}

}  // namespace record_draw_test
}  // namespace agon
