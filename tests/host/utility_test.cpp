// Utility: what is learnt from a synthetic table, and targets that cannot be foretold.
#include <gtest/gtest.h>

#include "host/evaluate/models/giveaways.hpp"
#include "host/evaluate/models/scores.hpp"
#include "host/evaluate/models/target.hpp"
#include "host/evaluate/models/trees/boosted_trees.hpp"
#include "host/evaluate/models/utility.hpp"
#include "kernels/error.hpp"
#include "tests/host/compared_case.hpp"

namespace agon::test {
namespace utility_test {

using namespace compared_case;
using host::measure_utility;
using host::Utility;

// A class that a and b decide, three parts in four; c says nothing. In the synthetic table it is so where
// `learnt`, else chance.
struct Rows {
  std::vector<double> a, b, c;
  std::vector<std::int32_t> sick;
};

Rows make_rows(std::uint64_t stream, std::size_t rows, bool learnt, int classes = 2) {
  Rows out{bells(stream, rows), bells(stream + 1, rows), bells(stream + 2, rows), drawn(stream + 3, rows, 3)};
  const auto chance = drawn(stream + 4, rows, 4);
  for (std::size_t i = 0; i < rows; ++i) {
    if (!learnt || chance[i] == 0) {
      out.sick[i] = classes == 2 ? out.sick[i] == 0 : out.sick[i];
    } else {
      const double sum = 2 * out.a[i] + out.b[i];
      out.sick[i] = classes == 2 ? sum > 1.5 : sum > 1 ? 2 : sum > -1 ? 1 : 0;
    }
  }
  return out;
}

ComparedTables class_tables(bool learnt, bool with_held_out, int classes = 2) {
  ComparedTables tables;
  const Rows real = make_rows(100, 900, true, classes), synthetic = make_rows(200, 800, learnt, classes);
  const Rows held_out = with_held_out ? make_rows(300, 600, true, classes) : Rows{};
  add_numbers(tables, "a", real.a, synthetic.a, held_out.a);
  std::vector<std::string> levels = {"no", "yes", "very"};
  levels.resize(static_cast<std::size_t>(classes));
  add_levels(tables, "sick", levels, real.sick, synthetic.sick, held_out.sick);
  add_numbers(tables, "b", real.b, synthetic.b, held_out.b);
  add_numbers(tables, "c", real.c, synthetic.c, held_out.c);
  return tables;
}

TEST(Giveaways, AreWhatRulesTellTheTargetFrom) {
  ComparedTables tables;
  const std::vector<double> one_each = {1, 2, 3, 4}, two_each = {1, 1, 2, 2};
  for (const char* const name : {"death", "cause", "code", "age", "died"}) {
    const bool death = std::string_view(name).front() == 'd';
    add_numbers(tables, name, death ? two_each : one_each, {3, 4}, {5, 6});
  }
  tables.real.columns[3].numbers = {1, 1, 1, 1};
  using Kind = host::RecordRule::Kind;
  const std::vector<host::RecordRule> rules = {{Kind::look_up, 1, {2}},  // code tells cause
                                               {Kind::look_up, 0, {1}},  // cause tells death
                                               {Kind::copy, 4, {0}},     // died is death
                                               {Kind::look_up, 3, {0}},  // death tells age
                                               {Kind::order, 3, {1}}};
  using Names = std::vector<std::string>;
  EXPECT_EQ(host::giveaways(tables, rules, "death"), (Names{"cause", "code", "died"}));
  EXPECT_EQ(host::giveaways(tables, rules, "age"), (Names{"death", "cause", "code", "died"}));
  EXPECT_EQ(host::giveaways(tables, rules, "code"), Names{"cause"}) << "the other way round, too";
  const ComparedTables rest = host::without_columns(tables, {"cause", "died"});
  ASSERT_EQ(rest.width(), 3);
  EXPECT_EQ(rest.columns[1].name, "code");
  EXPECT_EQ(rest.held_out->columns[2].numbers, (std::vector<double>{5, 6}));
  EXPECT_EQ(rest.synthetic.rows, 2);
}

TEST(Utility, ScoresAreThoseOfAModelOfTheSyntheticRows) {
  const ComparedTables tables = class_tables(true, true);
  const Utility utility = measure_utility(tables, {.target = "sick", .explained_rows = 100});
  const host::TreeLayout layout(tables, 1);
  const auto& learnt = tables.synthetic.columns[1].levels;
  const host::BoostedTrees trees(layout.features_of(tables.synthetic),
                                 std::vector<float>(learnt.begin(), learnt.end()), {});
  const auto said = trees.predict(layout.features_of(*tables.held_out));
  const auto& truth = tables.held_out->columns[1].levels;
  std::vector<std::int32_t> guess;
  for (const float p : said) guess.push_back(p > 0.5f);
  EXPECT_NEAR(utility.synthetic_on_held_out.auc,
              host::auc(std::vector<double>(said.begin(), said.end()), truth).value, 1e-9);
  EXPECT_NEAR(utility.synthetic_on_held_out.f1_macro, host::macro_f1(truth, guess), 1e-12);
  EXPECT_NEAR(utility.synthetic_on_held_out.accuracy, host::accuracy(truth, guess), 1e-12);
  ASSERT_EQ(utility.classes, (std::vector<std::string>{"no", "yes"}));
  EXPECT_EQ(utility.rarer, 1);
  EXPECT_NEAR(utility.synthetic_on_held_out.f1_rarer, host::f1(truth, guess, 1), 1e-12);
  EXPECT_NEAR(utility.auc.value, utility.synthetic_on_held_out.auc / utility.real_on_held_out.auc, 1e-12);
  EXPECT_EQ(utility.held_out.used, 600);
}

TEST(Utility, TellsALearntRelationFromChance) {
  const Utility learnt =
      measure_utility(class_tables(true, true), {.target = "sick", .threads = 2, .explained_rows = 100});
  EXPECT_GT(learnt.real_on_held_out.auc, 0.8);
  EXPECT_NEAR(learnt.auc.value, 1, 0.08);
  EXPECT_LT(learnt.auc.low, learnt.auc.value);
  EXPECT_GT(learnt.auc.high, learnt.auc.value);
  EXPECT_LT(learnt.auc.high - learnt.auc.low, 0.15);
  EXPECT_GT(learnt.real_on_synthetic.auc, 0.8);
  EXPECT_EQ(learnt.column_ranks, 1);  // a, b, c in this order, for both
  EXPECT_EQ(learnt.column_ranks_floor, 1);

  const Utility chance =
      measure_utility(class_tables(false, true), {.target = "sick", .threads = 2, .explained_rows = 100});
  EXPECT_NEAR(chance.synthetic_on_held_out.auc, 0.5, 0.1);
  EXPECT_LT(chance.auc.high, 0.85);
  EXPECT_NEAR(chance.real_on_synthetic.auc, 0.5, 0.1);
  EXPECT_EQ(chance.real_on_held_out.auc, learnt.real_on_held_out.auc);
}

// Where synthetic rows teach nothing, their best model is anyone; where they teach the same, it is the same
// or as good.
TEST(Utility, ModelsAreRankedAsByRealRows) {
  const auto ranked = [](const ComparedTables& tables) {
    return *measure_utility(tables, {.target = "sick", .bootstraps = 10, .explained_rows = 10}).models;
  };
  const ComparedTables tables = class_tables(true, true);
  const host::ModelRanking same = ranked(tables);
  ASSERT_EQ(same.models.size(), 5u);
  EXPECT_EQ(same.rows, 800);
  std::vector<double> real, synthetic;
  for (const host::RankedModel& model : same.models) {
    real.push_back(model.real);
    synthetic.push_back(model.synthetic);
    EXPECT_GT(model.synthetic, 0.8) << model.name;
  }
  EXPECT_TRUE(std::ranges::is_sorted(real, std::ranges::greater{}));
  EXPECT_NEAR(same.synthetic.spearman, host::spearman(real, synthetic), 1e-12);
  EXPECT_EQ(same.by_synthetic.best, 0u);
  EXPECT_EQ(same.by_synthetic.chosen,
            static_cast<std::size_t>(std::ranges::max_element(synthetic) - synthetic.begin()));
  EXPECT_TRUE(same.by_synthetic.within_noise());
  EXPECT_EQ(
      host::to_json(same),
      host::to_json(
          *measure_utility(tables, {.target = "sick", .threads = 3, .bootstraps = 10, .explained_rows = 10})
               .models));
  const host::ModelRanking chance = ranked(class_tables(false, true));
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_NEAR(chance.models[i].synthetic, 0.5, 0.15);
  }
  const std::size_t chosen = chance.by_synthetic.chosen;
  EXPECT_NEAR(chance.by_synthetic.loss, chance.models[0].real - chance.models[chosen].real, 1e-12);
  std::vector<double> halves[2];
  for (const host::RankedModel& model : chance.models)
    for (const std::size_t half : {0u, 1u}) halves[half].push_back(model.of_halves[half]);
  EXPECT_EQ(chance.floor.kendall, host::kendall(halves[0], halves[1]));
}

TEST(Utility, OfSeveralClassesIsTheMeanOverThem) {
  const Utility utility =
      measure_utility(class_tables(true, true, 3), {.target = "sick", .threads = 2, .explained_rows = 100});
  EXPECT_EQ(utility.classes.size(), 3u);
  EXPECT_EQ(utility.rarer, -1);
  EXPECT_GT(utility.real_on_held_out.auc, 0.75);
  EXPECT_GT(utility.real_on_held_out.f1_macro, 0.6);
  EXPECT_TRUE(std::isnan(utility.f1_rarer.value));
  EXPECT_FALSE(host::to_json(utility).contains("rarer_class"));
}

TEST(Utility, OfANumberIsRSquaredInItsOwnUnits) {
  ComparedTables tables = class_tables(true, true);
  const auto fill = [](host::RecordSet& records, std::uint64_t stream) {
    const auto noise = bells(stream, static_cast<std::size_t>(records.rows));
    std::vector<double> cost(noise.size());
    for (std::size_t i = 0; i < cost.size(); ++i)
      cost[i] = 1e7 + 1e5 * (records.columns[0].numbers[i] + 0.5 * noise[i]);
    cost[3] = kHole;
    return cost;
  };
  add_numbers(tables, "cost", fill(tables.real, 1), fill(tables.synthetic, 2), fill(*tables.held_out, 3));
  const Utility utility = measure_utility(tables, {.target = "cost", .threads = 2, .explained_rows = 100});
  EXPECT_FALSE(utility.is_class);
  EXPECT_GT(utility.real_on_held_out.r2, 0.6);
  EXPECT_LT(utility.real_on_held_out.r2, 0.82);  // no model knows the noise: 1 / (1 + 0.25) is the most
  EXPECT_NEAR(utility.r2.value, 1, 0.15);
  EXPECT_EQ(utility.held_out.used, 599);
  EXPECT_EQ(utility.held_out.without_target, 1);
  EXPECT_TRUE(std::isnan(utility.auc.value));
  EXPECT_FALSE(host::to_json(utility)["shares"].contains("auc"));
}

TEST(Utility, WithoutHeldOutRowsAFifthIsTakenOut) {
  const Utility utility = measure_utility(class_tables(true, false),
                                          {.target = "sick", .seed = 4, .threads = 2, .explained_rows = 100});
  EXPECT_EQ(utility.real.used, 720);
  EXPECT_EQ(utility.held_out.used, 180);
  EXPECT_EQ(utility.synthetic.used, 800);
  ASSERT_EQ(utility.notes.size(), 1u);
  EXPECT_NE(host::to_text(utility).find("a fifth of the real rows"), std::string::npos);
  const Utility again =
      measure_utility(class_tables(true, false), {.target = "sick", .seed = 4, .explained_rows = 100});
  EXPECT_EQ(host::to_json(again), host::to_json(utility));  // threads change nothing
  const Utility other =
      measure_utility(class_tables(true, false), {.target = "sick", .seed = 5, .explained_rows = 100});
  EXPECT_NE(host::to_json(other), host::to_json(utility));
}

TEST(Utility, ALostOrOneSidedTargetTeachesNothing) {
  ComparedTables tables = class_tables(true, true);
  tables.synthetic.columns[1].levels.assign(800, ComparedCells::kNone);
  const Utility lost = measure_utility(tables, {.target = "sick", .explained_rows = 100});
  EXPECT_EQ(lost.synthetic_on_held_out.auc, 0.5);
  EXPECT_EQ(lost.synthetic_on_held_out.f1_rarer, 0);
  EXPECT_TRUE(std::isnan(lost.real_on_synthetic.auc));
  EXPECT_TRUE(std::isnan(lost.column_ranks));
  EXPECT_EQ(lost.synthetic.without_target, 800);
  EXPECT_EQ(lost.notes.size(), 1u);

  tables.synthetic.columns[1].levels.assign(800, 0);
  const Utility one_class = measure_utility(tables, {.target = "sick", .explained_rows = 100});
  EXPECT_EQ(one_class.synthetic_on_held_out.auc, 0.5);
  EXPECT_EQ(one_class.synthetic_on_held_out.f1_rarer, 0);
  EXPECT_EQ(one_class.f1_rarer.value, 0);
}

TEST(Utility, LevelsThatTheRealTableLacksAreAClassOfTheirOwn) {
  ComparedTables tables = class_tables(true, true);
  tables.columns[1].levels.push_back("perhaps");
  for (std::size_t i = 0; i < 800; i += 2) tables.synthetic.columns[1].levels[i] = 2;
  const Utility utility = measure_utility(tables, {.target = "sick", .explained_rows = 100});
  EXPECT_EQ(utility.classes, (std::vector<std::string>{"no", "yes", "(rarer ones)"}));
  EXPECT_EQ(utility.rarer, 1);
  EXPECT_GT(utility.synthetic_on_held_out.auc, 0.6);
  EXPECT_LT(utility.synthetic_on_held_out.accuracy,
            0.7);  // half of its guesses are no class of the real table
}

TEST(Utility, RareClassesArePooled) {
  ComparedTables tables;
  std::vector<std::int32_t> levels;
  for (std::int32_t level = 0; level < 14; ++level)
    levels.insert(levels.end(), static_cast<std::size_t>(level < 12 ? 20 - level : 2), level);
  add_levels(tables, "code", std::vector<std::string>(14, "x"), levels, levels);
  add_numbers(tables, "y", bells(1, levels.size()), bells(2, levels.size()));
  const host::Target target = host::find_target(tables, "code");
  ASSERT_EQ(target.count(), 10);
  EXPECT_EQ(target.class_of_level[8], 8);
  EXPECT_EQ(target.class_of_level[9], 9);
  EXPECT_EQ(target.class_of_level[13], 9);
  EXPECT_EQ(target.classes[9], "(rarer ones)");
}

template <class E>
void expect_refused(const ComparedTables& tables, const std::string& target, const std::string& text) {
  try {
    measure_utility(tables, {.target = target});
    FAIL() << target << " was taken";
  } catch (const E& error) {
    EXPECT_NE(std::string(error.what()).find(text), std::string::npos) << error.what();
  }
}

TEST(Utility, TargetsThatCannotBeForetoldAreRefused) {
  ComparedTables tables = class_tables(true, true);
  tables.left_out = {"patient"};
  expect_refused<ConfigurationError>(tables, "weight",
                                     "no column of the real table; can be: 'a', 'sick', 'b', 'c'");
  expect_refused<ConfigurationError>(tables, "patient", "identifier");
  tables.real.columns[0] = number_cells(std::vector<double>(900, 3));
  expect_refused<DataError>(tables, "a",
                            "has one value, or none, in the real table; can be: 'sick', 'b', 'c'");
  for (std::size_t i = 0; i < 900; ++i) tables.real.columns[1].levels[i] = i < 3 ? 1 : ComparedCells::kNone;
  tables.real.columns[1].levels[3] = 0;
  expect_refused<DataError>(tables, "sick", "no two values with 5 or more rows");
  ComparedTables alone;
  add_numbers(alone, "x", bells(1, 20), bells(2, 20));
  expect_refused<ConfigurationError>(alone, "x", "no other column");
}

}  // namespace utility_test
}  // namespace agon::test
