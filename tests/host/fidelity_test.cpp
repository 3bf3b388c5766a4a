// Fidelity as a whole: floors, lost columns, rules, and what stands in the reports.
#include "host/evaluate/fidelity/fidelity.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/runtime/thread_pool.hpp"
#include "host/evaluate/evaluation.hpp"
#include "host/evaluate/fidelity/fidelity_report.hpp"
#include "tests/engine/table/table_of.hpp"
#include "tests/host/fidelity_tables.hpp"

namespace agon::host {
namespace fidelity_test {

using nlohmann::json;
using test::cells_of;
using test::has;
using test::scrambled;
using test::TablesOfTwo;
using test::Texts;

std::vector<double> ramp(int rows, double slope = 1) {
  std::vector<double> numbers;
  for (int row = 0; row < rows; ++row) numbers.push_back(slope * row);
  return numbers;
}

TEST(Fidelity, TheFloorIsThatOfTwoSamples) {
  const ComparedTables tables = TablesOfTwo(1000, 1000).numbers("a", ramp(1000), ramp(1000)).tables();
  const Fidelity found = measure_fidelity(tables, {.rules = {}, .seed = 5, .draws = 100}, Device::cpu(1));
  const Figure& score = found.columns[0].score;
  EXPECT_EQ(score.value, 1);
  EXPECT_TRUE(std::isnan(score.held_out));
  // Of Kolmogorov's distribution: median 0.8276, 5% 0.5196, 95% 1.3581; D = K sqrt(2 / 1000).
  const double unit = std::sqrt(2 / 1000.0);
  EXPECT_NEAR(score.median, 1 - 0.8276 * unit, 0.004);
  EXPECT_NEAR(score.high, 1 - 0.5196 * unit, 0.004);
  EXPECT_NEAR(score.low, 1 - 1.3581 * unit, 0.010);
}

TEST(Fidelity, TheFloorGoesWithTheSizesAndTheSeedAlone) {
  TablesOfTwo two(1000, 50);
  two.numbers("a", ramp(1000), ramp(50, 20)).numbers("b", ramp(1000, -1), ramp(50, -20));
  const auto floor_of = [&](std::uint64_t seed) {
    const Fidelity found =
        measure_fidelity(two.tables(), {.rules = {}, .seed = seed, .draws = 20}, Device::cpu(1));
    return std::vector<double>{found.columns[0].score.median, found.columns[0].score.low,
                               found.pairs[0].similarity.median, found.quality.score.high};
  };
  const std::vector<double> once = floor_of(1);
  EXPECT_LT(once[0], 0.93);  // of 50 rows, not of 1000
  EXPECT_NE(once, floor_of(2));
  for (const int threads : {1, 3}) {
    set_host_threads(threads);
    EXPECT_EQ(once, floor_of(1)) << threads << " threads";
  }
  set_host_threads(Device::cpu().threads());
}

/// 400 patients: `both` is `a` with its holes; the total is a sum, the ward tells the floor, low <= high.
TextTable patients(bool broken) {
  const auto number = [](int row, int below) { return scrambled(row, below); };
  const auto a = [&](int row) { return row % 9 == 0 ? std::string() : std::to_string(number(row, 50)); };
  return make_table({
      {"a", cells_of(400, a)},
      {"copy", cells_of(400, [&](int row) { return broken && row < 40 ? "77" : a(row); })},
      {"p", cells_of(400, [&](int row) { return std::to_string(number(row + 1000, 90)); })},
      {"q", cells_of(400, [&](int row) { return std::to_string(number(row + 2000, 70)); })},
      {"total", cells_of(400,
                         [&](int row) {
                           return std::to_string(number(row + 1000, 90) + number(row + 2000, 70) +
                                                 (broken && row >= 390));
                         })},
      {"ward",
       cells_of(400, [&](int row) { return std::string(1, static_cast<char>('A' + number(row, 6))); })},
      {"storey", cells_of(400,
                          [&](int row) {
                            const int storey = number(row, 6) / 2;
                            return std::string(broken && row % 4 == 0 ? "cellar"
                                               : storey == 0          ? "ground"
                                               : storey == 1          ? "first"
                                                                      : "second");
                          })},
      {"low", cells_of(400, [&](int row) { return std::to_string(40 + number(row + 3000, 60)); })},
      {"high", cells_of(400,
                        [&](int row) {
                          const int low = 40 + number(row + 3000, 60);
                          return std::to_string(broken && row % 2 == 0 ? low - 1
                                                                       : low + number(row + 4000, 60));
                        })},
  });
}

Evaluation evaluation_of(const TextTable& real, const TextTable& synthetic,
                         const TextTable* held_out = nullptr) {
  const Schema schema = infer_schema(real).schema;
  ComparedTables tables = compare_tables(real, synthetic, held_out, schema, Device::cpu(1));
  Evaluation out;
  out.fidelity =
      measure_fidelity(tables, {.rules = find_rules(real, schema, tables, Device::cpu(1))}, Device::cpu(1));
  out.tables = std::move(tables);
  return out;
}

std::map<std::string, double> broken_rules(const Evaluation& evaluation) {
  std::map<std::string, double> broken;
  for (const RuleFidelity& rule : evaluation.fidelity.rules)
    broken[text_of(rule.rule, evaluation.tables.columns)] = rule.broken;
  return broken;
}

TEST(Fidelity, RulesThatTheRealTableKeepsAreCountedWhereTheyAreBroken) {
  const TextTable real = patients(false), synthetic = patients(true);
  const Evaluation evaluation = evaluation_of(real, synthetic, &real);
  const std::map<std::string, double> broken = broken_rules(evaluation);
  EXPECT_EQ(broken.at("copy = a"), 0.1);
  EXPECT_EQ(broken.at("total = p + q"), 0.025);
  EXPECT_EQ(broken.at("storey is determined by ward"), 0.25);
  EXPECT_EQ(broken.at("low <= high"), 0.5);
  for (const RuleFidelity& rule : evaluation.fidelity.rules) EXPECT_EQ(rule.held_out, 0);
  EXPECT_EQ(evaluation.fidelity.held_out_rule_breakers, 0);
  // Rows below 40, even rows, and the odd ones of the last ten.
  EXPECT_EQ(evaluation.fidelity.rule_breakers, (40 + 180 + 5) / 400.0);
}

TEST(Fidelity, WhatOneRealRowBreaksIsNoRule) {
  const auto total = [](int slips) {
    const auto number = [](int row, int shift) { return scrambled(row + shift, 80); };
    return make_table({{"p", cells_of(3000, [&](int row) { return std::to_string(number(row, 0)); })},
                       {"q", cells_of(3000, [&](int row) { return std::to_string(number(row, 4000)); })},
                       {"total", cells_of(3000, [&](int row) {
                          return std::to_string(number(row, 0) + number(row, 4000) + (row < slips));
                        })}});
  };
  EXPECT_EQ(broken_rules(evaluation_of(total(0), total(3))).at("total = p + q"), 0.001);
  EXPECT_FALSE(broken_rules(evaluation_of(total(1), total(0))).contains("total = p + q"));
}

TEST(Fidelity, ALostColumnScoresZeroAndBreaksItsRules) {
  const TextTable real = patients(false);
  TextTable synthetic = patients(false);
  synthetic.columns.erase(synthetic.columns.begin() + synthetic.find("copy"));
  const Evaluation whole = evaluation_of(real, real), evaluation = evaluation_of(real, synthetic);
  const Fidelity& fidelity = evaluation.fidelity;
  ASSERT_EQ(evaluation.tables.columns[1].name, "copy");
  EXPECT_EQ(fidelity.columns[1].score.value, 0);
  EXPECT_EQ(fidelity.columns[1].missing.value, 1);
  EXPECT_GT(fidelity.columns[1].score.median, 0.8);
  for (const PairFidelity& pair : fidelity.pairs)
    EXPECT_EQ(pair.similarity.value, pair.first == 1 || pair.second == 1 ? 0 : 1);
  EXPECT_EQ(broken_rules(evaluation).at("copy = a"), 1);
  EXPECT_EQ(fidelity.rule_breakers, 1);
  EXPECT_EQ(whole.fidelity.quality.score.value, 1);
  EXPECT_NEAR(fidelity.quality.score.value, (8 / 9.0 + 28 / 36.0) / 2, 1e-12);
  EXPECT_TRUE(has(to_text(evaluation), "the synthetic table lacks it"));
}

TEST(Fidelity, AConstantOrEmptyColumnNeverMakesTheScoreBetter) {
  const TextTable real = patients(false);
  const double whole = evaluation_of(real, patients(true)).fidelity.quality.score.value;
  for (const char* cell : {"7", ""}) {
    TextTable synthetic = patients(true);
    const TextTable constant = make_table({{"p", Texts(400, cell)}});
    synthetic.columns[2] = constant.columns[0];
    synthetic.storage.insert(synthetic.storage.end(), constant.storage.begin(), constant.storage.end());
    const Fidelity fidelity = evaluation_of(real, synthetic).fidelity;
    EXPECT_LT(fidelity.quality.score.value, whole - 0.05);
    for (const PairFidelity& pair : fidelity.pairs) {
      if (!pair.correlated || (pair.first != 2 && pair.second != 2)) continue;
      EXPECT_EQ(pair.similarity.value, 0);
    }
  }
}

TEST(Fidelity, AConstantOrEmptyRealColumnHarmsNothing) {
  const TextTable real = make_table({{"one", Texts(40, "1")},
                                     {"none", Texts(40, "")},
                                     {"x", cells_of(40, [](int row) { return std::to_string(row); })}});
  const Evaluation evaluation = evaluation_of(real, real);
  EXPECT_EQ(evaluation.fidelity.quality.score.value, 1);
  EXPECT_EQ(evaluation.fidelity.columns[0].score.value, 1);
  EXPECT_TRUE(std::isnan(evaluation.fidelity.columns[1].score.value));
  EXPECT_NO_THROW(to_text(evaluation));
  TextTable less = real;
  less.columns.erase(less.columns.begin() + 1);
  EXPECT_EQ(evaluation_of(real, less).fidelity.columns[1].score.value, 0);
  const TextTable lone = make_table({{"x", {"1", "2"}}});
  EXPECT_TRUE(std::isnan(evaluation_of(lone, lone).fidelity.quality.trends.value));
  EXPECT_EQ(evaluation_of(lone, lone).fidelity.quality.score.value, 1);
}

TEST(Evaluation, JsonHoldsEveryFigureAndNullForUndefined) {
  const TextTable real = patients(false), synthetic = patients(true);
  const Evaluation evaluation = evaluation_of(real, synthetic);
  const json all = json::parse(to_json(evaluation));
  const Fidelity& fidelity = evaluation.fidelity;
  EXPECT_EQ(all["score"], fidelity.quality.score.value);
  EXPECT_EQ(all["real_rows"], 400);
  EXPECT_TRUE(all["held_out_rows"].is_null());
  EXPECT_TRUE(all["target"].is_null());
  const json& part = all["fidelity"];
  EXPECT_EQ(part["quality"]["related_score"]["value"], fidelity.quality.related_score.value);
  EXPECT_EQ(part["quality"]["score"]["floor"]["median"], fidelity.quality.score.median);
  EXPECT_TRUE(part["quality"]["score"]["held_out"].is_null());
  ASSERT_EQ(part["columns"].size(), 9u);
  EXPECT_EQ(part["columns"][5]["name"], "ward");
  EXPECT_EQ(part["columns"][5]["kind"], "nominal");
  EXPECT_EQ(part["columns"][6]["invented_rows"]["value"], 0.25);
  EXPECT_EQ(part["columns"][0]["missing"]["real"], 45 / 400.0);
  ASSERT_EQ(part["pairs"].size(), 36u);
  EXPECT_EQ(part["pairs"][0]["columns"], json::array({"a", "copy"}));
  EXPECT_EQ(part["pairs"][0]["metric"], "CorrelationSimilarity");
  EXPECT_EQ(part["rules"]["broken_rows"], fidelity.rule_breakers);
  EXPECT_EQ(part["rules"]["kept_by_every_real_row"].size(), fidelity.rules.size());
}

TEST(Evaluation, RareMarksAreShownTogether) {
  TextTable real = make_table({{"x", cells_of(200, [](int row) {
                                  return row < 6   ? std::string("<5")
                                         : row < 8 ? "<" + std::to_string(row)
                                                   : std::to_string(10 + scrambled(row, 90));
                                })}});
  const Evaluation evaluation = evaluation_of(real, real);
  const std::vector<MarkShare>& marks = evaluation.fidelity.columns[0].marks;
  ASSERT_EQ(marks.size(), 2u);
  EXPECT_EQ(marks[0].spelling, "<5");
  EXPECT_EQ(marks[0].synthetic, 0.03);
  EXPECT_EQ(marks[1].spelling, "");
  EXPECT_EQ(marks[1].real, 0.01);
  EXPECT_FALSE(has(to_json(evaluation), "<6"));
}

TEST(Evaluation, HostileNamesStayText) {
  const std::string escape = "\x1B[31m",
                    c1 = "\xC2\x9B"
                         "2J",
                    turned =
                        "\xE2\x80\xAE"
                        "drac",
                    quote = "\"}<b>";
  std::vector<NamedCells> columns;
  for (const std::string& name : {escape, c1, turned, quote, std::string("gr\u00F6\u00DFe")})
    columns.push_back({name, cells_of(60, [&](int row) { return std::to_string(scrambled(row, 40)); })});
  TextTable real = make_table(std::move(columns));
  const Evaluation evaluation = evaluation_of(real, real);
  const std::string text = to_text(evaluation.fidelity, evaluation.tables);
  for (const char* bad : {"\x1B", "\xC2\x9B", "\xE2\x80\xAE"}) EXPECT_FALSE(has(text, bad));
  EXPECT_TRUE(has(text, "\\x1b[31m"));
  EXPECT_TRUE(has(text, "gr\u00F6\u00DFe"));
  EXPECT_EQ(text.find(" \n"), std::string::npos);
  EXPECT_EQ(json::parse(to_json(evaluation))["fidelity"]["columns"][3]["name"], quote);
}

}  // namespace fidelity_test
}  // namespace agon::host
