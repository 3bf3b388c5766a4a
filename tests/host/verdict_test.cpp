// The lights of a verdict, by figures set by hand.
#include "host/evaluate/verdict.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "host/evaluate/evaluation.hpp"

namespace agon::host {
namespace verdict_test {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// What a perfect generator would get, with held-out rows.
Evaluation perfect() {
  Evaluation all;
  all.tables.columns = {{"age", ComparedColumn::Kind::number, {}, 0, true}};
  all.tables.held_out.emplace();
  Fidelity& fidelity = all.fidelity;
  fidelity.quality.score = {.value = 0.98, .median = 0.98, .low = 0.97, .high = 0.99, .held_out = 0.98};
  fidelity.columns.resize(1);
  fidelity.rules.resize(1);
  all.detection.trees.synthetic.auc = all.detection.trees.floor.auc = 0.5;
  all.detection.trees.held_out = all.detection.trees.synthetic;
  all.utility.emplace();
  all.utility->target = "died";
  all.utility->auc = {1, 0.98, 1.02};
  all.utility->real_on_held_out = {.auc = 0.9, .f1_macro = kNone, .r2 = kNone};
  all.utility->f1_macro.value = all.utility->r2.value = kNone;
  all.privacy.copies.held_out.emplace();
  AttackPanel& panel = all.privacy.membership.emplace();
  panel.attacks.resize(7);
  panel.greatest = {0.51, 0.01, 0.1};
  panel.by_chance = {0.53, 0.02, 0.13};
  return all;
}

std::string lights(const Verdict& verdict) {
  std::string text;
  for (const Judgement* const one : {&verdict.likeness, &verdict.usefulness, &verdict.privacy})
    text += (text.empty() ? "" : " ") + std::string(word_of(one->light));
  return text;
}

TEST(Verdict, IsGreenWhereEverythingIsAsRealRowsAre) {
  const Verdict verdict = judge(perfect());
  EXPECT_EQ(lights(verdict), "green green green");
  EXPECT_EQ(verdict.likeness.reasons.size(), 3u);
  EXPECT_NE(verdict.privacy.answer.find("no proof"), std::string::npos);
}

/// Every figure by itself turns its light, at its limit.
TEST(Verdict, EachFigureCounts) {
  const auto found = [](const auto& change) {
    Evaluation all = perfect();
    change(all);
    return lights(judge(all));
  };
  const auto auc = [](double value) {
    return [=](Evaluation& all) { all.detection.trees.held_out->auc = value; };
  };
  EXPECT_EQ(found(auc(0.64)), "green green green");
  EXPECT_EQ(found(auc(0.66)), "amber green green");
  EXPECT_EQ(found(auc(0.91)), "red green green");
  EXPECT_EQ(found([](Evaluation& all) { all.fidelity.quality.score.value = 0.95; }), "amber green green");
  EXPECT_EQ(found([](Evaluation& all) { all.fidelity.quality.score.value = 0.87; }), "red green green");
  EXPECT_EQ(found([](Evaluation& all) { all.fidelity.rule_breakers = 0.02; }), "amber green green");
  EXPECT_EQ(
      found([](Evaluation& all) { all.fidelity.rule_breakers = all.fidelity.held_out_rule_breakers = 0.2; }),
      "green green green");
  EXPECT_EQ(found([](Evaluation& all) { all.fidelity.columns[0].lost_rows.value = 0.02; }),
            "amber green green");
  EXPECT_EQ(found([](Evaluation& all) { all.tables.columns[0].in_synthetic = false; }), "red green green");
  EXPECT_EQ(found([](Evaluation& all) { all.utility->auc.value = 0.9; }), "green amber green");
  EXPECT_EQ(found([](Evaluation& all) { all.utility->auc = {0.8, 0.7, 0.9}; }), "green red green");
  EXPECT_EQ(found([](Evaluation& all) { all.utility->auc = {0.8, 0.3, 1.05}; }), "green amber green");
  const auto distance = [](double value) {
    return [=](Evaluation& all) { all.survival.emplace().distance = {value, 0.02, 0.01, 0.03, kNone}; };
  };
  EXPECT_EQ(found(distance(0.07)), "green green green");
  EXPECT_EQ(found(distance(0.09)), "green amber green");
  EXPECT_EQ(found(distance(0.19)), "green red green");
  const auto choice = [](double loss, double low) {
    return [=](Evaluation& all) {
      ModelRanking& ranking = all.utility->models.emplace();
      ranking.is_class = true;
      ranking.models = {{"a", 0.9, 0.8, {}}, {"b", 0.9 - loss, 0.9, {}}};
      ranking.by_synthetic = {0, 1, loss, {low, 2 * loss}};
    };
  };
  EXPECT_EQ(found(choice(0.05, 0.01)), "green green green");  // 1.1% of 0.9 at the least
  EXPECT_EQ(found(choice(0.05, 0.02)), "green amber green");
  EXPECT_EQ(found(choice(0.2, 0.1)), "green red green");
  EXPECT_EQ(found(choice(0.2, -0.1)), "green green green");  // within the noise
  const auto copies = [](double share) {
    return [=](Evaluation& all) { all.privacy.copies.synthetic.exact_rare.share = share; };
  };
  EXPECT_EQ(found(copies(0.002)), "green green amber");
  EXPECT_EQ(found(copies(0.02)), "green green red");
  const auto membership = [](double value) {
    return [=](Evaluation& all) {
      all.privacy.membership->greatest.auc = value;
      all.privacy.membership->p_value.auc = 0.001;
    };
  };
  EXPECT_EQ(found(membership(0.54)), "green green amber");
  EXPECT_EQ(found(membership(0.64)), "green green red");
  EXPECT_EQ(found([](Evaluation& all) { all.privacy.membership->p_value.found_at_10 = 0.003; }),
            "green green amber");
  EXPECT_EQ(found([](Evaluation& all) { all.privacy.membership->p_value.found_at_10 = 0.004; }),
            "green green green");
  EXPECT_EQ(found([](Evaluation& all) { all.privacy.membership->greatest.found_at_1 = 0.07; }),
            "green green red");
  EXPECT_EQ(found([](Evaluation& all) { all.privacy.singling_out.emplace().values.interval.low = 0.05; }),
            "green green amber");
  EXPECT_EQ(
      found([](Evaluation& all) {
        AttributeInference& inference = all.privacy.inference.emplace();
        inference.columns.emplace_back();
        inference.columns.push_back({"age", {rate_of(500, 1000), rate_of(300, 1000), 0.29, {0.2, 0.4}}});
        inference.worst = 1;
      }),
      "green green red");
}

/// The risk of a cell that nearly everybody guesses is next to nothing over next to nothing.
TEST(Verdict, AFewMoreGuessesAreNoLeak) {
  Evaluation all = perfect();
  all.privacy.inference.emplace().columns.push_back(
      {"died", {rate_of(1000, 1000), rate_of(993, 1000), 1, {0.4, 1}}});
  all.privacy.inference->worst = 0;
  EXPECT_EQ(lights(judge(all)), "green green green");
}

/// A light must not be green for want of figures.
TEST(Verdict, WhatWasNotMeasuredIsUnknown) {
  Evaluation all = perfect();
  all.utility.reset();
  all.privacy.membership.reset();
  all.privacy.copies.held_out.reset();
  all.tables.held_out.reset();
  EXPECT_EQ(lights(judge(all)), "green unknown unknown");
  EXPECT_NE(judge(all).privacy.answer.find("--holdout"), std::string::npos);
  all.privacy.copies.synthetic.exact_rare.share = 0.05;
  EXPECT_EQ(lights(judge(all)), "green unknown red");
}

/// Nobody can learn from noise, and a share of nothing is no verdict.
TEST(Verdict, ATargetThatRealRowsDoNotTeachIsNoReason) {
  Evaluation all = perfect();
  all.utility->auc.value = 0.8;
  all.utility->real_on_held_out.auc = 0.52;
  EXPECT_EQ(lights(judge(all)), "green unknown green");
}

TEST(Verdict, ReasonsStandWeightiestFirst) {
  Evaluation all = perfect();
  all.fidelity.rule_breakers = 0.5;
  all.fidelity.quality.score.value = 0.95;
  const Judgement found = judge(all).likeness;
  ASSERT_EQ(found.reasons.size(), 3u);
  EXPECT_NE(found.reasons[0].find("rule"), std::string::npos);
  EXPECT_NE(found.reasons[1].find("quality"), std::string::npos);
}

}  // namespace verdict_test
}  // namespace agon::host
