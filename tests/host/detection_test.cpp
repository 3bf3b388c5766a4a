// Detection: its figures from its parts, and tables at the edge of what can be compared.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "host/evaluate/draws.hpp"
#include "host/evaluate/models/detection.hpp"
#include "host/evaluate/models/scores.hpp"
#include "host/evaluate/models/trees/boosted_trees.hpp"
#include "host/evaluate/models/two_tables.hpp"
#include "tests/host/compared_case.hpp"

namespace agon::test {
namespace detection_test {

using namespace compared_case;
using host::detect;
using host::Detection;
using host::Distinction;

// x and y are related in the real table; the synthetic one has `middle` added to x, and no relation where
// `related` is false.
ComparedTables related_tables(std::size_t rows, std::size_t drawn_rows, double middle, bool related) {
  ComparedTables tables;
  const auto x = bells(1, rows), noise = bells(2, rows);
  const auto drawn_x = bells(3, drawn_rows, middle), drawn_noise = bells(4, drawn_rows);
  std::vector<double> y(rows), drawn_y(drawn_rows);
  for (std::size_t i = 0; i < rows; ++i) y[i] = x[i] + 0.3 * noise[i];
  for (std::size_t i = 0; i < drawn_rows; ++i)
    drawn_y[i] = (related ? drawn_x[i] : bells(5, drawn_rows)[i]) + 0.3 * drawn_noise[i];
  add_numbers(tables, "x", x, drawn_x);
  add_numbers(tables, "y", y, drawn_y);
  add_levels(tables, "z", {"a", "b", "c"}, drawn(6, rows, 3), drawn(7, drawn_rows, 3));
  return tables;
}

bool same(const Distinction& a, const Distinction& b) {
  return a.first_rows == b.first_rows && a.second_rows == b.second_rows && a.auc == b.auc &&
         a.standard_error == b.standard_error && a.c2st == b.c2st;
}

TEST(Detection, IsTheMeanOverFolds) {
  const ComparedTables tables = related_tables(300, 260, 0.4, true);
  const Detection detection = detect(tables, {.seed = 3});
  const host::TwoTables pair = host::pair_up(tables.real, tables.synthetic, 3, 3);
  const host::TreeLayout layout(tables);
  const auto features = host::stacked(layout.features_of(tables.real), layout.features_of(tables.synthetic));
  double auc = 0, c2st = 0, variance = 0;
  for (int fold = 0; fold < 3; ++fold) {
    const auto train = pair.rows_of(fold, false), test = pair.rows_of(fold, true);
    EXPECT_EQ(train.size() + test.size(), 560u);
    EXPECT_NEAR(static_cast<double>(test.size()), 560 / 3.0, 2);
    const auto labels = host::labels_of(pair, train);
    const std::vector<float> targets(labels.begin(), labels.end());
    const auto said =
        host::BoostedTrees(host::part(features, train), targets, {}).predict(host::part(features, test));
    const host::Auc of =
        host::auc(std::vector<double>(said.begin(), said.end()), host::labels_of(pair, test));
    auc += of.value / 3;
    c2st += (1 - (2 * std::max(of.value, 0.5) - 1)) / 3;
    variance += of.standard_error * of.standard_error / 9;
  }
  const Distinction& told = detection.trees.synthetic;
  EXPECT_NEAR(told.auc, auc, 1e-12);
  EXPECT_NEAR(told.c2st, c2st, 1e-12);
  EXPECT_NEAR(told.standard_error, std::sqrt(variance), 1e-12);
  EXPECT_EQ(told.first_rows, 300);
  EXPECT_EQ(told.second_rows, 260);
}

// Each row's twin is in the other table, so a model that learnt the twin is worse than a guess. It counts as
// one.
TEST(Detection, OfCopiesIsOne) {
  ComparedTables tables = related_tables(120, 10, 0, true);
  tables.synthetic = tables.real;
  const Detection detection = detect(tables);
  EXPECT_LT(detection.trees.synthetic.auc, 0.3);
  ASSERT_FALSE(detection.notes.empty());
  EXPECT_NE(detection.notes[0].find("boosted trees: an AUC below 0.5"), std::string::npos);
  EXPECT_EQ(detection.trees.synthetic.c2st, 1);
}

// A shift of one column: the logistic model comes near the best there is, whose AUC is known.
TEST(Detection, OfAShiftedNormalColumnIsItsClosedForm) {
  ComparedTables tables;
  add_numbers(tables, "x", bells(1, 6000), bells(2, 6000, 1));
  const Detection detection = detect(tables, {.threads = 2});
  const double best = 0.5 * std::erfc(-1 / std::sqrt(2.0) / std::sqrt(2.0));  // Phi(shift / sqrt 2)
  EXPECT_NEAR(detection.logistic.synthetic.auc, best, 3 * detection.logistic.synthetic.standard_error);
  EXPECT_NEAR(detection.trees.synthetic.auc, best, 0.03);
  EXPECT_NEAR(detection.logistic.synthetic.standard_error, 0.0045, 0.001);
}

TEST(Detection, OnlyTreesSeeALostRelation) {
  const Detection detection = detect(related_tables(1500, 1500, 0, false), {.threads = 2});
  EXPECT_TRUE(detection.notes.empty());
  EXPECT_GT(detection.trees.synthetic.auc, 0.8);
  EXPECT_LT(detection.trees.synthetic.c2st, 0.4);
  EXPECT_NEAR(detection.logistic.synthetic.auc, 0.5, 0.05);
  EXPECT_TRUE(detection.floor_of_halves);
  for (const host::DetectionByModel* model : {&detection.trees, &detection.logistic}) {
    EXPECT_NEAR(model->floor.auc, 0.5, 4 * model->floor.standard_error);
    EXPECT_GT(model->floor.c2st, 0.85);
    EXPECT_FALSE(model->held_out);
    EXPECT_EQ(model->floor.first_rows, 750);
  }
}

TEST(Detection, HeldOutRowsMeetAsManyOthers) {
  ComparedTables tables = related_tables(900, 700, 0.8, true);
  // Held-out rows of the real kind.
  const ComparedTables more = related_tables(1300, 10, 0, true);
  std::vector<std::int64_t> last;
  for (std::int64_t row = 900; row < 1300; ++row) last.push_back(row);
  tables.held_out = host::part(more.real, last);
  const Detection detection = detect(tables, {.threads = 2});
  ASSERT_TRUE(detection.trees.held_out && detection.logistic.held_out);
  EXPECT_FALSE(detection.floor_of_halves);
  EXPECT_EQ(detection.trees.held_out->first_rows, 400);
  EXPECT_EQ(detection.trees.held_out->second_rows, 400);
  EXPECT_EQ(detection.trees.floor.second_rows, 400);
  EXPECT_GT(detection.logistic.held_out->auc, 0.65);
  EXPECT_NEAR(detection.trees.floor.auc, 0.5, 4 * detection.trees.floor.standard_error);
}

TEST(Detection, ThreadsChangeNothingAndSeedsDo) {
  const ComparedTables tables = related_tables(200, 150, 0.4, true);
  const Detection one = detect(tables, {.seed = 1, .threads = 1}),
                  many = detect(tables, {.seed = 1, .threads = 5});
  EXPECT_TRUE(same(one.trees.synthetic, many.trees.synthetic) && same(one.trees.floor, many.trees.floor));
  EXPECT_TRUE(same(one.logistic.synthetic, many.logistic.synthetic));
  EXPECT_FALSE(same(one.trees.synthetic, detect(tables, {.seed = 2}).trees.synthetic));
}

TEST(Detection, OfMoreRowsSomeAreUsedAndItSaysSo) {
  const Detection detection = detect(related_tables(300, 100, 0, true), {.most_rows = 120});
  EXPECT_EQ(detection.trees.synthetic.first_rows, 120);
  EXPECT_EQ(detection.trees.synthetic.second_rows, 100);
  ASSERT_EQ(detection.notes.size(), 1u);
  EXPECT_NE(detection.notes[0].find("120 of 300 real rows"), std::string::npos) << detection.notes[0];
}

TEST(Detection, TellsALostColumnAndALevelOfOneSide) {
  ComparedTables tables = related_tables(120, 120, 0, true);
  for (std::int32_t& level : tables.synthetic.columns[2].levels)
    if (level == 0) level = 3;  // "d" in the place of "a"
  tables.columns[2].levels.push_back("d");
  const Detection swapped = detect(tables);
  EXPECT_GT(swapped.trees.synthetic.auc, 0.6);
  EXPECT_GT(swapped.logistic.synthetic.auc, 0.6);

  tables.columns[0].in_synthetic = false;
  tables.synthetic.columns[0] = number_cells(std::vector<double>(120, kHole));
  const Detection lost = detect(tables);
  EXPECT_EQ(lost.trees.synthetic.auc, 1);
  EXPECT_EQ(lost.logistic.synthetic.c2st, 0);
}

TEST(Detection, SmallAndEmptyTablesAreDefined) {
  EXPECT_EQ(detect(related_tables(20, 20, 0, true)).trees.synthetic.first_rows, 20);
  const Detection two = detect(related_tables(20, 2, 0, true));  // two folds, with one synthetic row each
  EXPECT_GE(two.trees.synthetic.auc, 0);
  EXPECT_LE(two.trees.synthetic.auc, 1);
  EXPECT_NEAR(two.logistic.synthetic.standard_error, 0.36, 0.1);
  for (const std::size_t rows : {std::size_t{0}, std::size_t{1}}) {
    const Detection few = detect(related_tables(20, rows, 0, true));
    EXPECT_TRUE(std::isnan(few.trees.synthetic.auc) && std::isnan(few.logistic.synthetic.c2st));
    EXPECT_FALSE(std::isnan(few.trees.floor.auc));
    EXPECT_EQ(few.notes.size(), 1u);
    EXPECT_NE(host::to_text(few).find("too few rows"), std::string::npos);
    EXPECT_TRUE(host::to_json(few)["trees"]["synthetic_against_real"]["auc"].dump() == "null");
  }
  ComparedTables empty;  // columns without a value
  add_numbers(empty, "x", std::vector<double>(20, kHole), std::vector<double>(20, kHole));
  add_levels(empty, "y", {}, std::vector<std::int32_t>(20, -1), std::vector<std::int32_t>(20, -1));
  const Detection nothing = detect(empty);
  EXPECT_EQ(nothing.trees.synthetic.auc, 0.5);
  EXPECT_EQ(nothing.logistic.synthetic.c2st, 1);
}

// Most levels have one row or none.
TEST(Detection, ManyLevelsAreNoTrouble) {
  constexpr std::size_t kRows = 4000;
  ComparedTables tables = related_tables(kRows, kRows, 0, true);
  const std::vector<std::string> levels(20'000, "level");
  add_levels(tables, "many", levels, drawn(8, kRows, 20'000), drawn(9, kRows, 20'000));
  const Detection detection = detect(tables, {.threads = 2});
  EXPECT_NEAR(detection.logistic.synthetic.auc, 0.5, 0.03);
  EXPECT_NEAR(detection.trees.synthetic.auc, 0.5, 0.05);
}

TEST(Detection, TextAndJsonHaveTheFigures) {
  const Detection detection = detect(related_tables(60, 50, 0.5, true));
  const auto json = host::to_json(detection);
  EXPECT_EQ(json["trees"]["synthetic_against_real"]["c2st"], detection.trees.synthetic.c2st);
  EXPECT_EQ(json["logistic"]["floor"]["auc"], detection.logistic.floor.auc);
  EXPECT_EQ(json["trees"]["synthetic_against_real"]["rows"], (nlohmann::json{60, 50}));
  EXPECT_FALSE(json["trees"].contains("synthetic_against_held_out"));
  const std::string text = host::to_text(detection);
  EXPECT_NE(text.find("60 and 50"), std::string::npos) << text;
  EXPECT_NE(text.find("floor: real from real"), std::string::npos) << text;
}

}  // namespace detection_test
}  // namespace agon::test
