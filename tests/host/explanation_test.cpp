// Which columns give a synthetic table away, and in what words.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "host/evaluate/models/difference_in_words.hpp"
#include "host/evaluate/models/explanation.hpp"
#include "tests/host/compared_case.hpp"

namespace agon::test {
namespace explanation_test {

using namespace compared_case;
using host::difference_in_words;
using host::Explanation;

Explanation explain_detection(const ComparedTables& tables, const host::ExplanationOptions& options = {}) {
  host::DetectionModel model;
  detect(tables, {.seed = options.seed, .threads = options.threads}, &model);
  return host::explain_detection(tables, model, options);
}

std::string words_of(const ComparedTables& tables) {
  return difference_in_words(tables.columns[0], tables.real.columns[0], tables.synthetic.columns[0]).words;
}

// `count` times `value`, after what is there.
template <class T>
std::vector<T> then(std::vector<T> values, std::size_t count, T value) {
  values.insert(values.end(), count, value);
  return values;
}

TEST(DifferenceInWords, NamesTheLevelWhoseShareDiffersMost) {
  ComparedTables tables;
  add_levels(tables, "country", {"US", "Mexico", "Cuba"},
             then(then(then<std::int32_t>({}, 900, 0), 20, 1), 80, 2),
             then(then(then<std::int32_t>({}, 800, 0), 110, 1), 90, 2));
  EXPECT_EQ(words_of(tables), "'US' in 90.0% of real rows, 80.0% of synthetic ones");
  tables.synthetic.columns[0].levels = then(then(then<std::int32_t>({}, 900, 0), 100, 1), 0, 2);
  EXPECT_EQ(words_of(tables), "'Mexico' in 2.0% of real rows, 10.0% of synthetic ones");
}

TEST(DifferenceInWords, NamesNoLevelOfFewPeople) {
  ComparedTables tables;
  // The synthetic table has copied a level of four people a hundred times; 'a' lost as many rows.
  add_levels(tables, "ward", {"a", "b", "c"}, then(then(then<std::int32_t>({}, 496, 0), 500, 1), 4, 2),
             then(then(then<std::int32_t>({}, 410, 0), 490, 1), 100, 2));
  EXPECT_EQ(words_of(tables), "'a' in 49.6% of real rows, 41.0% of synthetic ones");
  // All but four people have 'a': nothing can be told of it, nor of the four.
  tables.real.columns[0].levels = then(then<std::int32_t>({}, 996, 0), 4, 2);
  tables.synthetic.columns[0].levels = then(then<std::int32_t>({}, 500, 0), 500, 2);
  EXPECT_EQ(words_of(tables), "");
  // A level that no one has can be told of.
  tables.real.columns[0].levels = then<std::int32_t>({}, 1000, 0);
  EXPECT_EQ(words_of(tables), "'a' in 100.0% of real rows, 50.0% of synthetic ones");
}

TEST(DifferenceInWords, NamesTheValueThatManyRowsHave) {
  ComparedTables tables;
  const auto loss = [](std::uint64_t stream, std::size_t others) {
    std::vector<double> numbers = bells(stream, others, 1900);
    numbers.resize(1000, 0);
    return numbers;
  };
  add_numbers(tables, "capital-loss", loss(1, 47), loss(2, 161));
  EXPECT_EQ(words_of(tables), "0 in 95.3% of real rows, 83.9% of synthetic ones");
}

TEST(DifferenceInWords, NamesARangeByRoundEnds) {
  ComparedTables tables;
  std::vector<double> real, synthetic;
  for (int i = 0; i < 1000; ++i) {
    real.push_back(20 + i % 60 + 0.123);
    synthetic.push_back(i % 5 == 0 ? 30 + i % 10 + 0.3 : 20 + i * 7 % 60 + 0.123);
  }
  add_numbers(tables, "age", real, synthetic);
  const std::string words = words_of(tables);
  double first = 0, end = 0, of_real = 0, of_synthetic = 0, median = 0, other_median = 0;
  ASSERT_EQ(
      std::sscanf(words.c_str(),
                  "from %lf to below %lf in %lf%% of real rows, %lf%% of synthetic ones; median %lf, %lf",
                  &first, &end, &of_real, &of_synthetic, &median, &other_median),
      6)
      << words;
  EXPECT_EQ(words.find(".123"), std::string::npos) << words;
  const auto share = [&](const std::vector<double>& numbers) {
    return 0.1 * static_cast<double>(
                     std::ranges::count_if(numbers, [&](double x) { return x >= first && x < end; }));
  };
  EXPECT_NEAR(of_real, share(real), 0.06);
  EXPECT_NEAR(of_synthetic, share(synthetic), 0.06);
  EXPECT_NEAR(first, 30, 3);
  EXPECT_NEAR(end, 40, 3);
  const auto middle = [](std::vector<double> numbers) {
    std::ranges::sort(numbers);
    return std::round((numbers[499] + numbers[500]) / 2);
  };
  EXPECT_EQ(median, middle(real));
  EXPECT_EQ(other_median, middle(synthetic));
}

TEST(DifferenceInWords, NamesTheLackOfValuesMarksAndLostColumns) {
  ComparedTables tables;
  add_numbers(tables, "dose", then(bells(1, 800), 200, kHole), then(bells(2, 600), 400, kHole));
  EXPECT_EQ(words_of(tables), "no value in 20.0% of real rows, 40.0% of synthetic ones");
  tables.columns[0].levels = {"<0.5"};
  for (std::size_t i = 800; i < 1000; ++i) tables.real.columns[0].levels[i] = 0;
  tables.synthetic.columns[0] = number_cells(bells(2, 1000));
  EXPECT_EQ(words_of(tables), "'<0.5' in 20.0% of real rows, 0.0% of synthetic ones");
  tables.columns[0].in_synthetic = false;
  EXPECT_EQ(words_of(tables), "the synthetic table lacks the column");
}

TEST(DifferenceInWords, ChanceIsNoDifference) {
  ComparedTables tables;
  add_numbers(tables, "x", bells(1, 2000), bells(2, 2000));
  EXPECT_EQ(words_of(tables), "");
}

// x and y decide each other in the real table alone; z says nothing.
TEST(DifferenceInWords, NamesThePairThatDiffersMost) {
  ComparedTables tables;
  const auto real = drawn(1, 3000, 3), synthetic = drawn(2, 3000, 3), other = drawn(3, 3000, 3);
  add_levels(tables, "x", {"a", "b", "c"}, real, synthetic);
  add_levels(tables, "z", {"d", "e"}, drawn(4, 3000, 2), drawn(5, 3000, 2));
  std::vector<double> y, drawn_y;
  for (std::size_t i = 0; i < 3000; ++i) {
    y.push_back(100 * real[i] + static_cast<double>(i * 7 % 100));
    drawn_y.push_back(100 * other[i] + static_cast<double>(i * 7 % 100));
  }
  add_numbers(tables, "y", y, drawn_y);
  EXPECT_EQ(words_of(tables), "");
  const host::Difference pair = host::pair_in_words(tables, 0, 2);
  char level = 0;
  double first = 0, end = 0, of_real = 0, of_synthetic = 0;
  ASSERT_EQ(std::sscanf(pair.words.c_str(), "'%c' with y from %lf to below %lf in %lf%% of real rows, %lf%%",
                        &level, &first, &end, &of_real, &of_synthetic),
            5)
      << pair.words;
  int count = 0, count_synthetic = 0;
  for (std::size_t i = 0; i < 3000; ++i) {
    count += real[i] == level - 'a' && y[i] >= first && y[i] < end;
    count_synthetic += synthetic[i] == level - 'a' && drawn_y[i] >= first && drawn_y[i] < end;
  }
  EXPECT_NEAR(of_real, count / 30.0, 0.051);
  EXPECT_NEAR(of_synthetic, count_synthetic / 30.0, 0.051);
  EXPECT_NEAR(pair.real_share, count / 3000.0, 1e-12);
  EXPECT_GT(of_real, 2.5 * of_synthetic);
  EXPECT_EQ(host::pair_in_words(tables, 1, 2).words, "");
  const auto spelt = host::pair_in_words(tables, 2, 0, [](std::int64_t column, double x) {
    return "number " + std::to_string(column) + "/" + std::to_string(std::lround(x));
  });
  EXPECT_NE(spelt.words.find("number 2/"), std::string::npos) << spelt.words;
}

TEST(DifferenceInWords, NamesNoPairOfFewPeople) {
  ComparedTables tables;
  std::vector<std::int32_t> x(1000, 0), y(1000, 0), drawn_y(1000, 0);
  for (std::size_t i = 0; i < 500; ++i) x[i] = y[i] = 1;
  for (std::size_t i = 499; i < 502; ++i) y[i] = 1 - y[i];  // three people differ in x and y
  for (std::size_t i = 0; i < 1000; ++i) drawn_y[i] = i % 3 == 0 ? 1 - x[i] : x[i];
  add_levels(tables, "x", {"a", "b"}, x, x);
  add_levels(tables, "y", {"c", "d"}, y, drawn_y);
  const std::string words = host::pair_in_words(tables, 0, 1).words;
  // The three in 'a' with 'd' and 'b' with 'c' differ as much, but are few.
  EXPECT_TRUE(words.starts_with("'a' with y 'c' in 49.") || words.starts_with("'b' with y 'd' in 49."))
      << words;
}

TEST(DifferenceInWords, SpellsNumbersAsAsked) {
  ComparedTables tables;
  add_numbers(tables, "day", std::vector<double>(50, 19000), std::vector<double>(50, 19001));
  const auto words =
      difference_in_words(tables.columns[0], tables.real.columns[0], tables.synthetic.columns[0],
                          [](double x) { return "day " + std::to_string(std::lround(x)); });
  EXPECT_EQ(words.words, "day 19000 in 100.0% of real rows, 0.0% of synthetic ones");
  EXPECT_EQ(words.real_share, 1);
  EXPECT_EQ(words.synthetic_share, 0);
}

ComparedTables shifted_tables() {
  ComparedTables tables;
  add_numbers(tables, "plain", bells(1, 600), bells(2, 600));
  add_numbers(tables, "shifted", bells(3, 600), bells(4, 600, 1.5));
  add_levels(tables, "level", {"a", "b", "c", "d"}, drawn(5, 600, 4), drawn(6, 600, 4));
  return tables;
}

TEST(Explanation, TheWorstColumnComesFirst) {
  const Explanation explanation = explain_detection(shifted_tables(), {.seed = 2, .words = 2});
  ASSERT_EQ(explanation.columns.size(), 3u);
  EXPECT_EQ(explanation.columns[0].column, "shifted");
  EXPECT_GT(explanation.columns[0].share, 0.5);
  EXPECT_GT(explanation.auc, 0.75);
  EXPECT_EQ(explanation.explained_rows, 400);
  double sum = 0;
  for (const host::Telltale& column : explanation.columns) sum += column.share;
  EXPECT_NEAR(sum, 1, 1e-12);
  EXPECT_NE(explanation.columns[0].words.find(" of real rows, "), std::string::npos);
  EXPECT_TRUE(explanation.columns[2].words.empty());
  const std::string text = host::to_text(explanation);
  EXPECT_LT(text.find("shifted: "), text.find(explanation.columns[1].column + ": ")) << text;
  EXPECT_EQ(text.find("what follows is chance"), std::string::npos) << text;
  const auto json = host::to_json(explanation);
  EXPECT_EQ(json["columns"][0]["words"], explanation.columns[0].words);
  EXPECT_FALSE(json["columns"][2].contains("words"));
}

// x and y go together in the real table alone, z with neither: the pair tells, and no column does.
TEST(Explanation, TheWorstPairComesFirst) {
  ComparedTables tables;
  const auto x = drawn(1, 900, 3), other = drawn(2, 900, 3);
  add_levels(tables, "x", {"a", "b", "c"}, x, x);
  add_numbers(tables, "z", bells(3, 900), bells(4, 900));
  add_levels(tables, "y", {"d", "e", "f"}, x, other);
  const Explanation found = explain_detection(tables, {.explained_pairs = 150});
  ASSERT_FALSE(found.pairs.empty());
  EXPECT_EQ(found.pairs[0].first + found.pairs[0].second, "xy");
  EXPECT_GT(found.pairs[0].share, 0.7);
  EXPECT_EQ(found.pairs.size(), 1u);  // nothing can be said of the others
  EXPECT_NE(found.pairs[0].words.find(" with y '"), std::string::npos) << found.pairs[0].words;
  EXPECT_NEAR(found.pairs[0].real_share, 1.0 / 3, 0.05);
  EXPECT_NEAR(found.pairs[0].synthetic_share, 1.0 / 9, 0.05);
  EXPECT_TRUE(found.columns[0].words.starts_with("alike by itself; ")) << found.columns[0].words;
}

// Both columns are shifted by themselves: the pair has no part in it.
TEST(DifferenceInWords, APairHasItsOwnDifferenceAlone) {
  ComparedTables tables;
  add_levels(tables, "x", {"a", "b"}, drawn(1, 4000, 2), then(drawn(2, 2000, 2), 2000, 0));
  add_levels(tables, "y", {"c", "d"}, drawn(3, 4000, 2), drawn(4, 4000, 2));
  EXPECT_NE(words_of(tables), "");
  EXPECT_EQ(host::pair_in_words(tables, 0, 1).words, "");
}

TEST(Explanation, ThreadsChangeNothing) {
  const auto one = explain_detection(shifted_tables()),
             many = explain_detection(shifted_tables(), {.threads = 4});
  EXPECT_EQ(host::to_json(one), host::to_json(many));
}

TEST(Explanation, SaysWhereThereIsNothingToTell) {
  ComparedTables tables;
  add_numbers(tables, "x", bells(1, 900), bells(2, 900));
  add_numbers(tables, "y", bells(3, 900), bells(4, 900));
  EXPECT_NE(host::to_text(explain_detection(tables)).find("what follows is chance"), std::string::npos);
  ComparedTables small;
  add_numbers(small, "x", bells(1, 20), bells(2, 1));
  const Explanation none = explain_detection(small);
  EXPECT_TRUE(std::isnan(none.auc) && none.columns.empty());
  EXPECT_NE(host::to_text(none).find("too few rows"), std::string::npos);
}

}  // namespace explanation_test
}  // namespace agon::test
