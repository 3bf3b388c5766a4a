// Comparisons: how they are read, what they mean, and what is wrong with those that cannot be.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "engine/records/conditions.hpp"
#include "tests/engine/table/table_of.hpp"

namespace agon {
namespace constraints_test {

using test::has;

TEST(Constraints, AreRead) {
  const auto read = [](std::string_view text) {
    const Constraint c = parse_constraint(text);
    return c.left + "|" + c.text().substr(c.left.size() + 1) + (c.quoted ? "|quoted" : "");
  };
  EXPECT_EQ(read("dbp < sbp"), "dbp|< sbp");
  EXPECT_EQ(read("age>=60"), "age|>= 60");
  EXPECT_EQ(read("sex != F"), "sex|!= F");
  EXPECT_EQ(read("sex == F"), "sex|= F");
  EXPECT_EQ(read("crp=<0.5"), "crp|= <0.5");
  EXPECT_EQ(read("crp="), "crp|= ");
  EXPECT_EQ(read("a = \"b\""), "a|= b|quoted");
  EXPECT_EQ(read("\"a<b\" > 3"), "a<b|> 3");
  const std::vector<Constraint> several = parse_constraints("sex=F, ward=\"A, old\" ,age<3");
  ASSERT_EQ(several.size(), 3u);
  EXPECT_EQ(several[1].right, "A, old");
  EXPECT_TRUE(parse_constraints("  ").empty());
  for (const char* text : {"age", "=3", "a=\"b", "x=1,,y=2"})
    EXPECT_THROW(parse_constraints(text), ConstraintError) << text;
}

/// Four rows and a fifth of holes.
struct Example {
  TextTable table =
      make_table({{"sex", {"F", "M", "F", "M", ""}},
                  {"born", {"F", "F", "M", "M", "M"}},
                  {"sbp", {"120", "130", "140", "150", "NA"}},
                  {"dbp", {"80", "130", "150", "<60", "70"}},
                  {"part", {"0.1", "0.1", "1", "2", "1"}},
                  {"other", {"0.2", "0.2", "1", "2", "1"}},
                  {"total", {"0.3", "0.4", "2", "-999", "2"}},
                  {"seen", {"2023-01-05", "2023-02-05", "2023-03-05", "2023-04-05", ""}},
                  {"left", {"2023-01-07", "2023-02-01", "2023-03-05", "2023-05-05", "2023-01-01"}},
                  {"note", {"a", "b", "c", "d", "e"}}});
  Schema schema;

  Example() {
    const auto add = [&](const char* name, ColumnKind kind) -> ColumnSchema& {
      return schema.columns.emplace_back(ColumnSchema{.name = name, .kind = kind, .missing = {"", "NA"}});
    };
    add("sex", ColumnKind::category), add("born", ColumnKind::category), add("sbp", ColumnKind::count);
    add("dbp", ColumnKind::count).marks = {"<60"};
    for (const char* name : {"part", "other", "total"}) add(name, ColumnKind::continuous).number.decimals = 1;
    schema.columns.back().sentinels = {-999};
    add("seen", ColumnKind::date).format = "%Y-%m-%d", add("left", ColumnKind::date).format = "%Y-%m-%d";
    add("note", ColumnKind::text);
    schema.rarest = 1;
  }

  /// Rows that stay: "0 2".
  static std::string kept(const Conditions& conditions, const TextTable& table) {
    std::vector<char> keep(static_cast<std::size_t>(table.rows), 1);
    conditions.apply(table, keep);
    std::string rows;
    for (std::size_t row = 0; row < keep.size(); ++row)
      if (keep[row]) rows += (rows.empty() ? "" : " ") + std::to_string(row);
    return rows;
  }
  std::string constrained(const std::string& text) {
    schema.constraints = {text};
    return kept(Conditions(schema), table);
  }
  std::string with(const std::string& text) const {
    return kept(Conditions(text, Coding::fit(table, schema, Device::cpu(1))), table);
  }
  std::string complaint(const std::string& text) {
    schema.constraints = {text};
    const std::vector<Finding> found = check_constraints(schema, table);
    return found.empty() ? "" : line_of(found.front());
  }
};

TEST(Constraints, OfASchemaHoldWhereACellHasNoValue) {
  Example example;
  EXPECT_EQ(example.constrained("dbp < sbp"), "0 3 4");  // row 3 has a mark, row 4 a hole
  EXPECT_EQ(example.constrained("dbp <= sbp"), "0 1 3 4");
  EXPECT_EQ(example.constrained("sbp >= 140"), "2 3 4");
  EXPECT_EQ(example.constrained("sex = born"), "0 3 4");
  EXPECT_EQ(example.constrained("sex != born"), "1 2 4");
  EXPECT_EQ(example.constrained("sex = F"), "0 2 4");
  EXPECT_EQ(example.constrained("total = part + other"), "0 2 3 4");  // 0.1 + 0.2; -999 is no number
  EXPECT_EQ(example.constrained("total > part + other"), "1 3");
  EXPECT_EQ(example.constrained("total >= part+other"), "0 1 2 3 4");
  EXPECT_EQ(example.constrained("total > 0"), "0 1 2 3 4");
  EXPECT_EQ(example.constrained("total = -999"), "3");
  EXPECT_EQ(example.constrained("seen < left"), "0 3 4");
  EXPECT_EQ(example.constrained("seen >= 2023-03-01"), "2 3 4");
  EXPECT_EQ(example.constrained("sex !="), "0 1 2 3");  // a hole itself is asked for
}

TEST(Constraints, OfADrawDoNotHoldWhereACellHasNoValue) {
  const Example example;
  EXPECT_EQ(example.with("dbp < sbp"), "0");
  EXPECT_EQ(example.with("sbp >= 140"), "2 3");
  EXPECT_EQ(example.with("sbp != 140"), "0 1 3 4");
  EXPECT_EQ(example.with("sex = born"), "0 3");
  EXPECT_EQ(example.with("sex != born"), "1 2 4");
  EXPECT_EQ(example.with("sbp="), "4");
  EXPECT_EQ(example.with("sbp=NA"), "4");
  EXPECT_EQ(example.with("sex=F, sbp>130"), "2");
  EXPECT_EQ(example.with("dbp=<60"), "3");
  EXPECT_EQ(example.with("total<0"), "3");
}

TEST(Constraints, ThatCannotBeAreFound) {
  Example example;
  EXPECT_EQ(example.complaint("dbp <= 200"), "");
  EXPECT_EQ(example.complaint("dbp < sbp"),
            "dbp < sbp: 2 of 5 rows break it; correct the rows or the constraint; no record drawn breaks it");
  EXPECT_TRUE(has(example.complaint("dpb < sbp"),
                  "the constraint \"dpb < sbp\": no column 'dpb' is drawn; did you mean 'dbp'?"));
  EXPECT_TRUE(has(example.complaint("dbp < spb"), "dbp is count, and 'spb' is none; did you mean 'sbp'?"));
  EXPECT_TRUE(has(example.complaint("note = a"), "no column 'note' is drawn"));
  EXPECT_TRUE(has(example.complaint("sex < F"), "only numbers, dates and times have an order"));
  EXPECT_TRUE(has(example.complaint("sex < born"), "only numbers, dates and times have an order"));
  EXPECT_TRUE(has(example.complaint("sex = W"), "no record has 'W' in sex; did you mean 'F'?; it has F, M"));
  EXPECT_TRUE(has(example.complaint("sbp < seen"), "sbp (count) cannot be compared with seen (date)"));
  EXPECT_TRUE(has(example.complaint("sex = sbp"), "sex (category) cannot be compared with sbp (count)"));
  EXPECT_TRUE(has(example.complaint("left > seen + seen"), "cannot be compared with a sum"));
  EXPECT_TRUE(has(example.complaint("dbp"), "expected COLUMN=VALUE"));
  example.schema.columns[3].ignored = true;
  EXPECT_TRUE(has(example.complaint("dbp < sbp"), "no column 'dbp' is drawn"));
}

TEST(Constraints, AQuotedRightSideIsAValue) {
  const TextTable table = make_table({{"a", {"b", "c"}}, {"b", {"c", "c"}}});
  Schema schema;
  for (const char* name : {"a", "b"})
    schema.columns.push_back({.name = name, .kind = ColumnKind::category, .missing = {""}});
  schema.constraints = {"a = b"};
  EXPECT_EQ(Example::kept(Conditions(schema), table), "1");
  schema.constraints = {"a = \"b\""};
  EXPECT_EQ(Example::kept(Conditions(schema), table), "0");
}

}  // namespace constraints_test
}  // namespace agon
