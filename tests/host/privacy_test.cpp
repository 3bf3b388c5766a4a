// Privacy by construction: generators that memorise, held-out rows in the synthetic rows' place, none at all.
#include "host/evaluate/privacy/privacy.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "host/evaluate/distances/row_search.hpp"
#include "host/evaluate/privacy/privacy_report.hpp"
#include "kernels/error.hpp"
#include "tests/host/near_tables.hpp"

namespace agon::test {
namespace privacy_test {

host::Privacy privacy_of(const host::ComparedTables& tables, std::uint64_t seed = 1, int threads = 2) {
  host::PrivacyOptions options;
  options.set_seed(seed);
  return host::measure_privacy(Device::cpu(threads), tables, host::distance_tables(tables), options);
}

bool contains(const host::Interval& interval, double value) {
  return interval.low <= value && value <= interval.high;
}

TEST(Privacy, OfAMemorisingGeneratorIsNone) {
  const host::RecordSet real = patients(1000, 1);
  for (const double noise : {0.0, 0.01}) {
    SCOPED_TRACE(noise);
    const host::Privacy privacy =
        privacy_of(patient_tables(real, memorised(real, 1000, 3, noise), patients(600, 2)));
    ASSERT_TRUE(privacy.membership);
    // A bootstrap holds 1 - 1/e of the rows: those are found.
    EXPECT_GT(privacy.membership->greatest.auc, 0.75);
    EXPECT_GT(privacy.membership->greatest.found_at_1, 0.5);
    EXPECT_TRUE(privacy.membership->found());
    EXPECT_LT(privacy.membership->by_chance.auc, 0.58);
    EXPECT_LT(privacy.membership->p_value.auc, 0.01);
    for (const host::AttackPower& attack : privacy.membership->attacks)
      EXPECT_GT(attack.auc.low, 0.5) << attack.name;
    EXPECT_GT(privacy.copies.synthetic.near.share, noise == 0 ? 0.99 : 0.5);
    EXPECT_EQ(privacy.copies.synthetic.exact.share, noise == 0 ? 1 : 0);
    ASSERT_TRUE(privacy.inference);
    EXPECT_GT(privacy.inference->columns[privacy.inference->worst].risk.interval.low, 0.2);
    ASSERT_TRUE(privacy.singling_out);
    if (noise > 0) continue;  // moved numbers select another row, or none
    EXPECT_GT(privacy.singling_out->combinations.interval.low, 0);
  }
}

TEST(Privacy, OfOtherRowsIsWhatChanceLeaves) {
  int covered = 0;  // of 18 intervals, of which one of twenty is to miss
  for (const unsigned seed : {10u, 20u, 30u}) {
    SCOPED_TRACE(seed);
    const host::Privacy privacy = privacy_of(
        patient_tables(patients(1000, seed), patients(1000, seed + 1), patients(600, seed + 2)), seed);
    ASSERT_TRUE(privacy.membership);
    for (const host::AttackPower& attack : privacy.membership->attacks) {
      EXPECT_LT(std::abs(attack.figures.auc - 0.5), 0.08) << attack.name;  // 3.4 standard errors
      covered += contains(attack.auc, 0.5);
    }
    EXPECT_FALSE(privacy.membership->found());
    EXPECT_EQ(privacy.copies.synthetic.exact.hits, 0);
    EXPECT_NEAR(static_cast<double>(privacy.copies.rare_rows), 100, 2);  // some are as far as the quantile
    EXPECT_TRUE(contains(privacy.copies.held_out->near.interval, privacy.copies.synthetic.near.share));
    EXPECT_LT(privacy.inference->columns[privacy.inference->worst].risk.interval.low, 0.03);
    EXPECT_TRUE(contains(privacy.singling_out->combinations.interval, 0));
    EXPECT_NEAR(privacy.closest->share, 0.5, 0.06);
  }
  EXPECT_GE(covered, 14);
}

TEST(Privacy, CountsCopiesOfRareRowsApart) {
  host::RecordSet real = patients(500, 4);
  real.columns[0].numbers[7] = 400;  // far from all others
  host::RecordSet synthetic = patients(500, 5);
  const auto copy_row = [&](std::int64_t from, std::int64_t to) {
    for (std::size_t c = 0; c < real.columns.size(); ++c) {
      synthetic.columns[c].levels[to] = real.columns[c].levels[from];
      if (!real.columns[c].numbers.empty()) synthetic.columns[c].numbers[to] = real.columns[c].numbers[from];
    }
  };
  const host::ComparedTables before = patient_tables(real, synthetic, {});
  EXPECT_EQ(privacy_of(before).copies.synthetic.exact_rare.hits, 0);
  copy_row(7, 3);
  copy_row(7, 4);
  const host::Copies copies = privacy_of(patient_tables(real, synthetic, {})).copies;
  EXPECT_EQ(copies.synthetic.exact.hits, 2);
  EXPECT_EQ(copies.synthetic.exact_rare.hits, 2);
  EXPECT_EQ(copies.rare_rows_copied, 1);
  EXPECT_GE(copies.synthetic.near_rare.hits, 2);
  EXPECT_FALSE(copies.held_out);
}

// Of 1, 1, 5, 9: "at least 9", "5" and "9" select one row; "at most 1" selects two and is no predicate.
TEST(Privacy, SinglesOutByValuesThatOneRowHas) {
  const auto table = [](std::vector<double> numbers) {
    host::RecordSet records{static_cast<std::int64_t>(numbers.size()), {{}, {}}};
    records.columns[0].levels.assign(numbers.size(), host::ComparedCells::kNumber);
    records.columns[1].levels.assign(numbers.size(), 0);
    records.columns[0].numbers = std::move(numbers);
    return records;
  };
  host::ComparedTables tables;
  tables.columns = {{"x", host::ComparedColumn::Kind::number, {}, 0, true},
                    {"y", host::ComparedColumn::Kind::nominal, {"a"}, 1, true}};
  tables.synthetic = table({1, 1, 5, 9});
  tables.real = table({9, 5, 5, 2});
  tables.held_out = table({10, 3, 4, 20});
  const auto found = host::single_out(tables);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->values.attack.hits, 2);  // "at least 9" and "9", not "5"
  EXPECT_EQ(found->values.attack.of, 3);
  EXPECT_EQ(found->values.control.hits, 0);
}

TEST(Privacy, SaysWhatIsMissingWithoutHeldOutRows) {
  const host::Privacy privacy = privacy_of(patient_tables(patients(100, 1), patients(100, 2), {}));
  EXPECT_FALSE(privacy.membership || privacy.inference || privacy.singling_out || privacy.closest);
  ASSERT_EQ(privacy.missing.size(), 1u);
  EXPECT_NE(privacy.missing[0].find("held-out"), std::string::npos);
  const auto json = host::to_json(privacy);
  EXPECT_TRUE(json.at("membership").is_null());
  EXPECT_TRUE(json.at("copies").at("held_out").is_null());
  EXPECT_NE(host::to_text(privacy).find("not measured: membership"), std::string::npos);
}

TEST(Privacy, IsTheSameAtEveryNumberOfThreads) {
  const host::RecordSet real = patients(300, 1);
  const host::ComparedTables tables = patient_tables(real, memorised(real, 300, 3), patients(200, 2));
  const std::string once = host::to_json(privacy_of(tables, 5, 1)).dump();
  EXPECT_EQ(once, host::to_json(privacy_of(tables, 5, 3)).dump());
  EXPECT_NE(once, host::to_json(privacy_of(tables, 6, 1)).dump());
}

TEST(Privacy, JudgesMoreAttacksBesideItsOwn) {
  const host::ComparedTables tables = patient_tables(patients(200, 1), patients(200, 2), patients(100, 3));
  const host::DistanceTables points = host::distance_tables(tables);
  const host::AttackScores knows{"oracle", std::vector<double>(50, 1.0), std::vector<double>(50, 0.0)};
  const host::Privacy privacy = host::measure_privacy(Device::cpu(1), tables, points, {}, {knows});
  ASSERT_EQ(privacy.membership->attacks.size(), 7u);
  EXPECT_EQ(privacy.membership->best, "oracle");
  EXPECT_EQ(privacy.membership->greatest.auc, 1);
  EXPECT_EQ(privacy.membership->greatest.found_at_1, 1);
}

TEST(Privacy, ReportNamesEveryAttackAndColumn) {
  const host::RecordSet real = patients(300, 1);
  const host::Privacy privacy = privacy_of(patient_tables(real, memorised(real, 300, 3), patients(200, 2)));
  const auto json = host::to_json(privacy);
  EXPECT_EQ(json.at("membership").at("attacks").size(), 6u);
  EXPECT_EQ(json.at("attribute_inference").at("columns").size(), 5u);
  EXPECT_EQ(json.at("copies").at("synthetic").at("exact").at("share"), 1);
  const std::string text = host::to_text(privacy);
  for (const char* const word : {"distance", "ratio", "density", "kernel", "ball", "neighbourhood",
                                 "by chance", "pressure", "DCR share", "rare real rows"})
    EXPECT_NE(text.find(word), std::string::npos) << word;
}

}  // namespace privacy_test
}  // namespace agon::test
