// Regions of a table that hold too many or too few synthetic rows.
#include "host/evaluate/models/regions.hpp"

#include <gtest/gtest.h>

#include "host/evaluate/models/bin_conditions.hpp"
#include "tests/host/compared_case.hpp"

namespace agon::test {
namespace regions_test {

using namespace compared_case;
using host::find_regions;
using host::Regions;

Regions regions_of(const ComparedTables& tables) {
  std::vector<std::size_t> which;
  for (std::size_t c = 0; c < tables.columns.size(); ++c) which.push_back(c);
  return find_regions(tables, host::pair_up(tables.real, tables.synthetic, 3, 1), which);
}

/// Neither column differs by itself: old women are few in the real table alone.
ComparedTables tables_with_a_region(std::size_t rows, bool spoilt) {
  ComparedTables tables;
  std::vector<double> age[2];
  std::vector<std::int32_t> sex[2];
  for (const std::size_t t : {0u, 1u}) {
    const auto ages = drawn(1 + 10 * t, rows, 60), sexes = drawn(2 + 10 * t, rows, 2);
    for (std::size_t i = 0; i < rows; ++i) {
      const bool old = ages[i] >= 40;
      age[t].push_back(20.37 + ages[i]);
      sex[t].push_back(t == 1 && spoilt ? sexes[i] : old ? 1 : sexes[i] == 0 && i % 2 == 0);
    }
  }
  add_numbers(tables, "noise", bells(5, rows), bells(6, rows));
  add_numbers(tables, "age", age[0], age[1]);
  add_levels(tables, "sex", {"f", "m"}, sex[0], sex[1]);
  return tables;
}

TEST(Regions, AreFoundAndJudgedOnOtherRows) {
  const ComparedTables tables = tables_with_a_region(3000, true);
  const Regions found = regions_of(tables);
  ASSERT_FALSE(found.worst.empty());
  EXPECT_EQ(found.real_rows, 1000);
  bool of_old_women = false;
  for (const host::Region& region : found.worst) {
    EXPECT_EQ(region.words.find(".37"), std::string::npos) << region.words;  // round ends
    EXPECT_EQ(region.words.find("noise"), std::string::npos) << region.words;
    EXPECT_LE(region.p, 0.01);
    if (region.words.find("or more and sex 'f'") == std::string::npos) continue;
    of_old_women = true;
    EXPECT_EQ(region.real_share, 0);
    EXPECT_NEAR(region.synthetic_share, 1.0 / 6, 0.04);
  }
  EXPECT_TRUE(of_old_women) << to_text(found);
  EXPECT_EQ(host::to_json(found)["worst"][0]["words"], found.worst[0].words);
}

TEST(Regions, ChanceIsNone) {
  for (const std::size_t rows : {200u, 2000u}) {
    const Regions found = regions_of(tables_with_a_region(rows, false));
    EXPECT_TRUE(found.worst.empty()) << to_text(found);
  }
  EXPECT_EQ(regions_of(tables_with_a_region(1, false)).leaves, 0);
}

TEST(Regions, ConditionsInWords) {
  ComparedTables tables;
  add_numbers(tables, "x", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, kHole, kHole},
              {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, kHole, 4});
  const host::NamedBins bins =
      host::named_bins(tables.columns[0], tables.real.columns[0], tables.synthetic.columns[0], {});
  const auto words = [&](std::size_t first, std::size_t end, bool others) {
    host::BinSet set(bins.names.size(), others);
    for (std::size_t b = 0; b < bins.ranges; ++b) set[b] = b >= first && b < end;
    return host::condition_in_words("x", bins, set);
  };
  EXPECT_EQ(words(0, 2, false), "x below " + bins.ends[1]);
  EXPECT_EQ(words(2, bins.ranges, true), "x " + bins.ends[1] + " or more, or no number");
  EXPECT_EQ(words(1, 3, false), "x from " + bins.ends[0] + " to below " + bins.ends[2]);
  EXPECT_EQ(words(0, bins.ranges, false), "x with a value");
  EXPECT_EQ(words(0, 0, true), "x no value");
  add_levels(tables, "ward", {"a", "b", "c"},
             std::vector<std::int32_t>{0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2}, drawn(1, 13, 2));
  const host::NamedBins wards =
      host::named_bins(tables.columns[1], tables.real.columns[1], tables.synthetic.columns[1], {});
  ASSERT_EQ(wards.names,
            (std::vector<std::string>{"'a'", "'b'", "another value", "no value"}));  // c: three people
  EXPECT_EQ(host::condition_in_words("ward", wards, {true, false, false, false}), "ward 'a'");
  EXPECT_EQ(host::condition_in_words("ward", wards, {false, true, true, true}), "ward not 'a'");
}

}  // namespace regions_test
}  // namespace agon::test
