// Boosted trees against XGBoost in Python on the same folds, and Shapley values against their definition.
#include <gtest/gtest.h>

#include <array>
#include <numeric>

#include "host/evaluate/models/logistic.hpp"
#include "host/evaluate/models/scores.hpp"
#include "host/evaluate/models/trees/attribution.hpp"
#include "host/evaluate/models/trees/boosted_trees.hpp"
#include "host/evaluate/models/two_tables.hpp"
#include "kernels/error.hpp"
#include "tests/host/compared_case.hpp"

namespace agon::test {
namespace boosted_trees_test {

using namespace compared_case;
using host::BoostedTrees;
using host::TreeFeatures;
using host::TreeLayout;
using host::TreeSettings;
using nlohmann::json;

// The golden file's tables as features, without one of its columns.
TreeFeatures golden_features(const ComparedTables& tables, std::int32_t without = -1) {
  const TreeLayout layout(tables, without);
  return host::stacked(layout.features_of(tables.real), layout.features_of(tables.synthetic));
}

std::vector<float> second_table(const ComparedTables& tables) {
  std::vector<float> labels(static_cast<std::size_t>(tables.real.rows), 0);
  labels.resize(labels.size() + static_cast<std::size_t>(tables.synthetic.rows), 1);
  return labels;
}

std::vector<std::int64_t> every(std::int64_t rows, std::int64_t step) {
  std::vector<std::int64_t> out;
  for (std::int64_t row = 0; row < rows; row += step) out.push_back(row);
  return out;
}

TEST(BoostedTrees, TellTablesApartAsXgboostInPythonDoes) {
  const json golden = trees_golden();
  const ComparedTables tables = golden_tables(golden);
  const TreeFeatures features = golden_features(tables);
  const std::vector<float> labels = second_table(tables);
  for (int fold = 0; fold < 3; ++fold) {
    std::vector<std::int64_t> train, test;
    for (std::int64_t row = 0; row < features.rows; ++row) (row % 3 == fold ? test : train).push_back(row);
    std::vector<float> targets;
    for (const std::int64_t row : train) targets.push_back(labels[static_cast<std::size_t>(row)]);
    const BoostedTrees trees(host::part(features, train), targets, {});
    const std::vector<float> said = trees.predict(host::part(features, test));
    std::vector<std::int32_t> truth;
    for (std::size_t i = 0; i < test.size(); ++i) {
      const auto row = static_cast<std::size_t>(test[i]);
      truth.push_back(labels[row] == 1);
      EXPECT_NEAR(said[i], golden["trees"]["probabilities"][row].get<double>(), 2e-6) << row;
    }
    EXPECT_NEAR(host::auc(std::vector<double>(said.begin(), said.end()), truth).value,
                golden["trees"]["auc"][static_cast<std::size_t>(fold)], 1e-6);
  }
}

TEST(BoostedTrees, OfOtherKindsAreThoseOfXgboostInPython) {
  const json golden = trees_golden();
  const ComparedTables tables = golden_tables(golden);
  const TreeFeatures features = golden_features(tables);
  const std::vector<float> labels = second_table(tables);
  const TreeSettings forest{.booster = TreeSettings::Booster::forest, .rounds = 100, .depth = 8};
  const std::pair<const char*, TreeSettings> kinds[] = {{"boosted stumps", {.rounds = 200, .depth = 1}},
                                                        {"single tree", {.rounds = 1, .depth = 4, .rate = 1}},
                                                        {"forest", forest}};
  for (const auto& [name, settings] : kinds) {
    const std::vector<float> said =
        BoostedTrees(features, labels, settings).predict(host::part(features, every(features.rows, 9)));
    ASSERT_EQ(said.size(), golden["kinds"][name].size());
    for (std::size_t i = 0; i < said.size(); ++i)
      EXPECT_NEAR(said[i], golden["kinds"][name][i].get<double>(), 2e-6) << name;
  }
}

// The house's own logistic model, held against scikit-learn's, finds the same weights.
TEST(BoostedTrees, ALinearModelIsTheLogisticOne) {
  ComparedTables tables;
  add_numbers(tables, "x", bells(1, 300), bells(2, 300, 0.6));
  add_numbers(tables, "y", bells(3, 300), bells(4, 300, -0.2));
  const host::SparseRows rows =
      host::logistic_rows(tables, std::array<const RecordSet*, 2>{&tables.real, &tables.synthetic});
  const std::vector<float> labels = second_table(tables);
  const auto all = every(600, 1);
  const TreeFeatures features{600, 2, {rows.values.begin(), rows.values.end()}, {0, 0}};
  const BoostedTrees linear(features, labels, {.booster = TreeSettings::Booster::linear, .rounds = 30});
  const auto decided = host::fit_logistic(rows, all, std::vector<std::int32_t>(labels.begin(), labels.end()))
                           .decide(rows, all);
  const auto said = linear.predict(features);
  for (std::size_t i = 0; i < said.size(); i += 50)
    EXPECT_NEAR(std::log(said[i] / (1 - said[i])), decided[i], 1e-4) << i;
}

TEST(BoostedTrees, ForetellClassesAsXgboostInPythonDoes) {
  const json golden = trees_golden();
  const TreeFeatures features = golden_features(golden_tables(golden), 2);
  std::vector<float> wards;
  for (const json& ward : golden["columns"]["ward"]) wards.push_back(std::min(ward.get<float>(), 3.0f));
  const BoostedTrees trees(features, wards, {.task = TreeSettings::Task::classes, .classes = 4});
  const auto rows = every(features.rows, 9);
  const std::vector<float> said = trees.predict(host::part(features, rows));
  ASSERT_EQ(said.size(), 4 * rows.size());
  ASSERT_EQ(golden["trees"]["classes"].size(), rows.size());
  for (std::size_t i = 0; i < said.size(); ++i)
    EXPECT_NEAR(said[i], golden["trees"]["classes"][i / 4][i % 4].get<double>(), 2e-6);
}

TEST(BoostedTrees, ForetellNumbersAsXgboostInPythonDoes) {
  const json golden = trees_golden();
  const TreeFeatures features = golden_features(golden_tables(golden), 0);
  std::vector<float> ages;
  for (const json& age : golden["columns"]["age"]) ages.push_back(age.is_null() ? 50 : age.get<float>());
  const BoostedTrees trees(features, ages, {.task = TreeSettings::Task::number});
  const auto rows = every(features.rows, 9);
  const std::vector<float> said = trees.predict(host::part(features, rows));
  for (std::size_t i = 0; i < said.size(); ++i)
    EXPECT_NEAR(said[i], golden["trees"]["number"][i].get<double>(), 1e-4) << rows[i];
}

// The golden values come from the definition: all subsets of three features, in plain Python.
TEST(BoostedTrees, ContributionsAreShapleyValues) {
  const json golden = trees_golden();
  TreeFeatures features{static_cast<std::int64_t>(golden["columns"]["age"].size()), 3, {}, {0, 0, 0}};
  for (std::size_t i = 0; i < golden["columns"]["age"].size(); ++i) {
    for (const char* name : {"age", "dose"}) {
      const json& cell = golden["columns"][name][i];
      features.values.push_back(cell.is_null() ? std::nanf("") : cell.get<float>());
    }
    features.values.push_back(static_cast<float>(i * 37 % 101));
  }
  const BoostedTrees trees(features, second_table(golden_tables(golden)), {.rounds = 6, .depth = 3});
  const auto rows = every(features.rows, 40);
  const std::vector<float> added = trees.contributions(host::part(features, rows));
  ASSERT_EQ(added.size(), 4 * rows.size());
  ASSERT_EQ(golden["shapley"].size(), rows.size());
  for (std::size_t i = 0; i < added.size(); ++i)
    EXPECT_NEAR(added[i], golden["shapley"][i / 4][i % 4].get<double>(), 1e-6) << i;
  const std::vector<float> pairs = trees.interactions(host::part(features, rows));
  ASSERT_EQ(pairs.size(), 16 * rows.size());
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const std::size_t first = i % 16 / 4, second = i % 4;
    if (first == 3 || second == 3) continue;  // what all rows share
    EXPECT_NEAR(pairs[i], golden["interactions"][i / 16][first][second].get<double>(), 1e-6) << i;
  }
}

// Features of a column count as it: a number and its marks are no pair.
TEST(BoostedTrees, MeanInteractionsAreByPairOfColumns) {
  const ComparedTables tables = golden_tables(trees_golden());
  const TreeLayout layout(tables);
  const TreeFeatures features = golden_features(tables);
  const BoostedTrees trees(features, second_table(tables), {.rounds = 20, .depth = 4});
  const TreeFeatures some = host::part(features, every(features.rows, 15));
  const auto mean = host::mean_interactions(trees, layout, some, 4, 2);
  const std::vector<float> all = trees.interactions(some);
  const auto width = static_cast<std::size_t>(features.width), side = width + 1;
  ASSERT_EQ(all.size(), static_cast<std::size_t>(some.rows) * side * side);
  double between = 0;  // of columns 1, features 1 and 2, and 2, feature 3
  for (std::size_t row = 0; row < static_cast<std::size_t>(some.rows); ++row) {
    const float* const of_row = &all[row * side * side];
    between += std::abs(2 * (of_row[1 * side + 3] + of_row[2 * side + 3])) / static_cast<double>(some.rows);
  }
  EXPECT_NEAR(mean[1 * 4 + 2], between, 1e-6);
  EXPECT_GT(between, 0);
  for (std::size_t a = 0; a < 4; ++a) {
    EXPECT_EQ(mean[a * 4 + a], 0);
    for (std::size_t b = 0; b < 4; ++b) EXPECT_EQ(mean[a * 4 + b], mean[b * 4 + a]);
  }
}

TEST(BoostedTrees, ContributionsOfCategoriesAddUpToTheMargin) {
  const ComparedTables tables = golden_tables(trees_golden());
  const TreeFeatures features = golden_features(tables);
  const BoostedTrees trees(features, second_table(tables), {});
  const std::vector<float> added = trees.contributions(features), said = trees.predict(features);
  for (std::size_t row = 0; row < said.size(); ++row) {
    const auto first = added.begin() + static_cast<std::ptrdiff_t>(row) * (features.width + 1);
    const double margin = std::accumulate(first, first + features.width + 1, 0.0);
    EXPECT_NEAR(1 / (1 + std::exp(-margin)), said[row], 1e-5) << row;
  }
}

// Marks count with their column, and threads change nothing.
TEST(BoostedTrees, MeanShapIsByColumn) {
  const ComparedTables tables = golden_tables(trees_golden());
  const TreeLayout layout(tables);
  const TreeFeatures features = golden_features(tables);
  ASSERT_EQ(features.width, 5);
  const BoostedTrees trees(features, second_table(tables), {});
  const std::vector<double> mean = host::mean_shap(trees, layout, features, 4, 1);
  const std::vector<float> added = trees.contributions(features);
  std::vector<double> expected(4);
  for (std::size_t row = 0; row < static_cast<std::size_t>(features.rows); ++row) {
    const float* of = &added[6 * row];
    const double by_column[] = {of[0], double{of[1]} + of[2], of[3], of[4]};
    for (std::size_t c = 0; c < 4; ++c)
      expected[c] += std::abs(by_column[c]) / static_cast<double>(features.rows);
  }
  for (std::size_t c = 0; c < 4; ++c) EXPECT_NEAR(mean[c], expected[c], 1e-6) << c;
  EXPECT_EQ(host::mean_shap(trees, layout, features, 4, 3), mean);
}

TEST(BoostedTrees, LayoutSaysWhatACellIs) {
  ComparedTables tables;
  add_numbers(tables, "moment", {1.6e9, 1.6e9 + 1, kHole}, {1.6e9 + 2, kHole, 1e300});
  add_levels(tables, "ward", {"a", "b"}, {0, -1, 1}, {1, 1, 0});
  tables.columns[0].levels = {"<0.5"};
  tables.real.columns[0].levels[2] = 0;
  const TreeLayout layout(tables);
  ASSERT_EQ(layout.width(), 3);
  EXPECT_EQ(layout.column_of(1), 0);
  EXPECT_EQ(layout.column_of(2), 1);
  const TreeFeatures real = layout.features_of(tables.real), synthetic = layout.features_of(tables.synthetic);
  EXPECT_EQ(real.categorical, (std::vector<std::uint8_t>{0, 1, 1}));
  // Moments a second apart stay apart.
  EXPECT_EQ(real.values[0], 0);
  EXPECT_EQ(real.values[3], 1);
  EXPECT_EQ(synthetic.values[0], 2);
  EXPECT_EQ(synthetic.values[6], 1e37f);
  EXPECT_TRUE(std::isnan(real.values[6]) && std::isnan(real.values[1]) && std::isnan(real.values[5]));
  EXPECT_EQ(real.values[7], 0);
  EXPECT_EQ(real.values[8], 1);
}

TEST(BoostedTrees, LayoutPoolsTheRarestOfManyLevels) {
  ComparedTables tables;
  std::vector<std::int32_t> codes(1500);
  for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<std::int32_t>(1499 - i);
  std::vector<std::int32_t> drawn_codes = codes;
  drawn_codes.resize(1000);  // levels below 500 are rarer
  add_levels(tables, "many", std::vector<std::string>(1500, "x"), codes, drawn_codes);
  const TreeFeatures real = TreeLayout(tables).features_of(tables.real);
  for (std::size_t i = 0; i < 1500; ++i)
    EXPECT_EQ(real.values[i], i < 1000 ? static_cast<float>(999 - i) : 1000.0f) << i;
}

TEST(BoostedTrees, TakeColumnsWithoutAnyValue) {
  TreeFeatures features{40, 2, {}, {0, 1}};
  std::vector<float> labels;
  for (int i = 0; i < 40; ++i) {
    features.values.insert(features.values.end(), {std::nanf(""), std::nanf("")});
    labels.push_back(static_cast<float>(i % 2));
  }
  const BoostedTrees trees(features, labels, {});
  for (const float p : trees.predict(features)) EXPECT_NEAR(p, 0.5, 1e-6);
}

TEST(BoostedTrees, ErrorsCarryXgboostsText) {
  TreeFeatures features{2, 1, {1, 2}, {0}};
  const std::vector<float> labels = {0, 7};
  try {
    BoostedTrees(features, labels, {});
    FAIL() << "a label of 7 was taken";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("label must be in [0,1]"), std::string::npos) << error.what();
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
  }
  EXPECT_THROW(BoostedTrees({0, 1, {}, {0}}, {}, {}), ConfigurationError);
}

}  // namespace boosted_trees_test
}  // namespace agon::test
