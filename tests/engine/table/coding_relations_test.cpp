// What a table's columns are to each other is found, said, and true of whatever codes are decoded.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>

#include "tests/engine/table/coded_table.hpp"

namespace agon {
namespace coding_relations_test {

using namespace coded;

/// Admissions: days on which things happened, costs and their sum, a code and its name, a reading and its
/// copy.
TableOf admissions(std::uint32_t seed, int rows) {
  std::mt19937 g(seed);
  const auto number = [&](int n) { return static_cast<int>(g() % static_cast<std::uint32_t>(n)); };
  Cells order, stay, follow_up, drugs, ward, total, code, name, reading, copy, low, high;
  for (int i = 0; i < rows; ++i) {
    const int length = 1 + number(8) * number(8) + number(4),
              until = length + (number(3) == 0 ? 0 : number(2000));
    const int a = number(4000), b = number(300), c = number(5);
    order.push_back(number(5) == 0 ? "" : std::to_string(number(2) == 0 ? length : number(length + 1)));
    stay.push_back(std::to_string(length));
    follow_up.push_back(std::to_string(until));
    drugs.push_back(spelled(a * 0.25, 2));
    ward.push_back(std::to_string(b));
    total.push_back(spelled(a * 0.25 + b, 2));
    code.push_back(std::to_string(c));
    name.push_back(Cells{"none", "mild", "moderate", "severe", "severe"}[static_cast<std::size_t>(c)]);
    reading.push_back(spelled(30 + number(100) * 0.1, 1));
    copy.push_back(number_of(reading.back()) == std::round(number_of(reading.back()))
                       ? spelled(number_of(reading.back()), 0)
                       : reading.back());
    const int diastolic = 50 + number(50);
    low.push_back(std::to_string(diastolic));
    high.push_back(std::to_string(diastolic + 10 + number(60)));
  }
  return table_of({{"order_day", number_schema(0), order},
                   {"stay", number_schema(0), stay},
                   {"follow_up", number_schema(0), follow_up},
                   {"drugs", number_schema(2), drugs},
                   {"ward", number_schema(0), ward},
                   {"total", number_schema(2), total},
                   {"code", number_schema(0, ColumnKind::code), code},
                   {"name", word_schema(), name},
                   {"reading", number_schema(1), reading},
                   {"reading2",
                    [] {
                      auto s = number_schema(1);
                      s.number.fewest_decimals = 0;
                      return s;
                    }(),
                    copy},
                   {"dbp", number_schema(0), low},
                   {"sbp", number_schema(0), high}});
}

bool says(const Coding& coding, const std::string& line) {
  const std::vector<std::string> lines = coding.relations();
  return std::ranges::find(lines, line) != lines.end();
}

TEST(CodingRelations, AreFoundAndSaid) {
  const Coding coding = fitted(admissions(1, 3000));
  EXPECT_TRUE(says(coding, "name is determined by code"));
  EXPECT_TRUE(says(coding, "total = drugs + ward"));
  EXPECT_TRUE(says(coding, "reading2 = reading in every row"));
  EXPECT_TRUE(says(coding, "order_day <= stay in every row"));
  EXPECT_TRUE(says(coding, "stay <= follow_up in every row"));
  EXPECT_TRUE(says(coding, "dbp <= sbp in every row"));
  EXPECT_EQ(coding.description()[5], "sum of drugs and ward");
  const Coding apart = fitted(admissions(1, 3000), {.relative = false});
  EXPECT_FALSE(says(apart, "stay <= follow_up in every row"));
}

/// People: of those who died, the cause, which has rare levels; of those with a rare cause, `rare` says what
/// `died` is.
TableOf deaths(const std::string& rare) {
  Cells cause, died;
  for (int i = 0; i < 1000; ++i) {
    cause.push_back(i < 3 ? "fall" : i < 6 ? "fire" : i < 100 ? "heart" : i < 300 ? "lungs" : "");
    died.push_back(i < 6 ? rare : i < 300 ? "1" : "0");
  }
  return table_of({{"cause", word_schema(), cause}, {"died", word_schema(), died}});
}

TEST(CodingRelations, ALevelThatIsRareDoesNotHideARule) {
  const Coding coding = fitted(deaths("1"));
  ASSERT_TRUE(says(coding, "died is determined by cause"));
  const TextTable drawn = coding.decode(random_rows(coding.layout(), 500, 1), 1);
  const Cells cause = cells_of(drawn, "cause"), died = cells_of(drawn, "died");
  for (std::size_t i = 0; i < cause.size(); ++i) EXPECT_EQ(died[i], cause[i].empty() ? "0" : "1");
  // A level of `died` that only rare causes have would be lost.
  EXPECT_FALSE(says(fitted(deaths("unknown")), "died is determined by cause"));
}

void expect_rules(const TextTable& table) {
  const auto numbers = [&](const char* name) {
    std::vector<double> found;
    for (const std::string& cell : cells_of(table, name)) found.push_back(number_of(cell));
    return found;
  };
  const auto order = numbers("order_day"), stay = numbers("stay"), until = numbers("follow_up"),
             drugs = numbers("drugs"), ward = numbers("ward"), total = numbers("total"),
             code = numbers("code"), dbp = numbers("dbp"), sbp = numbers("sbp"), reading = numbers("reading"),
             copy = numbers("reading2");
  const Cells name = cells_of(table, "name");
  for (std::size_t i = 0; i < stay.size(); ++i) {
    RC_ASSERT(std::isnan(order[i]) || order[i] <= stay[i]);
    RC_ASSERT(std::isnan(order[i]) || order[i] <= until[i]);
    RC_ASSERT(stay[i] <= until[i]);
    RC_ASSERT(dbp[i] <= sbp[i]);
    RC_ASSERT(std::abs(total[i] - drugs[i] - ward[i]) < 1e-9);
    RC_ASSERT(reading[i] == copy[i]);
    RC_ASSERT(name[i] ==
              (Cells{"none", "mild", "moderate", "severe", "severe"}[static_cast<std::size_t>(code[i])]));
    RC_ASSERT(stay[i] >= 1);
  }
}

TEST(CodingRelations, HoldInEveryRowThatIsDecoded) {
  const Coding coding = fitted(admissions(2, 1500));
  RC_ASSERT(rc::check("rules", [&](std::uint32_t seed) {
    expect_rules(coding.decode(random_rows(coding.layout(), 500, seed), seed));
  }));
}

TEST(CodingRelations, HoldForEveryTable) {
  RC_ASSERT(rc::check("rules", [](std::uint32_t seed) {
    const Coding coding = fitted(admissions(seed, 600));
    expect_rules(coding.decode(random_rows(coding.layout(), 200, seed), seed));
  }));
}

TEST(CodingRelations, TheTablesOwnRowsComeBack) {
  const TableOf table = admissions(3, 3000);
  const Coding coding = fitted(table);
  const TextTable back = coding.decode(drawn_from(coding.encode(table.table), 2), 1);
  const std::map<std::string, double> most = {{"order_day", 0.01}, {"stay", 0.01}, {"ward", 0.02},
                                              {"code", 0},         {"name", 0},    {"reading", 0},
                                              {"reading2", 0},     {"dbp", 0},     {"sbp", 0.03}};
  for (const auto& [name, share] : most) {
    const Cells before = cells_of(table.table, name), after = cells_of(back, name);
    double differing = 0;
    for (std::size_t i = 0; i < before.size(); ++i) differing += before[i] != after[i];
    EXPECT_LE(differing, share * 3000) << name;
  }
}

TEST(CodingRelations, AColumnCodedBesideAnotherKeepsItsDistribution) {
  const TableOf table = admissions(4, 6000);
  const Coding coding = fitted(table);
  DrawnRows drawn = drawn_from(coding.encode(table.table), 2);
  std::mt19937 g(9);
  for (float& rank : drawn.ranks)
    rank = std::uniform_real_distribution<float>(0, 1)(g);  // only the levels are the table's
  const TextTable fresh = coding.decode(drawn, 1);
  for (const char* name : {"stay", "follow_up", "sbp", "drugs"}) {
    std::vector<double> a, b;
    for (const std::string& cell : cells_of(table.table, name)) a.push_back(number_of(cell));
    for (const std::string& cell : cells_of(fresh, name)) b.push_back(number_of(cell));
    EXPECT_LT(ks_distance(a, b), 0.035) << name;
  }
}

/// A few zeros, which are kept, far below costs that single rows have: their zone must not move the others,
/// whose ratio to the total the curves are made of.
TEST(CodingRelations, RanksBesideAnotherColumnAreUniform) {
  std::mt19937 g(6);
  std::normal_distribution<double> normal;
  Cells total, part;
  for (int i = 0; i < 6000; ++i) {
    const double cost = std::exp(9.5 + 1.2 * normal(g));
    total.push_back(spelled(cost, 0));
    part.push_back(g() % 60 == 0 ? "0" : spelled(cost * std::exp(0.1 * normal(g)), 0));
  }
  const Coding coding =
      fitted(table_of({{"total", number_schema(0), total}, {"part", number_schema(0), part}}));
  ASSERT_EQ(coding.layout().numbers(), 2);
  EXPECT_NE(coding.description()[1].find("ratio to total"), std::string::npos) << coding.description()[1];
  const DrawnRows drawn = drawn_from(
      coding.encode(table_of({{"total", number_schema(0), total}, {"part", number_schema(0), part}}).table),
      3);
  for (std::size_t q = 0; q < 2; ++q) {
    std::vector<double> ranks, even;
    for (std::size_t i = 0; i < 6000; ++i) {
      ranks.push_back(drawn.ranks[2 * i + q]);
      even.push_back((static_cast<double>(i) + 0.5) / 6000);
    }
    EXPECT_LT(ks_distance(ranks, even), 0.03) << q;
  }
}

}  // namespace coding_relations_test
}  // namespace agon
