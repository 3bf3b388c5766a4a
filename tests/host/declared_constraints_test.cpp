// A schema's constraints in the report: who breaks them, and what counts for the verdict.
#include "host/evaluate/fidelity/declared_constraints.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "host/evaluate/evaluation.hpp"
#include "host/evaluate/fidelity/fidelity_report.hpp"
#include "tests/engine/table/table_of.hpp"

namespace agon::host {
namespace declared_constraints_test {

using test::cells_of;
using test::has;
using test::scrambled;

constexpr int kRows = 200;

/// Pressures, sums, a date, words and marks; `form` is how dates are written.
TextTable visits(const std::function<std::string(int)>& low, const std::function<std::string(int)>& date) {
  const auto number = [](int row, int below) { return std::to_string(scrambled(row, below)); };
  return make_table(
      {{"low", cells_of(kRows, low)},
       {"high", cells_of(kRows, [&](int row) { return std::to_string(100 + scrambled(row, 60)); })},
       {"a", cells_of(kRows, [&](int row) { return number(row + 1000, 40); })},
       {"b", cells_of(kRows, [&](int row) { return number(row + 2000, 40); })},
       {"sum", cells_of(kRows,
                        [&](int row) {
                          return std::to_string(scrambled(row + 1000, 40) + scrambled(row + 2000, 40));
                        })},
       {"date", cells_of(kRows, date)},
       {"ward", cells_of(kRows, [&](int row) { return std::string(1, static_cast<char>('A' + row % 3)); })},
       {"from", cells_of(kRows, [&](int row) { return std::string(1, static_cast<char>('A' + row % 2)); })},
       {"crp", cells_of(kRows, [&](int row) { return row % 4 == 0 ? "<5" : number(row + 3000, 90); })}});
}

std::string plain_low(int row) { return row % 10 == 0 ? "" : std::to_string(40 + scrambled(row, 50)); }
std::string plain_date(int row) { return "2023-0" + std::to_string(1 + row % 9) + "-11"; }

struct Found {
  Fidelity fidelity;
  ComparedTables tables;
};

Found found_of(const TextTable& real, const TextTable& synthetic, std::vector<std::string> constraints,
               const TextTable* held_out = nullptr) {
  Schema schema = infer_schema(real).schema;
  schema.constraints = std::move(constraints);
  Found found;
  found.tables = compare_tables(real, synthetic, held_out, schema, Device::cpu(1));
  found.fidelity = measure_fidelity(
      found.tables, {.rules = {}, .constraints = check_declared(schema, found.tables), .draws = 2},
      Device::cpu(1));
  return found;
}

TEST(DeclaredConstraints, RowsThatBreakThemAreCountedInEachTable) {
  const TextTable real = visits(plain_low, plain_date);
  const TextTable drawn =
      visits([](int row) { return row < 30 ? "300" : plain_low(row); }, plain_date);  // 30 of 200
  const Found found = found_of(
      real, drawn,
      {"low < high", "sum = a + b", "ward = from", "ward != C", "low != ", "crp > 3", "date < 2023-09-01"},
      &real);
  const std::vector<ConstraintFidelity>& all = found.fidelity.constraints;
  ASSERT_EQ(all.size(), 7u);
  const auto expect = [&](std::size_t which, const char* text, double of_real, double broken) {
    EXPECT_EQ(all[which].text, text);
    EXPECT_DOUBLE_EQ(all[which].real, of_real) << text;
    EXPECT_DOUBLE_EQ(all[which].broken, broken) << text;
    EXPECT_EQ(all[which].held_out, all[which].real) << text;
  };
  const auto share = [](const std::function<bool(int)>& breaks) {
    int count = 0;
    for (int row = 0; row < kRows; ++row) count += breaks(row);
    return count / double{kRows};
  };
  expect(0, "low < high", 0, 0.15);  // holes keep it
  expect(1, "sum = a + b", 0, 0);
  const double moved = share([](int row) { return row % 3 != row % 2; });
  expect(2, "ward = from", moved, moved);
  const double of_ward = share([](int row) { return row % 3 == 2; });
  expect(3, "ward != C", of_ward, of_ward);
  expect(4, "low != ", 0.1, share([](int row) { return row >= 30 && row % 10 == 0; }));
  const double of_crp = share([](int row) { return row % 4 != 0 && scrambled(row + 3000, 90) <= 3; });
  EXPECT_GT(of_crp, 0);
  expect(5, "crp > 3", of_crp, of_crp);
  const double late = share([](int row) { return row % 9 == 8; });
  expect(6, "date < 2023-09-01", late, late);
  EXPECT_DOUBLE_EQ(found.fidelity.rule_breakers, 0.15) << "what real rows break is no rule";
  EXPECT_EQ(found.fidelity.held_out_rule_breakers, 0);
}

TEST(DeclaredConstraints, OtherSpellingsOfTheSyntheticTableAreMeantAsTheyAre) {
  const TextTable real = visits(plain_low, plain_date);
  const TextTable drawn =
      visits([](int row) { return row == 7   ? "100.0004"
                                  : row == 8 ? "99.9996"
                                             : "?"; },  // is none: keeps it
             [](int row) { return "21/0" + std::to_string(1 + row % 9) + "/2023 00:00"; });
  const Found found = found_of(real, drawn, {"low <= 100", "date < 2023-09-01"});
  ASSERT_EQ(found.fidelity.constraints.size(), 2u);
  EXPECT_DOUBLE_EQ(found.fidelity.constraints[0].broken, 1 / double{kRows});
  EXPECT_DOUBLE_EQ(found.fidelity.constraints[1].broken, 22 / double{kRows});
  EXPECT_TRUE(std::isnan(found.fidelity.constraints[0].held_out));
}

TEST(DeclaredConstraints, ALostColumnBreaksThemInEveryRow) {
  const TextTable real = visits(plain_low, plain_date);
  TextTable drawn = visits(plain_low, plain_date);
  drawn.columns.erase(drawn.columns.begin() + drawn.find("a"));
  const Found found = found_of(real, drawn, {"sum = a + b", "low < high"});
  EXPECT_EQ(found.fidelity.constraints[0].broken, 1);
  EXPECT_EQ(found.fidelity.constraints[1].broken, 0);
  EXPECT_EQ(found.fidelity.rule_breakers, 1);
}

TEST(DeclaredConstraints, TextJsonAndVerdictHaveThem) {
  const TextTable real = visits(plain_low, plain_date);
  const TextTable drawn = visits([](int row) { return row < 50 ? "300" : plain_low(row); }, plain_date);
  const Found found = found_of(real, drawn, {"low < high", "ward != C"}, &real);
  const std::string text = to_text(found.fidelity, found.tables);
  EXPECT_TRUE(has(text, "the schema's constraints")) << text;
  EXPECT_TRUE(has(text, "low < high")) << text;
  const auto json = to_json(found.fidelity, found.tables)["rules"];
  EXPECT_EQ(json["constraints"][0]["constraint"], "low < high");
  EXPECT_EQ(json["constraints"][0]["broken"], 0.25);
  EXPECT_EQ(json["constraints"][1]["real"], json["constraints"][1]["held_out"]);
  Evaluation evaluation;
  evaluation.tables = found.tables;
  evaluation.fidelity = found.fidelity;
  bool told = false;
  for (const std::string& reason : judge(evaluation).likeness.reasons)
    told = told || has(reason, "25% of the synthetic rows break a rule");
  EXPECT_TRUE(told);
}

}  // namespace declared_constraints_test
}  // namespace agon::host
