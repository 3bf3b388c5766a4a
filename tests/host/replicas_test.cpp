// Several trainings in one run: what each is, what none of them sees, and which is kept.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>

#include "engine/checkpoint/checkpoint.hpp"
#include "host/cli/commands.hpp"
#include "host/run/held_out.hpp"
#include "host/run/replica_table.hpp"
#include "host/run/run_folder.hpp"
#include "host/table/csv.hpp"
#include "host/table/scaling.hpp"
#include "kernels/error.hpp"
#include "tests/engine/snapshots.hpp"
#include "tests/temporary_folder.hpp"

namespace agon::host {
namespace replicas_test {

constexpr int kReplicas = 3;
constexpr std::int64_t kRows = 60, kEpochs = 6, kBatch = 8;

/// No value occurs twice.
Table some_table(std::int64_t rows = kRows) {
  std::string text = "a,b\n";
  std::mt19937 engine(3);
  for (std::int64_t i = 0; i < rows; ++i) {
    const auto noise = static_cast<std::int64_t>(engine() % 100);
    text += std::to_string(1000 * i + noise) + "," + std::to_string(5000 * (rows - i) + 7 * noise) + ".25\n";
  }
  return parse_csv(text, "some");
}

std::multiset<double> values_of(const Table& table) { return {table.values.begin(), table.values.end()}; }

GanConfig small_config(std::uint64_t seed) {
  GanConfig config;
  config.generator.widths = {4, 16, 2};
  config.discriminator.widths = {2, 16, 1};
  config.batch = kBatch;
  config.seed = seed;
  return config;
}

/// agon train on the table, kReplicas from seed 5 up.
RunFolder trained(const test::TemporaryFolder& folder, const Table& table, std::string_view name,
                  int threads) {
  write_csv(folder / "table.csv", table);
  TrainOptions options;
  options.table = (folder / "table.csv").string();
  options.out = (folder / name).string();
  options.quiet = true;
  options.recipe = "article";
  options.flags = {{"generator.hidden", "16"},
                   {"discriminator.hidden", "16"},
                   {"generator.latent", "4"},
                   {"training.batch", std::to_string(kBatch)},
                   {"training.epochs", std::to_string(kEpochs)},
                   {"training.seed", "5"},
                   {"training.replicas", std::to_string(kReplicas)},
                   {"device.name", "cpu"},
                   {"device.threads", std::to_string(threads)}};
  EXPECT_EQ(train(options), 0);
  return RunFolder::open(folder / name);
}

TEST(HoldOut, PartsTheTable) {
  const Table table = some_table();
  const Split split = hold_out(table, 0.25, 1);
  EXPECT_EQ(split.held_out.rows, 15);
  EXPECT_EQ(split.training.rows, 45);
  std::multiset<double> all = values_of(split.training), held = values_of(split.held_out);
  all.insert(held.begin(), held.end());
  EXPECT_EQ(all, values_of(table));
  for (const Table* part : {&split.training, &split.held_out}) {
    for (std::int64_t i = 1; i < part->rows; ++i)
      EXPECT_LT(part->at(i - 1, 0), part->at(i, 0));  // in its order
    Table fresh = *part;
    compute_statistics(fresh.values, fresh.columns);
    EXPECT_EQ(fresh.columns, part->columns);
  }
}

TEST(HoldOut, IsDrawnFromTheSeed) {
  const Table table = some_table();
  const auto held = [&](std::uint64_t seed) { return hold_out(table, 0.25, seed).held_out.values; };
  EXPECT_EQ(held(1), held(1));
  EXPECT_NE(held(1), held(2));
  std::multiset<double> ever;  // every row's turn comes: 60 rows, a quarter in 100 draws
  for (std::uint64_t seed = 0; seed < 100; ++seed)
    ever.merge(values_of(hold_out(table, 0.25, seed).held_out));
  EXPECT_EQ(std::set<double>(ever.begin(), ever.end()).size(), table.values.size());
  EXPECT_EQ(ever.size(), std::size_t{100 * 15 * 2});
}

TEST(HoldOut, AtLeastTenWhereThereAreTwenty) {
  const auto held = [](std::int64_t rows, double share) {
    return hold_out(some_table(rows), share, 1).held_out.rows;
  };
  EXPECT_EQ(held(60, 0.01), 10);
  EXPECT_EQ(held(20, 0.01), 10);
  EXPECT_EQ(held(12, 0.01), 6);
  EXPECT_EQ(held(4, 0.01), 2);
  EXPECT_EQ(held(60, 0.9), 54);
  EXPECT_THROW(held(3, 0.01), DataError);
  EXPECT_THROW(held(10, 0.9), DataError);  // one left to learn from
}

Table normal_table(std::int64_t rows, std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> normal;
  Table table{std::vector<Column>(3), rows, {}};
  for (std::int64_t i = 0; i < 3 * rows; ++i) table.values.push_back(normal(engine));
  compute_statistics(table.values, table.columns);
  return table;
}

/// Ten held-out rows lie far from whatever they were drawn from: where that is the rows' doing, fresh rows of
/// the same distribution are not to blame, while a single point is.
TEST(HoldOut, FewRowsDoNotMakeAPerfectGeneratorFar) {
  int blamed = 0, far = 0, point_far = 0;
  constexpr int kTables = 20;
  for (std::uint64_t seed = 0; seed < kTables; ++seed) {
    const Split split = hold_out(normal_table(40, seed), 0.25, seed);
    const std::vector<Column>& columns = split.training.columns;
    const Table& held_out = split.held_out;
    HeldOutJudge judge(Device::cpu(1), standardise(Table{columns, held_out.rows, held_out.values}), 3, seed);
    const double floor = judge.score(standardise(split.training)).sliced_wasserstein;
    const Table fresh = normal_table(1000, 1000 + seed);
    const HeldOutScore perfect = judge.score(standardise(Table{columns, fresh.rows, fresh.values}));
    blamed += perfect.sliced_wasserstein > HeldOutScore::kFar;
    far += perfect.far(floor);
    point_far += judge.score(std::vector<float>(3)).far(floor);
  }
  EXPECT_GE(blamed, kTables / 5);
  EXPECT_EQ(far, 0);
  EXPECT_GE(point_far, kTables * 9 / 10);
}

TEST(HoldOut, WhatIsNotFiniteIsFar) {
  EXPECT_TRUE((HeldOutScore{NAN, NAN, NAN}.far(0.5)));
  EXPECT_FALSE((HeldOutScore{0.3, 0, 1}.far(0.5)));
  EXPECT_FALSE((HeldOutScore{0.59, 0, 1}.far(0)));
  EXPECT_TRUE((HeldOutScore{0.61, 0, 1}.far(0)));
}

class ReplicasOnThreads : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Threads, ReplicasOnThreads, testing::Values(1, 2),
                         testing::PrintToStringParamName());

/// With no more threads than replicas each has one.
TEST_P(ReplicasOnThreads, EachIsATrainingOfItsOwn) {
  const test::TemporaryFolder folder;
  const Table table = some_table();
  const RunFolder run = trained(folder, table, "run", GetParam());
  const Split split = hold_out(table, 0.1, 5);
  const std::vector<float> rows = standardise(split.training);
  const std::uint64_t steps = run.checkpoint_steps().front();
  EXPECT_EQ(steps, static_cast<std::uint64_t>((kEpochs * split.training.rows + kBatch - 1) / kBatch));
  for (std::uint64_t seed = 5; seed < 5 + kReplicas; ++seed) {
    Gan alone(small_config(seed), Device::cpu(1));
    alone.set_data(rows, split.training.rows);
    alone.train(steps);
    const Checkpoint own = read_checkpoint(run.checkpoint(steps, replica_suffix(seed)));
    EXPECT_EQ(own.config.seed, seed);
    test::expect_same_bits(own.snapshot, alone.snapshot());
    const Table samples = read_csv(run.samples(steps, replica_suffix(seed)));
    EXPECT_EQ(samples.values, restore(alone.sample(samples.rows, seed), split.training.columns));
  }
}

TEST(Replicas, BestByTheDistanceFromTheHeldOutRows) {
  const test::TemporaryFolder folder;
  const Table table = some_table();
  const RunFolder run = trained(folder, table, "run", 1);
  const FoundCheckpoint found = run.newest();
  const ReplicaTable results = stored_replicas(found.checkpoint, "found");
  ASSERT_EQ(results.replicas.size(), std::size_t{kReplicas});
  const Split split = hold_out(table, 0.1, 5);
  HeldOutScore best{NAN, NAN, NAN};
  for (const ReplicaResult& result : results.replicas) {
    const Checkpoint own =
        read_checkpoint(run.checkpoint(found.checkpoint.snapshot.step, replica_suffix(result.seed)));
    Gan gan(own.config, Device::cpu(1));
    gan.restore(own.snapshot);
    const std::vector<float> held =
        standardise(Table{split.training.columns, split.held_out.rows, split.held_out.values});
    HeldOutScorer scorer(Device::cpu(1), held, 2, 5);
    const HeldOutScore score = scorer.score(gan.sample(scorer.rows(), 5));
    EXPECT_EQ(result.score.sliced_wasserstein, score.sliced_wasserstein);
    EXPECT_EQ(result.score.mmd, score.mmd);
    EXPECT_EQ(read_scores(run.scores(replica_suffix(result.seed)), 1000).back().score.mmd, score.mmd);
    EXPECT_EQ(result.score.spread, score.spread);
    if (is_better(score, best)) best = score;
  }
  const ReplicaResult& chosen = results.replicas[static_cast<std::size_t>(results.best())];
  EXPECT_EQ(chosen.score.sliced_wasserstein, best.sliced_wasserstein);
  EXPECT_EQ(found.checkpoint.config.seed, chosen.seed);
  EXPECT_EQ(test::content_of(run.replicas()), to_csv(results));
}

/// Other held-out rows change the scores and nothing that is learnt.
TEST(Replicas, LearnNothingFromHeldOutRows) {
  const test::TemporaryFolder folder;
  Table table = some_table();
  const RunFolder before = trained(folder, table, "before", 1);
  const std::multiset<double> held = values_of(hold_out(table, 0.1, 5).held_out);
  for (double& value : table.values)
    if (held.contains(value)) value = 1e6 - 3 * value;
  compute_statistics(table.values, table.columns);
  const RunFolder after = trained(folder, table, "after", 1);
  const std::uint64_t step = before.checkpoint_steps().front();
  for (std::uint64_t seed = 5; seed < 5 + kReplicas; ++seed) {
    const std::string suffix = replica_suffix(seed);
    EXPECT_EQ(test::content_of(before.checkpoint(step, suffix)),
              test::content_of(after.checkpoint(step, suffix)));
    EXPECT_EQ(test::content_of(before.stats(suffix)), test::content_of(after.stats(suffix)));
    EXPECT_EQ(test::content_of(before.samples(step, suffix)), test::content_of(after.samples(step, suffix)));
  }
  EXPECT_NE(test::content_of(before.replicas()), test::content_of(after.replicas()));
}

/// One that diverges, and one that is ended, leave the others' bits alone.
TEST(Replicas, AreOutOfItWhereTheyDivergeOrEnd) {
  const std::vector<float> rows = standardise(some_table());
  Gan gan(small_config(1), Device::cpu(1), {}, 4);
  gan.set_data(rows, kRows);
  gan.train(10);
  std::vector<float> broken = gan.parameter("discriminator.0.bias", 1);
  broken[0] = std::numeric_limits<float>::quiet_NaN();
  gan.set_parameter("discriminator.0.bias", broken, 1);
  gan.end(2);
  const Gan::Snapshot ended = gan.snapshot(2);
  gan.train(10);
  EXPECT_EQ((std::vector<bool>{gan.diverged(0), gan.diverged(1), gan.diverged(2), gan.diverged(3)}),
            (std::vector<bool>{false, true, true, false}));
  test::expect_same_bits(gan.snapshot(2), ended);
  EXPECT_EQ(gan.statistics(10, 2).size(), 0u);
  for (const int replica : {0, 3}) {
    Gan alone(small_config(1 + static_cast<std::uint64_t>(replica)), Device::cpu(1));
    alone.set_data(rows, kRows);
    alone.train(20);
    test::expect_same_bits(gan.snapshot(replica), alone.snapshot());
  }
  gan.restore(ended, 2);
  EXPECT_FALSE(gan.diverged(2));
}

ReplicaTable some_results() {
  ReplicaTable table{0.1, {{}, 60, "0123456789abcdef"}, {}};
  table.replicas.push_back({7, {1.0 / 3, 0.5, 0.75}, false, {90, 0.1f, 1.0f / 3, 0.5f, 0.25f}});
  table.replicas.push_back(
      {8, {std::nan(""), std::nan(""), std::nan("")}, true, {41, std::nanf(""), 2, 1, 0}});
  table.replicas.push_back({9, {0.25, -0.125, 1}, false, {90, 1, 1, 1, 1}});
  return table;
}

TEST(ReplicaTable, Csv) {
  EXPECT_EQ(to_csv(some_results()),
            "seed,held_out_wasserstein,held_out_mmd,held_out_spread,step,discriminator_loss,generator_loss,"
            "probability_real,"
            "probability_fake,"
            "diverged,chosen\n"
            "7,0.3333333333333333,0.5,0.75,90,0.1,0.33333334,0.5,0.25,0,0\n"
            "8,,,,41,,2,1,0,1,0\n"
            "9,0.25,-0.125,1,90,1,1,1,1,0,1\n");
  ReplicaTable critics = some_results();
  critics.objective = kernels::Objective::wasserstein;
  EXPECT_TRUE(to_csv(critics).starts_with(
      "seed,held_out_wasserstein,held_out_mmd,held_out_spread,step,discriminator_loss,generator_"
      "loss,logit_real,logit_fake,diverged,chosen\n"));
}

TEST(ReplicaTable, BestIsTheFirstOfTheLeast) {
  ReplicaTable table = some_results();
  EXPECT_EQ(table.best(), 2);
  table.replicas[0].score.sliced_wasserstein = 0.25;
  EXPECT_EQ(table.best(), 0);
  table.replicas[0].score.spread = 0.2;  // nearer, but collapsed
  table.replicas[0].score.sliced_wasserstein = 0.125;
  EXPECT_EQ(table.best(), 2);
  table.replicas[2].score.spread = 0.2;
  EXPECT_EQ(table.best(), 0);
  table.replicas[1].score.sliced_wasserstein = 0.1;  // diverged: not in it whatever it has
  EXPECT_EQ(table.best(), 0);
  for (ReplicaResult& replica : table.replicas) replica.diverged = true;
  EXPECT_EQ(table.best(), -1);
}

TEST(ReplicaTable, TheWayThroughACheckpointKeepsAll) {
  Checkpoint checkpoint;
  EXPECT_TRUE(stored_replicas(checkpoint, "x").replicas.empty());
  store(some_results(), checkpoint);
  const ReplicaTable back = stored_replicas(checkpoint, "x");
  EXPECT_EQ(to_csv(back), to_csv(some_results()));
  EXPECT_EQ(back.held_out, 0.1);
  EXPECT_EQ(back.whole.rows, 60);
  EXPECT_EQ(back.whole.fingerprint, "0123456789abcdef");
  std::string& text = checkpoint.metadata["replicas"];
  const std::string good = text;
  for (const std::string& bad :
       {std::string("x"), std::string("{}"), std::string("[]"), good.substr(1),
        std::string(R"({"held_out":0.1,"rows":60,"fingerprint":"","replicas":[]})")}) {
    text = bad;
    EXPECT_THROW(stored_replicas(checkpoint, "x"), DataError) << bad;
  }
}

}  // namespace replicas_test
}  // namespace agon::host
