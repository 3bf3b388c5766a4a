// Trainings side by side, and batches that go through in parts.
#include <gtest/gtest.h>

#include <limits>

#include "engine/gan/gan.hpp"
#include "kernels/error.hpp"
#include "tests/engine/on_device.hpp"
#include "tests/engine/snapshots.hpp"
#include "tests/engine/trained_gan.hpp"

namespace agon {
namespace gan_replicas_test {

using test::expect_same_bits, test::ready, test::trained, test::worst_distance;

GanConfig config_of(std::uint64_t seed) {
  GanConfig config;
  config.generator = {{5, 17, 24, 3}, 0.2f};
  config.discriminator = {{3, 20, 18, 1}, 0.2f};
  config.batch = 22;
  config.seed = seed;
  return config;
}

class GanReplicas : public test::EngineOnDevice {};
INSTANTIATE_TEST_SUITE_P(Devices, GanReplicas, testing::ValuesIn(test::test_devices()),
                         [](const auto& device) { return device.param.name(); });

TEST_P(GanReplicas, AreTrainingsOfTheirOwn) {
  const Gan side_by_side = trained(config_of(40), device(), 9, 3);
  for (int r = 0; r < 3; ++r) {
    SCOPED_TRACE(r);
    const Gan alone = trained(config_of(40 + static_cast<std::uint64_t>(r)), device(), 9);
    expect_same_bits(side_by_side.snapshot(r), alone.snapshot());
    EXPECT_EQ(side_by_side.sample(20, 5, r), alone.sample(20, 5));
    const auto mine = side_by_side.statistics(0, r), its = alone.statistics();
    ASSERT_EQ(mine.size(), its.size());
    for (std::size_t i = 0; i < mine.size(); ++i) {
      EXPECT_EQ(mine[i].step, its[i].step);
      EXPECT_EQ(mine[i].discriminator_loss, its[i].discriminator_loss);
      EXPECT_EQ(mine[i].generator_loss, its[i].generator_loss);
    }
  }
}

TEST_P(GanReplicas, OfRecordsDrawFromOneTable) {
  GanConfig config = test::records_config();
  const Gan side_by_side = trained(config, device(), 5, 2);
  for (int r = 0; r < 2; ++r) {
    config.seed = test::records_config().seed + static_cast<std::uint64_t>(r);
    const Gan alone = trained(config, device(), 5);
    expect_same_bits(side_by_side.snapshot(r), alone.snapshot());
    EXPECT_EQ(side_by_side.sample_scores({3, 20}, 5, r), alone.sample_scores({3, 20}, 5));
  }
}

TEST_P(GanReplicas, AreTheSameHoweverTheyAreLaunched) {
  const Gan by_operation =
      trained(config_of(3), device(), 7, 2, {.steps_per_launch = LoopOptions::kByOperation});
  const Gan repeated = trained(config_of(3), device(), 7, 2, {.unroll = 2});
  for (int r = 0; r < 2; ++r) expect_same_bits(by_operation.snapshot(r), repeated.snapshot(r));
}

TEST_P(GanReplicas, ThatDivergeLeaveTheOthersAlone) {
  const std::vector<float> infinite(18, std::numeric_limits<float>::infinity());
  for (const int one : {0, 1}) {  // the first, too: the others must not be asked to go on as it is
    Gan gan = trained(config_of(8), device(), 4, 3);
    gan.set_parameter("discriminator.1.bias", infinite, one);
    EXPECT_EQ(gan.train(6), 6u);
    EXPECT_EQ(gan.statistics(0, one).back().step, 5u);
    EXPECT_EQ(gan.train(3), 3u);
    for (const int r : {0, 1, 2}) {
      EXPECT_EQ(gan.diverged(r), r == one);
      const GanConfig its = config_of(8 + static_cast<std::uint64_t>(r));
      if (r != one) expect_same_bits(gan.snapshot(r), trained(its, device(), 13).snapshot());
    }
  }
}

TEST_P(GanReplicas, OneThatIsEndedStandsStillUntilItIsRestored) {
  Gan gan = trained(config_of(4), device(), 4, 2);
  const Gan::Snapshot kept = gan.snapshot(1);
  gan.end(1);
  EXPECT_TRUE(gan.diverged(1));
  EXPECT_EQ(gan.train(3), 3u);
  EXPECT_EQ(gan.statistics(0, 1).back().step, 4u);
  gan.restore(kept, 1);
  EXPECT_FALSE(gan.diverged(1));
  EXPECT_EQ(gan.train(3), 3u);
  expect_same_bits(gan.snapshot(1), trained(config_of(5), device(), 7).snapshot());
  expect_same_bits(gan.snapshot(0), trained(config_of(4), device(), 10).snapshot());
}

TEST_P(GanReplicas, GoOnFromTheirSnapshots) {
  const Gan whole = trained(config_of(5), device(), 8, 2);
  const Gan half = trained(config_of(5), device(), 4, 2);
  Gan rest = ready(config_of(5), device(), 2);
  for (int r = 0; r < 2; ++r) rest.restore(half.snapshot(r), r);
  EXPECT_EQ(rest.train(4), 4u);
  for (int r = 0; r < 2; ++r) expect_same_bits(rest.snapshot(r), whole.snapshot(r));
}

TEST_P(GanReplicas, RefuseNumbersThatAreNone) {
  EXPECT_THROW(Gan(config_of(1), device(), {}, 0), ConfigurationError);
  const Gan gan(config_of(1), device(), {}, 2);
  EXPECT_THROW(gan.snapshot(2), ConfigurationError);
  EXPECT_THROW(gan.statistics(0, -1), ConfigurationError);
}

/// The state at the start of the step at which a copy was last made and whose losses were finite.
TEST_P(GanReplicas, GoBackToTheLastGoodState) {
  Gan gan = trained(config_of(6), device(), 3);
  gan.set_parameter("generator.1.bias", std::vector<float>(24, std::numeric_limits<float>::quiet_NaN()));
  EXPECT_EQ(gan.train(5), 1u);  // counted, though it diverged
  EXPECT_TRUE(gan.diverged());
  EXPECT_EQ(gan.steps(), 0u);
  EXPECT_EQ(gan.statistics().back().step, 4u);
  const Gan fresh(config_of(6), device());
  expect_same_bits(gan.snapshot(), fresh.snapshot());
  EXPECT_EQ(gan.train(5), 0u);
}

std::vector<HealthSample> health_of(const Gan& gan, int replica = 0) {
  return gan.health_samples(0, replica);
}

void expect_same_health(const std::vector<HealthSample>& a, const std::vector<HealthSample>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].spread_mean, b[i].spread_mean);
    EXPECT_EQ(a[i].shift_most, b[i].shift_most);
    EXPECT_EQ(a[i].distance, b[i].distance);
  }
}

/// What only replicas with tables of their own have: a deviation (of the penalty around real rows) and a
/// reference of health.
TEST_P(GanReplicas, WithTablesOfTheirOwnAreTrainingsOfTheirOwn) {
  GanConfig config = config_of(60);
  config.penalties.dragan = 1;
  std::vector<std::vector<float>> tables;
  for (unsigned r = 0; r < 3; ++r) tables.push_back(test::normal_numbers(test::kRows * 3, 90 + r));
  for (float& value : tables[2]) value *= 3;
  const std::uint64_t steps = device().kind() == DeviceKind::cpu ? 66 : 6;  // a sample of health is at 64
  Gan side_by_side(config, device(), {.unroll = 3}, 3);
  side_by_side.set_data_of_each(tables, test::kRows);
  EXPECT_EQ(side_by_side.train(steps), steps);
  for (int r = 0; r < 3; ++r) {
    SCOPED_TRACE(r);
    config.seed = 60 + static_cast<std::uint64_t>(r);
    Gan alone(config, device(), {.unroll = 3});
    alone.set_data(tables[static_cast<std::size_t>(r)], test::kRows);
    EXPECT_EQ(alone.train(steps), steps);
    expect_same_bits(side_by_side.snapshot(r), alone.snapshot());
    expect_same_health(health_of(side_by_side, r), health_of(alone));
  }
}

/// Records, with conditions: codes, ranks, the levels' shares and their rows are each replica's.
TEST_P(GanReplicas, WithRecordsOfTheirOwnAreTrainingsOfTheirOwn) {
  for (const GanConfig& of : {test::records_config(), test::ctgan_config()}) {
    GanConfig config = of;
    std::vector<CodedRows> tables;
    for (unsigned r = 0; r < 2; ++r)
      tables.push_back(test::coded_rows(config.generator.records, test::kRows, 30 + r));
    Gan side_by_side(config, device(), {.unroll = 2}, 2);
    side_by_side.set_data_of_each(tables);
    EXPECT_EQ(side_by_side.train(4), 4u);
    for (int r = 0; r < 2; ++r) {
      config.seed = of.seed + static_cast<std::uint64_t>(r);
      Gan alone(config, device(), {.unroll = 2});
      alone.set_data(tables[static_cast<std::size_t>(r)]);
      EXPECT_EQ(alone.train(4), 4u);
      expect_same_bits(side_by_side.snapshot(r), alone.snapshot());
    }
  }
}

TEST_P(GanReplicas, RefuseTablesThatAreNotAlike) {
  Gan numbers(config_of(1), device(), {}, 2);
  EXPECT_THROW(numbers.set_data_of_each(std::vector(1, std::vector<float>(9)), 3), DataError);
  EXPECT_THROW(numbers.set_data_of_each(std::vector{std::vector<float>(9), std::vector<float>(12)}, 3),
               DataError);
  const GanConfig config = test::records_config();
  Gan records(config, device(), {}, 2);
  const CodedRows one = test::coded_rows(config.generator.records, 20, 1);
  const CodedRows longer = test::coded_rows(config.generator.records, 21, 1);
  CodedRows other = one;
  other.cumulative[3] += 0.01f;
  EXPECT_THROW(records.set_data_of_each(std::vector{one, longer}), DataError);
  EXPECT_THROW(records.set_data_of_each(std::vector{one, other}), DataError);
}

class MicroBatches : public GanReplicas {};
INSTANTIATE_TEST_SUITE_P(Devices, MicroBatches, testing::ValuesIn(test::test_devices()),
                         [](const auto& device) { return device.param.name(); });

TEST_P(MicroBatches, AddUpToTheBatch) {
  const Gan whole = trained(config_of(9), device(), 6);
  for (const std::int64_t rows : {4, 8, 12}) {
    SCOPED_TRACE(rows);
    GanConfig config = config_of(9);
    config.micro_batch = rows;
    const Gan parts = trained(config, device(), 6);
    EXPECT_LE(worst_distance(parts.snapshot(), whole.snapshot()), 1e-5);
    EXPECT_GT(worst_distance(parts.snapshot(), Gan(config, device()).snapshot()), 1e-4);
    const auto mine = parts.statistics(), its = whole.statistics();
    ASSERT_EQ(mine.size(), its.size());
    for (std::size_t i = 0; i < mine.size(); ++i) {
      EXPECT_NEAR(mine[i].discriminator_loss, its[i].discriminator_loss, 1e-5);
      EXPECT_NEAR(mine[i].generator_loss, its[i].generator_loss, 1e-5);
      EXPECT_NEAR(mine[i].output_fake, its[i].output_fake, 1e-5);
    }
    Gan refusing(config, device());
    EXPECT_THROW(refusing.step(std::vector<float>(66), std::vector<float>(220)), ConfigurationError);
  }
}

TEST_P(MicroBatches, WorkForNetworksOfOneLayer) {
  GanConfig config = config_of(11);
  config.generator.widths = {5, 3};
  config.discriminator.widths = {3, 1};
  const Gan whole = trained(config, device(), 5);
  config.micro_batch = 8;
  const Gan parts = trained(config, device(), 5, 2);
  EXPECT_LE(worst_distance(parts.snapshot(), whole.snapshot()), 1e-5);
}

}  // namespace gan_replicas_test
}  // namespace agon
