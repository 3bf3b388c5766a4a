// A schema as a file: there and back, what is inferred stays, what is wrong has a place.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

#include "host/config/schema_toml.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace schema_toml_test {

Schema any_schema() {
  Schema schema;
  const auto text = [] {
    return *rc::gen::element<std::string>("", "NA", "a \"b\"\\\n\t\x01", "\u00B0C", "<0.5", "x,y", "[1]",
                                          "#");
  };
  const auto number = [] {
    return *rc::gen::map(rc::gen::arbitrary<double>(), [](double v) { return std::isfinite(v) ? v : 0.1; });
  };
  const int columns = *rc::gen::inRange(0, 5);
  for (int i = 0; i < columns; ++i) {
    ColumnSchema column{.name = std::to_string(i) + text(),
                        .kind = static_cast<ColumnKind>(*rc::gen::inRange(0, 11)),
                        .format = "%Y-%m-%d" + text() + "%H:%M",
                        .missing = {text(), text()},
                        .marks = {text()},
                        .sentinels = {number(), 1e300, 1e15, -123456789012345678.0},
                        .rare_marks = *rc::gen::arbitrary<bool>(),
                        .keep_rare = *rc::gen::arbitrary<bool>(),
                        .ignored = *rc::gen::arbitrary<bool>()};
    column.number = {.decimals = *rc::gen::inRange(0, 19),
                     .printed_decimals = *rc::gen::inRange(0, 19),
                     .fewest_decimals = *rc::gen::inRange(0, 19),
                     .step = std::abs(number()),
                     .offset = number(),
                     .mark = *rc::gen::element('.', ','),
                     .group = *rc::gen::element('\0', '\'', ' '),
                     .before = text(),
                     .after = text()};
    schema.columns.push_back(column);
  }
  schema.rarest = *rc::gen::inRange(1, 100);
  schema.constraints = {text(), "dbp < sbp"};
  return schema;
}

TEST(SchemaToml, ComesBackEqual) {
  EXPECT_TRUE(rc::check([] {
    const Schema schema = any_schema();
    const std::vector<std::string> remarks = {"a remark", "of \n two = 3 lines"};
    RC_ASSERT(schema_from_toml(schema_to_toml(schema, remarks), "s.toml") == schema);
  }));
}

TEST(SchemaToml, AppliedToItselfNothingChanges) {
  EXPECT_TRUE(rc::check([] {
    Schema schema = any_schema();
    for (ColumnSchema& column : schema.columns) column.missing = {"NA"};
    for (ColumnSchema& column : schema.columns) std::erase(column.marks, "NA");
    Schema changed = schema;
    apply_schema_toml(schema_to_toml(schema, {}), "s.toml", changed);
    RC_ASSERT(changed == schema);
  }));
}

Schema inferred_schema() {
  ColumnSchema age{.name = "age", .sentinels = {-999, 999}};
  age.number.decimals = 1;
  age.marks = {"old", "unknown"};
  return {.columns = {age, {.name = "sex", .kind = ColumnKind::boolean, .missing = {""}}}};
}

TEST(SchemaToml, WhatIsNotWrittenStaysAsInferred) {
  Schema schema = inferred_schema();
  apply_schema_toml("[[column]]\nname = \"sex\"\nkind = \"category\"\n", "s.toml", schema);
  Schema expected = inferred_schema();
  expected.columns[1].kind = ColumnKind::category;
  EXPECT_EQ(schema, expected);
  apply_schema_toml("rarest = 1\n[[column]]\nname = \"age\"\nnumber = { step = 5 }\n", "s.toml", schema);
  expected.rarest = 1;
  expected.columns[0].number.step = 5;
  EXPECT_EQ(schema, expected);
}

TEST(SchemaToml, WhatIsMissingIsNoLevel) {
  Schema schema = inferred_schema();
  apply_schema_toml("[[column]]\nname = \"age\"\nmissing = [\"unknown\", -999]\n", "s.toml", schema);
  EXPECT_EQ(schema.columns[0].missing, (std::vector<std::string>{"unknown", "-999"}));
  EXPECT_EQ(schema.columns[0].sentinels, std::vector<double>{999});
  EXPECT_EQ(schema.columns[0].marks, std::vector<std::string>{"old"});
}

TEST(SchemaToml, ErrorsHaveTheirPlace) {
  const auto error = [](const std::string& text) -> std::string {
    Schema schema = inferred_schema();
    try {
      apply_schema_toml(text, "s.toml", schema);
    } catch (const ConfigurationError& e) {
      return e.what();
    }
    return "no error";
  };
  const std::string age = "[[column]]\nname = \"age\"\n";
  EXPECT_EQ(error("rarest = 0\n"),
            "s.toml:1:10: rarest: expected a whole number from 1 to 9223372036854775807");
  EXPECT_EQ(error("rarst = 3\n"), "s.toml:1:1: unknown key 'rarst'; did you mean 'rarest'?");
  EXPECT_EQ(error("[column]\nname = \"age\"\n"),
            "s.toml:1:1: column: expected [[column]] ahead of each column");
  EXPECT_EQ(error("[[column]]\nkind = \"count\"\n"), "s.toml:1:1: this column has no name");
  EXPECT_EQ(error("[[column]]\nname = \"agee\"\n"),
            "s.toml:1:1: the table has no column 'agee'; did you mean 'age'?");
  EXPECT_EQ(error(age + age), "s.toml:3:1: column 'age' stands here twice");
  EXPECT_EQ(error(age + "mising = []\n"), "s.toml:3:1: unknown key 'mising'; did you mean 'missing'?");
  EXPECT_EQ(error(age + "ignored = 1\n"), "s.toml:3:11: ignored: expected true or false");
  EXPECT_EQ(error(age + "missing = \"NA\"\n"), "s.toml:3:11: missing: expected a list of texts");
  EXPECT_EQ(error(age + "sentinels = [\"a\"]\n"), "s.toml:3:13: sentinels: expected a list of numbers");
  EXPECT_EQ(error(age + "number = { decimals = 19 }\n"),
            "s.toml:3:23: decimals: expected a whole number from 0 to 18");
  EXPECT_EQ(error(age + "number = { steps = 5 }\n"),
            "s.toml:3:12: unknown key 'steps'; did you mean 'step'?");
  EXPECT_EQ(error(age + "number = { mark = \";\" }\n"), "s.toml:3:19: mark: expected one of .,");
  EXPECT_EQ(error(age + "number = { mark = \",\", group = \",\" }\n"),
            "s.toml:3:10: number: expected other marks of decimals and thousands");
  EXPECT_EQ(error(age + "kind = \"numeric\"\n").substr(0, 60),
            "s.toml:3:8: no kind of column is called 'numeric'; the kinds");
  EXPECT_EQ(error(age + "kind = \"date\"\nformat = \"%d.%m\"\n"),
            "s.toml:1:1: column 'age': its format '%d.%m' has no year (%Y)");
  EXPECT_EQ(error(age + "kind = \n").substr(0, 12), "s.toml:3:8: ");
}

}  // namespace schema_toml_test
}  // namespace agon::host
