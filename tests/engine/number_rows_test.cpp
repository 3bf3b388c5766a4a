// A training table of numbers: what is refused, and what is said of one that is not standardised.
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "engine/gan/gan.hpp"
#include "engine/gan/number_rows.hpp"
#include "tests/engine/error_of.hpp"
#include "tests/engine/trained_gan.hpp"

namespace agon {
namespace number_rows_test {

using Texts = std::vector<std::string>;

constexpr std::int64_t kWidth = 3;
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

Gan small_gan(int replicas = 1) {
  GanConfig config;
  config.generator.widths = {4, 8, kWidth};
  config.discriminator.widths = {kWidth, 8, 1};
  config.batch = 8;
  return Gan(config, Device::cpu(1), {}, replicas);
}

std::vector<float> table_with(std::size_t place, float value) {
  std::vector<float> table = test::normal_numbers(60 * kWidth, 1);
  table[place] = value;
  return table;
}

TEST(NumberRows, OfNumbersThatAreNotFiniteAreRefusedByRowAndColumn) {
  Gan gan = small_gan();
  gan.set_data(table_with(0, 0), 60);
  for (const auto& [place, value, text] :
       {std::tuple{std::size_t{0}, kNan, "row 1, column 1 (counted from 1) is NaN"},
        {std::size_t{16}, kInfinity, "row 6, column 2 (counted from 1) is infinite"},
        {std::size_t{179}, -kInfinity, "row 60, column 3 (counted from 1) is minus infinite"}}) {
    const std::vector<float> table = table_with(place, value);
    EXPECT_EQ(test::error_of([&] { gan.set_data(table, 60); }),
              std::string("the training table: ") + text + "; fill it, or leave the row or the column out");
  }
  EXPECT_EQ(gan.train(3), 3u);  // on the table before
  std::vector<float> both = table_with(7, kInfinity);
  both[10] = -kInfinity;  // their sum is NaN
  EXPECT_EQ(test::error_of([&] { gan.set_data(both, 60); }).find("the training table: row 3, column 2"), 0u);
}

TEST(NumberRows, OfAReplicaAreRefusedByItsNumber) {
  Gan gan = small_gan(2);
  const std::vector tables{table_with(0, 0), table_with(4, kNan)};
  EXPECT_EQ(test::error_of([&] {
              gan.set_data_of_each(tables, 60);
            }).find("the training table of replica 1: row 2, column 2"),
            0u);
}

TEST(NumberRows, AreKnownWhereTheyAreNotStandardised) {
  Gan gan = small_gan();
  EXPECT_EQ(gan.warnings(), Texts{});
  std::vector<float> table = test::normal_numbers(60 * kWidth, 1);
  gan.set_data(table, 60);
  EXPECT_EQ(gan.warnings(), Texts{});
  for (std::size_t i = 1; i < table.size(); i += kWidth) table[i] = i % 2 ? 110.0f : 130.0f;
  gan.set_data(table, 60);
  EXPECT_EQ(
      gan.warnings(),
      Texts{"the training table: 1 of 3 columns are not standardised, column 2 (counted from 1) the least: "
            "mean 120, deviation 10; subtract each column's mean and divide by its deviation"});
  for (float& value : table) value *= 1e-3f;
  gan.set_data(table, 60);
  EXPECT_EQ(gan.warnings().size(), 1u);
  EXPECT_NE(gan.warnings()[0].find("3 of 3 columns"), std::string::npos);
  gan.set_data(test::normal_numbers(60 * kWidth, 2), 60);
  EXPECT_EQ(gan.warnings(), Texts{});
}

TEST(NumberRows, OfOneValueNeedNoDeviation) {
  const std::vector<float> zeros(100, 0.0f), ones(100, 1.0f), far(100, 7.3f);
  EXPECT_EQ(check_number_rows("t", zeros, 1), "");
  EXPECT_EQ(check_number_rows("t", ones, 1), "");
  EXPECT_EQ(
      check_number_rows("t", far, 1),
      "t: 1 of 1 column is not standardised, column 1 (counted from 1) the least: mean 7.3, deviation 0; "
      "subtract each column's mean and divide by its deviation");
}

TEST(NumberRows, OfExtremeFloatsAreNoError) {
  constexpr float kLargest = std::numeric_limits<float>::max();
  EXPECT_NE(check_number_rows("t", std::vector<float>{kLargest, -kLargest, kLargest, kLargest}, 1), "");
  EXPECT_NE(check_number_rows("t", std::vector<float>{1e-40f, -1e-40f}, 1), "");
}

}  // namespace number_rows_test
}  // namespace agon
