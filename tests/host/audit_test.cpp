// The audit's parts: likelihood ratios, the game, and what becomes of a leak that is there or not.
#include "host/evaluate/audit/audit.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>
#include <set>

#include "kernels/error.hpp"
#include "tests/host/near_tables.hpp"

namespace agon::test {
namespace audit_test {

using host::AuditGame, host::ScoresOfTargets;

nlohmann::json lira_golden() {
  std::ifstream file(std::string(AGON_SOURCE_FOLDER) + "/tests/golden/lira.json");
  return nlohmann::json::parse(file);
}

/// tests/golden/make_lira.py
TEST(LikelihoodRatios, EqualScipys) {
  const nlohmann::json all = lira_golden();
  for (const char* const name : {"pooled", "own"}) {
    SCOPED_TRACE(name);
    const nlohmann::json& golden = all.at(name);
    const auto scores = golden["scores"].get<std::vector<ScoresOfTargets>>();
    const auto inside = golden["inside"].get<std::vector<std::vector<char>>>();
    std::vector<host::KnownModel> models;
    for (std::size_t m = 0; m < scores.size(); ++m) models.push_back({&scores[m], &inside[m]});
    const ScoresOfTargets ratios = host::likelihood_ratios(golden["victim"].get<ScoresOfTargets>(), models);
    const auto expected = golden["ratios"].get<ScoresOfTargets>();
    ASSERT_EQ(ratios.size(), expected.size());
    for (std::size_t t = 0; t < expected.size(); ++t)
      EXPECT_NEAR(ratios[t], expected[t], 1e-10 * std::max(1.0, std::abs(expected[t])));
  }
}

/// A model's side counts as much as the other, however many models it has.
TEST(CalibratedScores, AreLessTheMeanOfTheTwoMeans) {
  const ScoresOfTargets a{4, 1}, b{2, 3}, c{6, 5};
  const std::vector<char> in{1, 1}, out{0, 0};
  const ScoresOfTargets scores = host::calibrated_scores({10, 0}, {{&a, &in}, {&b, &out}, {&c, &out}});
  EXPECT_DOUBLE_EQ(scores[0], 10 - (4 + 4) / 2.0);
  EXPECT_DOUBLE_EQ(scores[1], 0 - (1 + 4) / 2.0);
  EXPECT_THROW(host::calibrated_scores({0, 0}, {{&a, &in}}), DataError);
}

TEST(LikelihoodRatios, NeedModelsOfBothKinds) {
  const ScoresOfTargets scores{1, 2};
  const std::vector<char> in{1, 1}, out{0, 0};
  EXPECT_THROW(host::likelihood_ratios({0, 0}, {{&scores, &in}, {&scores, &in}}), DataError);
  EXPECT_THROW(host::likelihood_ratios({0, 0}, {{&scores, &in}, {&scores, &out}}), DataError);  // no variance
}

TEST(StandardisedScores, HaveNoZeroAndNoUnit) {
  const ScoresOfTargets one = host::standardised_scores({1, 2, 6}),
                        other = host::standardised_scores({-7, 3, 43});
  for (std::size_t t = 0; t < 3; ++t) EXPECT_NEAR(one[t], other[t], 1e-12);
  EXPECT_EQ(host::standardised_scores({4, 4}), (ScoresOfTargets{0, 0}));
}

/// Rows of one number: most between 0 and 1, every tenth far out.
AuditGame game_of(std::int64_t rows, std::int64_t held_out, const host::AuditGameOptions& options) {
  host::DistanceSpace space;
  space.number_columns = {0};
  host::DistanceRows whole;
  whole.rows = rows;
  for (std::int64_t i = 0; i < rows; ++i)
    whole.numbers.push_back(static_cast<float>(i % 10 == 0 ? 10 * i : i) / static_cast<float>(rows));
  std::vector<std::int64_t> learnt, out;
  for (std::int64_t i = 0; i < rows; ++i) (i * 7 % rows < held_out ? out : learnt).push_back(i);
  return host::audit_game(host::RowSearch(Device::cpu(1), space), space, whole, learnt, out, options);
}

TEST(AuditGame, EveryTargetIsInHalfOfTheShadows) {
  const AuditGame game = game_of(503, 100, {.shadows = 8, .targets = 31, .seed = 3});
  EXPECT_EQ(game.members, 31);
  EXPECT_EQ(game.count(), 62u);
  EXPECT_EQ(std::set<std::int64_t>(game.targets.begin(), game.targets.end()).size(), 62u);
  for (int s = 0; s < 8; ++s) {
    const std::vector<std::int64_t> rows = game.rows_of(s);
    EXPECT_EQ(rows.size(), 403u);  // as many as the run has learnt
    EXPECT_EQ(std::set<std::int64_t>(rows.begin(), rows.end()).size(), 403u);
    for (std::size_t t = 0; t < game.count(); ++t) {
      const bool inside = std::ranges::binary_search(rows, game.targets[t]);
      EXPECT_EQ(inside, game.inside[static_cast<std::size_t>(s)][t] != 0);
      EXPECT_NE(game.inside[static_cast<std::size_t>(s)][t], game.inside[static_cast<std::size_t>(s ^ 1)][t]);
    }
  }
  EXPECT_NE(game.inside[0], game.inside[2]);
}

/// Half of each kind, and those that lie furthest out among the pool.
TEST(AuditGame, HalfOfTheTargetsAreOutliers) {
  const AuditGame game = game_of(600, 120, {.shadows = 6, .targets = 20, .seed = 1});
  for (const std::size_t first : {0u, 20u}) {
    EXPECT_EQ(std::count(game.outlier.begin() + first, game.outlier.begin() + first + 20, 1), 10);
    for (std::size_t t = first; t < first + 20; ++t) {
      if (game.outlier[t]) {
        EXPECT_EQ(game.targets[t] % 10, 0) << game.targets[t];
      }
    }
  }
}

TEST(AuditGame, NeedsRowsOfBothKinds) {
  EXPECT_THROW(game_of(200, 9, {}), DataError);
  EXPECT_EQ(game_of(200, 10, {}).members, 10);
  EXPECT_EQ(game_of(2000, 300, {}).members, 150);  // half of the held-out rows
  EXPECT_EQ(game_of(200, 60, {}).members, 50);     // but at least 50 where there are
}

/// Of each target a level of its own; a model that has learnt it says `leak` more; noise of deviation 1.
host::AttackerScores scores_with(const AuditGame& game, double leak, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<double> normal;
  ScoresOfTargets level(game.count());
  for (double& one : level) one = 3 * normal(engine);
  const auto model = [&](const std::vector<char>& inside) {
    const double zero = 5 * normal(engine), unit = 1 + std::abs(normal(engine));
    ScoresOfTargets scores;
    for (std::size_t t = 0; t < inside.size(); ++t)
      scores.push_back(zero + unit * (level[t] + leak * inside[t] + normal(engine)));
    return scores;
  };
  std::vector<char> learnt(game.count());
  std::fill_n(learnt.begin(), game.members, 1);
  host::AttackerScores scores{model(learnt), {}};
  for (const std::vector<char>& inside : game.inside) scores.shadows.push_back(model(inside));
  return scores;
}

/// Without a leak nobody is found, and the mean of many audits is a guess: with the victim's partner among
/// its shadows it would be 0.4916, since its own side is then smaller.
TEST(Audit, OfNoLeakIsAGuess) {
  const AuditGame game = game_of(1200, 300, {.shadows = 16, .targets = 150, .seed = 1});
  double sum = 0;
  int alarms = 0;
  for (unsigned seed = 0; seed < 20; ++seed) {
    const host::Audit none =
        host::measure_audit(game, scores_with(game, 0, 2 * seed), scores_with(game, 0, 2 * seed + 1), 1);
    sum += none.checkpoint.procedure.by_ratio.everybody.figures.auc +
           none.table.procedure.by_ratio.everybody.figures.auc;
    alarms += none.of_checkpoint.light != host::Light::green;
    alarms += none.of_table.light != host::Light::green;
  }
  EXPECT_NEAR(sum / 40, 0.5, 0.006);  // a single audit's standard error: 0.011
  EXPECT_LE(alarms, 2);
}

/// Ratios find it, as targets differ by more than the leak; one threshold hardly does.
TEST(Audit, FindsALeak) {
  const AuditGame game = game_of(1200, 300, {.shadows = 16, .targets = 150, .seed = 1});
  const host::Audit found = host::measure_audit(game, scores_with(game, 2, 3), scores_with(game, 0, 4), 1);
  EXPECT_EQ(found.of_checkpoint.light, host::Light::red);
  EXPECT_EQ(found.of_table.light, host::Light::green);
  const host::VictimFigures& figures = found.checkpoint.procedure;
  EXPECT_GT(figures.by_ratio.everybody.figures.auc, 0.85);  // two deviations: 0.92 where means are known
  EXPECT_LT(figures.by_threshold.everybody.figures.auc, 0.72);
  EXPECT_GT(figures.by_calibration.everybody.figures.auc, 0.85);
  EXPECT_GT(found.checkpoint.run.by_ratio.everybody.figures.auc, 0.8);
  EXPECT_EQ(figures.by_ratio.everybody.others, 16 * 150);
}

TEST(Audit, LeavesOutPairsAndSaysWhenTooLittleIsLeft) {
  const AuditGame game = game_of(400, 80, {.shadows = 8, .targets = 10, .seed = 1});
  host::AttackerScores checkpoint = scores_with(game, 0, 1), table = scores_with(game, 0, 2);
  table.shadows[3].clear();
  const host::Audit audit = host::measure_audit(game, checkpoint, table, 1);
  EXPECT_EQ(audit.shadows, 6);
  EXPECT_EQ(audit.of_checkpoint.light, host::Light::unknown);          // 60 decisions acquit nobody
  EXPECT_NE(host::to_text(audit).find("too few"), std::string::npos);  // of 0.1% false positives
  EXPECT_TRUE(
      host::to_json(audit)["table"]["any_run"]["likelihood_ratio"]["everybody"]["tpr_at_0.1_percent_fpr"]
          .is_null());
  checkpoint.shadows[0].clear();
  EXPECT_THROW(host::measure_audit(game, checkpoint, table, 1), DataError);
}

}  // namespace audit_test
}  // namespace agon::test
