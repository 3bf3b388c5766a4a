// A table comes back from its own codes: what each kind of column promises.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <set>

#include "tests/engine/table/coded_table.hpp"

namespace agon {
namespace coding_round_trip_test {

using namespace coded;

constexpr int kRows = 2000;

Cells made(const std::function<std::string(std::mt19937&)>& cell, int rows = kRows) {
  std::mt19937 generator(5);
  Cells cells;
  for (int i = 0; i < rows; ++i) cells.push_back(cell(generator));
  return cells;
}

/// A column beside which there is always something to learn.
ColumnOf sex() {
  return {"sex", word_schema(ColumnKind::boolean), made([](auto& g) { return g() % 2 ? "F" : "M"; })};
}

std::size_t differing(const Cells& a, const Cells& b) {
  std::size_t n = a.size() == b.size() ? 0 : a.size() + b.size();
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) n += a[i] != b[i];
  return n;
}

TEST(CodingRoundTrip, FewValuedColumnsComeBackAsTheyWereSpelled) {
  const Cells codes = made([](auto& g) { return Cells{"1", "2", "5", "9", "77", "99", ""}[g() % 7]; });
  const Cells doses = made([](auto& g) { return Cells{"0", "12.5", "25", "50", "100"}[g() % 5]; });
  const Cells postcodes = made([](auto& g) { return Cells{"01067", "01069", "08523"}[g() % 3]; });
  const TableOf table = table_of({{"code", number_schema(0, ColumnKind::code), codes},
                                  {"dose", number_schema(1), doses},
                                  {"postcode", word_schema(), postcodes},
                                  sex()});
  EXPECT_EQ(there_and_back(table, "code"), codes);
  EXPECT_EQ(there_and_back(table, "dose"), doses);
  EXPECT_EQ(there_and_back(table, "postcode"), postcodes);
  const Coding coding = fitted(table);
  EXPECT_EQ(coding.layout().heads, (std::vector<std::int64_t>{7, 5, 3, 2}));
  EXPECT_EQ(coding.layout().numbers(), 0);
  EXPECT_EQ(std::ssize(coding.row_columns()), coding.layout().width());
  EXPECT_EQ(coding.row_columns()[6].name, "code has no value");
}

TEST(CodingRoundTrip, AZeroInflatedCountKeepsItsZerosAndCounts) {
  const Cells counts = made([](auto& g) { return std::to_string(g() % 10 < 6 ? 0 : 1 + g() % 40); });
  const TableOf table = table_of({{"visits", number_schema(0, ColumnKind::count), counts}, sex()});
  EXPECT_EQ(there_and_back(table, "visits"), counts);
  EXPECT_EQ(fitted(table).description()[0], "rank with 1 point mass");
}

TEST(CodingRoundTrip, HeapsStayHeaps) {
  const Cells pressure =
      made([](auto& g) { return std::to_string(g() % 4 ? 80 + 5 * (g() % 24) : 80 + 2 * (g() % 60)); }, 8000);
  const TableOf table = table_of({{"sbp", number_schema(0), pressure}});
  EXPECT_EQ(there_and_back(table, "sbp"), pressure);
  const std::set<std::string> seen(pressure.begin(), pressure.end());
  const Coding coding = fitted(table);
  for (const std::string& cell : cells_of(coding.decode(random_rows(coding.layout(), 5000, 3), 1), "sbp"))
    EXPECT_TRUE(seen.contains(cell)) << cell;
}

TEST(CodingRoundTrip, HolesMarksAndSentinelsAreLevels) {
  ColumnSchema schema = number_schema(1);
  schema.marks = {"<0.5"};
  schema.sentinels = {-999};
  const Cells values = made([](auto& g) {
    const auto which = g() % 20;
    return which < 2   ? ""
           : which < 4 ? "<0.5"
           : which < 5 ? "-999.0"
                       : spelled(0.5 + 0.1 * static_cast<double>(g() % 60), 1);
  });
  const TableOf table = table_of({{"crp", schema, values}, sex()});
  EXPECT_EQ(there_and_back(table, "crp"), values);
  const Coding coding = fitted(table);
  ASSERT_EQ(coding.layout().heads.front(), 4);  // a rank, -999, "<0.5", no value
  EXPECT_EQ(coding.layout().gates.front(), 0);
  EXPECT_NEAR(coding.shares()[1], 0.05, 0.02);
}

TEST(CodingRoundTrip, ManyNumbersComeBackNearlyAndWithinTheTable) {
  const Cells load = made([](auto& g) {
    return std::to_string(static_cast<long>(20 * std::pow(5e6, std::uniform_real_distribution<>(0, 1)(g))));
  });
  const TableOf table = table_of({{"load", number_schema(0), load}, sex()});
  const Cells back = there_and_back(table, "load");
  std::vector<double> errors, real;
  for (std::size_t i = 0; i < load.size(); ++i) {
    errors.push_back(std::abs(std::log(number_of(back[i]) / number_of(load[i]))));
    real.push_back(number_of(load[i]));
  }
  std::ranges::sort(errors);
  EXPECT_LT(errors[errors.size() / 2], 0.01);
  EXPECT_LT(errors[errors.size() * 98 / 100], 0.2);
  const Coding coding = fitted(table);
  std::ranges::sort(real);
  for (const std::string& cell : cells_of(coding.decode(random_rows(coding.layout(), 20000, 3), 1), "load")) {
    EXPECT_GE(number_of(cell), 20);
    EXPECT_LE(number_of(cell), std::midpoint(real[real.size() - 2], real.back()));  // the last is no one's
    EXPECT_EQ(cell.find('.'), cell.npos);
    if (HasFailure()) break;
  }
}

TEST(CodingRoundTrip, DatesComeBackInTheirFormat) {
  ColumnSchema schema;
  schema.kind = ColumnKind::date;
  schema.format = "%d.%m.%Y";
  const Cells dates = made([](auto& g) {
    char text[16];
    std::snprintf(text, sizeof text, "%02d.%02d.2021", static_cast<int>(1 + g() % 28),
                  static_cast<int>(1 + g() % 3));
    return std::string(text);
  });
  EXPECT_EQ(there_and_back(table_of({{"seen", schema, dates}, sex()}), "seen"), dates);
}

TEST(CodingRoundTrip, RareLevelsArePooledUnlessTheyMayBeKept) {
  Cells country = made([](auto& g) { return Cells{"Peru", "Chile"}[g() % 2]; });
  country[0] = "Chilean islands";
  country[1] = "Zambia";
  ColumnSchema kept = word_schema();
  kept.keep_rare = true;
  const TableOf table = table_of({{"country", word_schema(), country}, sex()});
  const Cells back = there_and_back(table, "country");
  EXPECT_EQ(back[0], "Chile");  // begins alike
  EXPECT_TRUE(back[1] == "Peru" || back[1] == "Chile");
  EXPECT_EQ(differing(back, country), 2u);
  EXPECT_EQ(there_and_back(table_of({{"country", kept, country}, sex()}), "country"), country);
  EXPECT_NE(fitted(table).description()[0].find("0.1% of rows"), std::string::npos);
  EXPECT_EQ(fitted(table).to_json().find("Zambia"), std::string::npos);

  for (std::size_t i = 100; i < 200; ++i) country[i] = "Other";
  EXPECT_EQ(there_and_back(table_of({{"country", word_schema(), country}, sex()}), "country")[1], "Other");
}

TEST(CodingRoundTrip, TwentyThousandLevelsAreTwoHeadsOfTheirRoot) {
  Cells codes;
  for (int i = 0; i < 100000; ++i) codes.push_back("D" + std::to_string(i % 20000));
  const TableOf table = table_of({{"diagnosis", word_schema(), codes}});
  const Coding coding = fitted(table);
  EXPECT_EQ(coding.layout().heads, (std::vector<std::int64_t>{141, 142}));
  EXPECT_EQ(coding.layout().width(), 283);
  EXPECT_EQ(there_and_back(table, "diagnosis"), codes);
  const std::set<std::string> seen(codes.begin(), codes.end());
  for (const std::string& cell :
       cells_of(coding.decode(random_rows(coding.layout(), 5000, 3), 1), "diagnosis"))
    EXPECT_TRUE(seen.contains(cell));
}

TEST(CodingRoundTrip, HeldOutRowsAreCodedAsTheNearest) {
  const Cells level = made([](auto& g) { return std::to_string(10 * (g() % 5)); });
  const Cells number = made([](auto& g) { return std::to_string(g() % 100); });
  const Coding coding =
      fitted(table_of({{"level", number_schema(0), level}, {"n", number_schema(0), number}}));
  const TableOf other = table_of({{"level", number_schema(0), {"28", "-5", "1000", ""}},
                                  {"n", number_schema(0), {"-7", "500", "33", "42"}}});
  const TextTable back = coding.decode(drawn_from(coding.encode(other.table), 1), 1);
  EXPECT_EQ(cells_of(back, "level"), (Cells{"30", "0", "40", "20"}));
  EXPECT_EQ(cells_of(back, "n"), (Cells{"0", "99", "33", "42"}));
}

TEST(CodingRoundTrip, JsonDecodesToTheSameTableAndRefusesWhatIsBroken) {
  const Cells number = made([](auto& g) { return spelled(std::normal_distribution<>(50, 10)(g), 3); });
  const Cells other = made([](auto& g) { return g() % 9 ? std::to_string(g() % 300) : ""; });
  const TableOf table = table_of({{"a", number_schema(3), number}, {"b", number_schema(0), other}, sex()});
  const Coding coding = fitted(table);
  const std::string json = coding.to_json();
  const Coding again = Coding::from_json(json, "memory");
  EXPECT_EQ(again.to_json(), json);
  EXPECT_EQ(again.layout(), coding.layout());
  EXPECT_EQ(again.shares(), coding.shares());
  const DrawnRows drawn = random_rows(coding.layout(), 3000, 4);
  for (const char* name : {"a", "b", "sex"})
    EXPECT_EQ(cells_of(again.decode(drawn, 1), name), cells_of(coding.decode(drawn, 1), name));
  EXPECT_EQ(again.encode(table.table).ranks, coding.encode(table.table).ranks);
  EXPECT_EQ(again.encode(table.table).cumulative, coding.encode(table.table).cumulative);
  EXPECT_THROW(Coding::from_json("{", "memory"), DataError);
  std::string broken = json;
  broken.replace(broken.find("\"order\":[0"), 10, "\"order\":[9");
  try {
    Coding::from_json(broken, "memory");
    FAIL();
  } catch (const DataError& error) {
    EXPECT_EQ(std::string(error.what()).substr(0, 8), "memory: ");
  }
}

TEST(CodingRoundTrip, NoSinglePatientsNumberIsInACheckpoint) {
  const Cells unique =
      made([](auto& g) { return spelled(std::uniform_real_distribution<>(1000, 9000)(g), 6); });
  Cells counts = made([](auto& g) { return std::to_string(g() % 300); });
  counts[3] = "48213";
  const std::string json =
      fitted(table_of({{"u", number_schema(6), unique}, {"n", number_schema(0), counts}, sex()})).to_json();
  for (const std::string& cell : unique) EXPECT_EQ(json.find(cell), std::string::npos) << cell;
  EXPECT_EQ(json.find("48213"), std::string::npos);
}

TEST(CodingRoundTrip, NoSinglePatientsMarkIsInACheckpoint) {
  Cells crp = made([](auto& g) { return g() % 5 ? std::to_string(g() % 300) : "<5"; });
  crp[3] = "pending (Okonkwo)";
  ColumnSchema schema = number_schema(0);
  schema.marks = {"<5", "pending (Okonkwo)"};
  const TableOf table = table_of({{"crp", schema, crp}, sex()});
  const Coding coding = fitted(table);
  EXPECT_EQ(coding.to_json().find("Okonkwo"), std::string::npos);
  EXPECT_EQ(coding.schema().columns[0].marks, Cells{"<5"});
  const Coding again = Coding::from_json(coding.to_json(), "memory");
  EXPECT_EQ(again.encode(table.table).ranks,
            coding.encode(table.table).ranks);  // the rare mark is read, and pooled
  schema.keep_rare = true;
  EXPECT_NE(fitted(table_of({{"crp", schema, crp}, sex()})).to_json().find("Okonkwo"), std::string::npos);
}

TEST(CodingRoundTrip, OfAColumnOfRareLevelsNoneIsKept) {
  Cells name;
  for (int i = 0; i < kRows; ++i) name.push_back("name " + std::to_string(i / 3));
  const TableOf table = table_of({{"name", word_schema(), name}, sex()});
  EXPECT_EQ(fitted(table).to_json().find("name 1"), std::string::npos);
  EXPECT_EQ(there_and_back(table, "name"), Cells(kRows, ""));
}

TEST(CodingRoundTrip, ExactBoundsAreTheTablesOwn) {
  Cells counts = made([](auto& g) { return std::to_string(100 + g() % 300); });
  counts[3] = "48213";
  counts[4] = "2";
  const TableOf table = table_of({{"n", number_schema(0), counts}, sex()});
  const Coding coding = fitted(table, {.exact_bounds = true});
  EXPECT_TRUE(Coding::from_json(coding.to_json(), "memory").options().exact_bounds);
  const DrawnRows ends{2, {0, 0}, {0, 1}};
  EXPECT_EQ(cells_of(coding.decode(ends, 1), "n"), (Cells{"2", "48213"}));
  EXPECT_EQ(fitted(table).to_json().find("48213"), std::string::npos);
}

TEST(CodingRoundTrip, WhatCannotBeCodedIsSaid) {
  const TableOf constant = table_of({{"c", word_schema(ColumnKind::constant), Cells(50, "x")}});
  EXPECT_THROW(fitted(constant), DataError);
  TableOf wrong = table_of({sex()});
  wrong.schema.columns[0].name = "gender";
  EXPECT_THROW(fitted(wrong), DataError);
  const Coding coding = fitted(table_of({sex()}));
  EXPECT_THROW(coding.encode(table_of({{"other", word_schema(), {"F"}}}).table), DataError);
}

TEST(CodingRoundTrip, ExtrapolationOpensNumbers) {
  const Cells number = made([](auto& g) { return std::to_string(10 * (g() % 50)); });
  const TableOf table = table_of({{"n", number_schema(0), number}, sex()});
  const Coding coding = fitted(table, {.relative = true, .extrapolate = true});
  std::set<std::string> drawn;
  for (const std::string& cell : cells_of(coding.decode(random_rows(coding.layout(), 20000, 3), 1), "n"))
    drawn.insert(cell);
  EXPECT_GT(drawn.size(), 100u);
  EXPECT_TRUE(std::ranges::any_of(drawn, [](const std::string& cell) { return number_of(cell) > 490; }));
  EXPECT_FALSE(drawn.contains("-10"));
}

}  // namespace coding_round_trip_test
}  // namespace agon
