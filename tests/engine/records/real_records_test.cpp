// Which records count as copies of real ones.
#include "engine/records/real_records.hpp"

#include <gtest/gtest.h>

#include "tests/engine/table/table_of.hpp"

namespace agon {
namespace real_records_test {

Schema schema_of_example() {
  Schema schema;
  schema.columns = {{.name = "id", .kind = ColumnKind::identifier},
                    {.name = "x", .kind = ColumnKind::continuous, .missing = {"", "NA"}},
                    {.name = "w", .kind = ColumnKind::category, .missing = {""}},
                    {.name = "note", .kind = ColumnKind::text}};
  schema.columns[1].number.decimals = 1;
  schema.rarest = 3;
  return schema;
}

TEST(RealRecord, IsEqualByMeaningIdentifiersApart) {
  const TextTable real = make_table({{"id", {"1", "2", "3"}},
                                     {"x", {"1.0", "NA", "2.5"}},
                                     {"w", {"a", "b", ""}},
                                     {"note", {"n", "o", "p"}}});
  const TextTable drawn = make_table({{"id", {"7", "8", "9", "10", "11"}},
                                      {"x", {"1", "", "2.5", "2.5", "2.4"}},
                                      {"w", {"a", "b", "", "a", ""}}});
  EXPECT_EQ(RealRecords(real, schema_of_example()).copies_in(drawn), (std::vector<char>{1, 1, 1, 0, 0}));
}

TEST(RealRecord, ThatEnoughPeopleShareIsNone) {
  const TextTable real = make_table({{"id", {"1", "2", "3", "4", "5"}},
                                     {"x", {"1", "1", "1.0", "2", "2"}},
                                     {"w", {"a", "a", "a", "a", "a"}},
                                     {"note", {"", "", "", "", ""}}});
  const TextTable drawn = make_table({{"id", {"7", "8"}}, {"x", {"1", "2"}}, {"w", {"a", "a"}}});
  EXPECT_EQ(RealRecords(real, schema_of_example()).copies_in(drawn), (std::vector<char>{0, 1}));
}

/// A number and the word of its digits, cells that change places, and cells that run together.
TEST(RealRecord, IsNotMistakenForAnother) {
  Schema schema;
  schema.columns = {{.name = "a", .kind = ColumnKind::category}, {.name = "b", .kind = ColumnKind::category}};
  const TextTable real = make_table({{"a", {"x", "ab"}}, {"b", {"y", "c"}}});
  const TextTable drawn = make_table({{"a", {"y", "a", "x", ""}}, {"b", {"x", "bc", "y", ""}}});
  EXPECT_EQ(RealRecords(real, schema).copies_in(drawn), (std::vector<char>{0, 0, 1, 0}));
}

}  // namespace real_records_test
}  // namespace agon
