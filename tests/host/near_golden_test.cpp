// Distances, coverage, copies, attacks and inference against numpy and scikit-learn
// (tests/golden/make_near.py).
#include <gtest/gtest.h>

#include "host/evaluate/distances/coverage.hpp"
#include "host/evaluate/privacy/attack_power.hpp"
#include "host/evaluate/privacy/attribute_inference.hpp"
#include "host/evaluate/privacy/copies.hpp"
#include "host/evaluate/privacy/membership.hpp"
#include "tests/host/near_tables.hpp"

namespace agon::test {
namespace near_golden_test {

constexpr double kClose = 1e-9;

struct NearGolden : testing::Test {
  host::ComparedTables tables = near_golden_tables();
  host::DistanceTables points = host::distance_tables(tables);
  host::RowSearch search{Device::cpu(2), points.space};
};

void expect_coverage(const host::CoverageFigures& figures, const nlohmann::json& golden) {
  EXPECT_NEAR(figures.alpha_precision, golden.at("alpha_precision").get<double>(), kClose);
  EXPECT_NEAR(figures.beta_recall, golden.at("beta_recall").get<double>(), kClose);
  EXPECT_NEAR(figures.authenticity, golden.at("authenticity").get<double>(), kClose);
  EXPECT_NEAR(figures.density, golden.at("density").get<double>(), kClose);
  EXPECT_NEAR(figures.coverage, golden.at("coverage").get<double>(), kClose);
}

TEST_F(NearGolden, Coverage) {
  const nlohmann::json& golden = near_golden().at("coverage");
  const auto of = [&](const host::DistanceRows& made) {
    return host::coverage_figures(search, points.space, points.real, made);
  };
  expect_coverage(of(points.synthetic), golden.at("synthetic"));
  expect_coverage(of(*points.held_out), golden.at("held_out"));
  expect_coverage(of(points.real), golden.at("copied"));
}

TEST_F(NearGolden, DistancesAreThoseOfOneHotRows) {
  const nlohmann::json& golden = near_golden().at("squared_distances");
  for (std::int64_t i = 0; i < 12; ++i) {
    for (std::int64_t j = 0; j < 12; ++j) {
      const host::DistanceRows a = part(points.real, points.space, {i}),
                               b = part(points.synthetic, points.space, {j});
      EXPECT_NEAR(search.nearest(a, b).squared[0], golden[i][j].get<double>(), kClose) << i << ' ' << j;
    }
  }
}

void expect_copies(const host::CopyRates& rates, const nlohmann::json& golden) {
  EXPECT_EQ(rates.exact.hits, golden.at("exact").get<std::int64_t>());
  EXPECT_EQ(rates.exact_rare.hits, golden.at("exact_rare").get<std::int64_t>());
  EXPECT_EQ(rates.near.hits, golden.at("near").get<std::int64_t>());
  EXPECT_EQ(rates.near_rare.hits, golden.at("near_rare").get<std::int64_t>());
}

TEST_F(NearGolden, Copies) {
  const nlohmann::json& golden = near_golden().at("copies");
  const host::Copies copies = host::find_copies(search, tables, points);
  EXPECT_NEAR(copies.near_distance, golden.at("synthetic").at("near_distance").get<double>(), kClose);
  EXPECT_NEAR(copies.rare_distance, golden.at("synthetic").at("rare_distance").get<double>(), kClose);
  EXPECT_EQ(copies.rare_rows, golden.at("synthetic").at("rare_rows").get<std::int64_t>());
  expect_copies(copies.synthetic, golden.at("synthetic"));
  ASSERT_TRUE(copies.held_out);
  expect_copies(*copies.held_out, golden.at("held_out"));
}

TEST_F(NearGolden, ClosestRecords) {
  const nlohmann::json& golden = near_golden().at("closest");
  const auto closest = host::closest_records(search, points);
  ASSERT_TRUE(closest);
  EXPECT_EQ(closest->rows, 90);
  EXPECT_NEAR(closest->share, golden.at("share").get<double>(), kClose);
  EXPECT_NEAR(closest->ratio_median, golden.at("ratio_median").get<double>(), kClose);
  EXPECT_NEAR(closest->ratio_median_held_out, golden.at("ratio_median_held_out").get<double>(), kClose);
  EXPECT_NEAR(closest->fifth_percentile, golden.at("fifth_percentile").get<double>(), kClose);
  EXPECT_NEAR(closest->fifth_percentile_held_out, golden.at("fifth_percentile_held_out").get<double>(),
              kClose);
}

host::MembershipGame golden_game() {
  const nlohmann::json& golden = near_golden().at("game");
  host::MembershipGame game;
  game.members = golden.at("members").get<std::vector<std::int64_t>>();
  game.others = golden.at("others").get<std::vector<std::int64_t>>();
  game.reference = golden.at("reference").get<std::vector<std::int64_t>>();
  for (std::int64_t i = 0; i < 100; ++i) game.synthetic.push_back(i);
  return game;
}

TEST_F(NearGolden, AttacksAndTheirPower) {
  const nlohmann::json& golden = near_golden().at("attacks");
  const auto attacks = host::distance_attacks(search, points, golden_game());
  ASSERT_EQ(attacks.size(), golden.size());
  for (const host::AttackScores& attack : attacks) {
    SCOPED_TRACE(attack.name);
    const nlohmann::json& of = golden.at(attack.name);
    const auto members = of.at("members").get<std::vector<double>>(),
               others = of.at("others").get<std::vector<double>>();
    ASSERT_EQ(attack.members.size(), members.size());
    ASSERT_EQ(attack.others.size(), others.size());
    const double close = attack.name == "kernel" ? 1e-5 : kClose;  // exponents to -87, in float
    for (std::size_t i = 0; i < members.size(); ++i) EXPECT_NEAR(attack.members[i], members[i], close);
    for (std::size_t i = 0; i < others.size(); ++i) EXPECT_NEAR(attack.others[i], others[i], close);
    const host::AttackFigures figures = host::attack_figures({attack.name, members, others});
    EXPECT_NEAR(figures.auc, of.at("power")[0].get<double>(), kClose);
    EXPECT_NEAR(figures.found_at_1, of.at("power")[1].get<double>(), kClose);
    EXPECT_NEAR(figures.found_at_10, of.at("power")[2].get<double>(), kClose);
  }
}

TEST_F(NearGolden, AttributeInference) {
  const nlohmann::json& golden = near_golden().at("inference");
  const auto inference = host::infer_attributes(Device::cpu(1), tables, points);
  ASSERT_TRUE(inference);
  ASSERT_EQ(inference->columns.size(), golden.size());
  for (const host::ColumnInference& column : inference->columns) {
    SCOPED_TRACE(column.column);
    const nlohmann::json& of = golden.at(column.column);
    EXPECT_EQ(column.risk.attack.hits, of.at("attack").get<std::int64_t>());
    EXPECT_EQ(column.risk.control.hits, of.at("control").get<std::int64_t>());
    EXPECT_NEAR(column.risk.risk, of.at("risk")[0].get<double>(), kClose);
    EXPECT_NEAR(column.risk.interval.low, of.at("risk")[1].get<double>(), kClose);
    EXPECT_NEAR(column.risk.interval.high, of.at("risk")[2].get<double>(), kClose);
  }
}

}  // namespace near_golden_test
}  // namespace agon::test
