// The power of attacks, shares and quantiles, in closed form.
#include "host/evaluate/privacy/attack_power.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "host/evaluate/draws.hpp"
#include "kernels/error.hpp"

namespace agon::test {
namespace attack_power_test {

TEST(AttackFigures, OfScoresThatTellNothingAreChance) {
  const host::AttackFigures figures =
      host::attack_figures({"same", std::vector<double>(7, 1.0), std::vector<double>(5, 1.0)});
  EXPECT_DOUBLE_EQ(figures.auc, 0.5);
  EXPECT_DOUBLE_EQ(figures.found_at_1, 0.01);
  EXPECT_DOUBLE_EQ(figures.found_at_10, 0.1);
}

TEST(AttackFigures, CountPairs) {
  // Pairs won: 3 > {0, 2}, 2 > 0 and ties 2, 1 > 0: 2 + 1.5 + 1 of 6.
  const host::AttackFigures figures = host::attack_figures({"pairs", {1, 3, 2}, {2, 0}});
  EXPECT_DOUBLE_EQ(figures.auc, 4.5 / 6);
  // One found before any wrong one; then 1/3 more over the first half of the wrong ones.
  EXPECT_DOUBLE_EQ(figures.found_at_10, 1.0 / 3 + 0.2 / 3);
  EXPECT_DOUBLE_EQ(host::attack_figures({"worst", {0, 0}, {1, 1}}).auc, 0);
}

std::vector<double> noise(std::int64_t n, std::uint64_t seed, double shift) {
  host::Draws draws(seed, host::DrawPurpose::bootstrap);
  std::vector<double> values;
  for (std::int64_t i = 0; i < n; ++i)
    values.push_back(static_cast<double>(draws.below(1000)) / 1000 + shift);
  return values;
}

TEST(AttackPanel, TheBestOfManyUselessAttacksIsNotFound) {
  std::vector<host::AttackScores> attacks;
  for (std::uint64_t a = 0; a < 20; ++a)
    attacks.push_back({"a" + std::to_string(a), noise(200, 2 * a, 0), noise(200, 2 * a + 1, 0)});
  const host::AttackPanel panel = host::judge_attacks(attacks);
  EXPECT_GT(panel.greatest.auc, 0.53);    // of one alone this would be suspicious
  EXPECT_GT(panel.by_chance.auc, 0.555);  // one attack: 0.5 + 1.645 sqrt(1/12 (1/200 + 1/200)) = 0.547
  EXPECT_LT(panel.by_chance.auc, 0.61);
  EXPECT_FALSE(panel.found());
  EXPECT_GT(panel.p_value.auc, 0.05);
}

TEST(AttackPanel, OneAttacksChanceAndIntervalAreTheNormalOnes) {
  const host::AttackPanel panel =
      host::judge_attacks({{"one", noise(400, 1, 0.1), noise(400, 2, 0)}}, {.draws = 2000, .seed = 3});
  const double error = std::sqrt((400.0 + 400 + 1) / (12.0 * 400 * 400));
  EXPECT_NEAR(panel.by_chance.auc, 0.5 + 1.645 * error, 0.15 * error);
  // P(u + 0.1 > v) = 1 - 0.9^2 / 2
  EXPECT_NEAR(panel.greatest.auc, 0.595, 3 * error);
  EXPECT_NEAR(panel.attacks[0].auc.high - panel.attacks[0].auc.low, 2 * 1.96 * error, 0.3 * error);
  EXPECT_TRUE(panel.found());
}

TEST(AttackPanel, FindsTheFewRowsThatAreRepeated) {
  std::vector<double> members = noise(1000, 3, 0);
  const std::vector<double> others = noise(1000, 4, 0);
  for (std::size_t i = 0; i < 25; ++i) members[i] = 2;
  const host::AttackPanel panel = host::judge_attacks({{"few", members, others}});
  EXPECT_GT(panel.greatest.found_at_1, 0.03);
  EXPECT_LT(panel.p_value.found_at_1, 0.01);
  EXPECT_GT(panel.p_value.auc, 0.05);  // an area of 0.51 is hard to tell from 0.5
  EXPECT_TRUE(panel.found());
}

TEST(AttackPanel, RefusesAttacksOfDifferentRows) {
  EXPECT_THROW(host::judge_attacks({}), DataError);
  EXPECT_THROW(host::judge_attacks({{"none", {}, {1}}}), DataError);
  EXPECT_THROW(host::judge_attacks({{"a", {1}, {1}}, {"b", {1, 2}, {1}}}), DataError);
}

TEST(Rates, AreWilsons) {
  const host::Rate rate = host::rate_of(8, 10);  // Wilson (1927): 0.4902 to 0.9433
  EXPECT_NEAR(rate.interval.low, 0.490162, 1e-6);
  EXPECT_NEAR(rate.interval.high, 0.943318, 1e-6);
  EXPECT_EQ(host::rate_of(0, 10).interval.low, 0);
  EXPECT_NEAR(host::rate_of(0, 10).interval.high, 0.277533, 1e-6);
  EXPECT_TRUE(std::isnan(host::rate_of(0, 0).share));
}

TEST(Rates, QuantilesAreLinearBetweenValues) {
  EXPECT_DOUBLE_EQ(host::quantile_of({4, 1, 3}, 0.5), 3);
  EXPECT_DOUBLE_EQ(host::quantile_of({4, 1, 3}, 0.25), 2);
  EXPECT_DOUBLE_EQ(host::quantile_of({4, 1, 3}, 1), 4);
  EXPECT_TRUE(std::isnan(host::quantile_of({}, 0.5)));
}

/// Ten decisions about each target that are all alike say no more than one does.
TEST(Decisions, IntervalsAreOfTargetsNotOfDecisions) {
  const std::vector<double> members = noise(60, 1, 0.1), others = noise(60, 2, 0);
  host::Decisions once, often;
  for (std::size_t t = 0; t < 60; ++t)
    for (int again = 0; again < 10; ++again) {
      if (again == 0) once.add(2 * t, true, members[t]), once.add(2 * t + 1, false, others[t]);
      often.add(2 * t, true, members[t]), often.add(2 * t + 1, false, others[t]);
    }
  const host::DecisionPower few = host::judge_decisions(once), many = host::judge_decisions(often);
  EXPECT_DOUBLE_EQ(few.figures.auc, many.figures.auc);
  EXPECT_DOUBLE_EQ(few.figures.auc, host::attack_figures({"same", members, others}).auc);
  EXPECT_DOUBLE_EQ(few.auc.low, many.auc.low);
  EXPECT_DOUBLE_EQ(few.auc.high, many.auc.high);
  EXPECT_LT(few.auc.low, few.figures.auc);
  EXPECT_GT(few.auc.high, few.figures.auc);
  EXPECT_TRUE(std::isnan(few.figures.found_at_1));  // 60 others: not one false positive in a hundred
  EXPECT_FALSE(std::isnan(many.figures.found_at_1));
  EXPECT_TRUE(std::isnan(many.figures.found_at_01));
}

TEST(Decisions, OneInAThousandFalsePositives) {
  host::Decisions decisions;
  for (std::size_t t = 0; t < 2000; ++t) decisions.add(t, false, static_cast<double>(t));
  for (std::size_t t = 2000; t < 2100; ++t)
    decisions.add(t, true, t < 2025 ? 1998.5 : t < 2050 ? 1990.5 : -1);
  const host::DecisionPower power = host::judge_decisions(decisions);
  EXPECT_NEAR(power.figures.found_at_01, 0.25, 1e-12);  // two of 2,000: above 1998
  EXPECT_NEAR(power.figures.found_at_1, 0.5, 1e-12);
  EXPECT_THROW(host::judge_decisions({{0}, {1}, {0.0}}), DataError);
}

}  // namespace attack_power_test
}  // namespace agon::test
