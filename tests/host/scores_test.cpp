// The scores of classifiers and regressions against scikit-learn's, and weighted ones against repeated rows.
#include <gtest/gtest.h>

#include "host/evaluate/models/judged_rows.hpp"
#include "host/evaluate/models/scores.hpp"
#include "tests/host/compared_case.hpp"

namespace agon::test {
namespace scores_test {

using namespace compared_case;
using nlohmann::json;

std::vector<std::int32_t> classes_in(const json& list) { return list.get<std::vector<std::int32_t>>(); }

TEST(Scores, AreThoseOfScikitLearn) {
  const json golden = trees_golden()["scores"];
  ASSERT_EQ(golden.size(), 4u);
  for (const json& one : golden) {
    const host::Auc auc = host::auc(numbers_in(one["scores"]), classes_in(one["labels"]));
    EXPECT_NEAR(auc.value, one["auc"], 1e-12);
    EXPECT_NEAR(auc.standard_error, one["standard_error"], 1e-12);
    const auto truth = classes_in(one["truth"]), guess = classes_in(one["guess"]);
    for (std::size_t c = 0; c < one["f1"].size(); ++c)
      EXPECT_NEAR(host::f1(truth, guess, static_cast<std::int32_t>(c)), one["f1"][c], 1e-12) << c;
    EXPECT_NEAR(host::macro_f1(truth, guess), one["macro_f1"], 1e-12);
    EXPECT_NEAR(host::accuracy(truth, guess), one["accuracy"], 1e-12);
    const auto number = numbers_in(one["number"]), other = numbers_in(one["other"]);
    EXPECT_NEAR(host::r_squared(number, other), one["r2"], 1e-12);
    EXPECT_NEAR(host::spearman(number, other), one["spearman"], 1e-12);
    EXPECT_NEAR(host::kendall(number, other), one["kendall"], 1e-12);
  }
}

TEST(Scores, AreUndefinedWhereThereIsNothingToCompare) {
  EXPECT_TRUE(std::isnan(host::auc(std::vector<double>{1, 2}, std::vector<std::int32_t>{1, 1}).value));
  EXPECT_TRUE(std::isnan(host::auc({}, {}).value));
  EXPECT_TRUE(std::isnan(host::macro_f1({}, {})));
  EXPECT_TRUE(std::isnan(host::accuracy({}, {})));
  EXPECT_TRUE(std::isnan(host::r_squared(std::vector<double>{3, 3}, std::vector<double>{1, 2})));
  EXPECT_TRUE(std::isnan(host::spearman(std::vector<double>{3, 3}, std::vector<double>{1, 2})));
  EXPECT_TRUE(std::isnan(host::kendall(std::vector<double>{1, 2}, std::vector<double>{3, 3})));
  EXPECT_EQ(host::f1(std::vector<std::int32_t>{0}, std::vector<std::int32_t>{0}, 5), 0);
}

TEST(Scores, OneRowOfAClassLeavesTheAucUnsure) {
  const host::Auc auc =
      host::auc(std::vector<double>{1, 0, 0, 0, 0}, std::vector<std::int32_t>{1, 0, 0, 0, 0});
  EXPECT_EQ(auc.value, 1);
  EXPECT_EQ(auc.standard_error, 0.5);
}

// Each row as often as `times` says.
template <class T>
std::vector<T> repeated(const std::vector<T>& rows, const std::vector<std::int32_t>& times,
                        std::size_t width = 1) {
  std::vector<T> out;
  for (std::size_t i = 0; i < times.size(); ++i)
    for (std::int32_t t = 0; t < times[i]; ++t)
      out.insert(out.end(), rows.begin() + static_cast<std::ptrdiff_t>(i * width),
                 rows.begin() + static_cast<std::ptrdiff_t>((i + 1) * width));
  return out;
}

TEST(JudgedRows, CountARowAsOftenAsAsked) {
  constexpr std::size_t kRows = 80;
  const auto truth = drawn(1, kRows, 3), times = drawn(2, kRows, 4);
  std::vector<double> probabilities;
  for (const std::int32_t p : drawn(3, 3 * kRows, 9)) probabilities.push_back(p / 8.0);
  const host::TargetScores scores = host::JudgedClasses(truth, probabilities, 3, 1).scores(times);

  const auto all_truth = repeated(truth, times);
  const auto all = repeated(probabilities, times, 3);
  std::vector<std::int32_t> guess;
  double auc = 0;
  for (int c = 0; c < 3; ++c) {
    std::vector<double> of_class;
    std::vector<std::int32_t> is_class;
    for (std::size_t i = 0; i < all_truth.size(); ++i) {
      of_class.push_back(all[3 * i + static_cast<std::size_t>(c)]);
      is_class.push_back(all_truth[i] == c);
    }
    auc += host::auc(of_class, is_class).value / 3;
  }
  for (std::size_t i = 0; i < all_truth.size(); ++i) {
    const double* p = &all[3 * i];
    guess.push_back(p[0] >= p[1] && p[0] >= p[2] ? 0 : p[1] >= p[2] ? 1 : 2);
  }
  EXPECT_NEAR(scores.auc, auc, 1e-12);
  EXPECT_NEAR(scores.f1_macro, host::macro_f1(all_truth, guess), 1e-12);
  EXPECT_NEAR(scores.f1_rarer, host::f1(all_truth, guess, 1), 1e-12);
  EXPECT_NEAR(scores.accuracy, host::accuracy(all_truth, guess), 1e-12);
}

TEST(JudgedRows, CountANumberAsOftenAsAsked) {
  const auto truth = bells(1, 50, 3), guess = bells(2, 50, 3);
  const auto times = drawn(3, 50, 4);
  const host::TargetScores scores = host::JudgedNumbers(truth, guess).scores(times);
  EXPECT_NEAR(scores.r2, host::r_squared(repeated(truth, times), repeated(guess, times)), 1e-12);
  EXPECT_TRUE(std::isnan(scores.auc));
}

// Two classes are present of three: the third has no AUC and no F1.
TEST(JudgedRows, ClassesWithoutRowsDoNotCount) {
  const host::JudgedClasses judged({0, 1, 0, 1}, {.8, .2, 0, .3, .7, 0, .6, .4, 0, .9, .1, 0}, 3, -1);
  const host::TargetScores scores = judged.scores(std::vector<std::int32_t>{1, 1, 1, 1});
  EXPECT_NEAR(scores.auc, 0.5, 1e-12);  // of four pairs two are in order, for both classes
  EXPECT_NEAR(scores.f1_macro, (2 * 2 / 5.0 + 2 * 1 / 3.0) / 2, 1e-12);
  EXPECT_TRUE(std::isnan(scores.f1_rarer));
}

}  // namespace scores_test
}  // namespace agon::test
