// Barriers of blocks, clusters and grids, and the ranks of threads in them.
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "tests/simulator/language_kernels.hpp"
#include "tests/simulator/language_orders.hpp"

namespace agon::simulator::language {
namespace {

unsigned volume(const Index& extent) { return extent.x * extent.y * extent.z; }
Index position(unsigned linear, const Index& extent) {
  return {linear % extent.x, linear / extent.x % extent.y, linear / (extent.x * extent.y)};
}
unsigned rank_in(const Index& at, const Index& extent) { return at.x + extent.x * (at.y + extent.y * at.z); }

struct Extents {
  Index blocks, threads, cluster;
};

void expect_ranks(const Extents& e) {
  const std::vector<Ranks> all = in_every_order([&] { return ranks(e.blocks, e.threads, e.cluster); });
  const unsigned threads = volume(e.threads), in_cluster = volume(e.cluster);
  ASSERT_EQ(all.size(), std::size_t{threads} * volume(e.blocks));
  for (unsigned i = 0; i < all.size(); ++i) {
    const Index block = position(i / threads, e.blocks);
    const Index inner{block.x % e.cluster.x, block.y % e.cluster.y, block.z % e.cluster.z};
    const Ranks& told = all[i];
    EXPECT_EQ(told.thread_in_block, i % threads);
    EXPECT_EQ(told.block_size, threads);
    EXPECT_EQ(told.block_in_grid, i / threads);
    EXPECT_EQ(told.grid_blocks, volume(e.blocks));
    EXPECT_EQ(told.thread_in_grid, i);
    EXPECT_EQ(told.grid_size, all.size());
    EXPECT_EQ(told.block_in_cluster, rank_in(inner, e.cluster)) << i;
    EXPECT_EQ(told.cluster_blocks, in_cluster);
    EXPECT_EQ(told.thread_in_cluster, rank_in(inner, e.cluster) * threads + i % threads);
    EXPECT_EQ(told.cluster_size, in_cluster * threads);
    EXPECT_EQ(told.group_index, block);
    EXPECT_EQ(told.thread_index, position(i % threads, e.threads));
  }
}

TEST(LanguageGroups, RanksAndSizes) {
  expect_ranks({{1, 1, 1}, {1, 1, 1}, {1, 1, 1}});
  expect_ranks({{3, 2, 2}, {5, 3, 2}, {1, 1, 1}});
  expect_ranks({{8, 1, 1}, {33, 1, 1}, {4, 1, 1}});
  expect_ranks({{4, 6, 2}, {7, 2, 1}, {2, 3, 1}});
  expect_ranks({{2, 2, 4}, {3, 1, 3}, {1, 2, 4}});
}

/// What passed_round() says, in one loop over circles of `n`.
std::vector<unsigned> round_by_loop(std::vector<unsigned> values, std::size_t n, int rounds) {
  for (int round = 0; round < rounds; ++round) {
    const std::vector<unsigned> old = values;
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] =
          3 * old[i / n * n + (i % n + 1 + static_cast<unsigned>(round)) % n] + static_cast<unsigned>(round);
  }
  return values;
}

std::vector<unsigned> some_values(std::size_t count) {
  std::mt19937 random(7);
  std::vector<unsigned> values(count);
  for (unsigned& value : values) value = static_cast<unsigned>(random());
  return values;
}

void expect_round(Circle circle, unsigned blocks, unsigned threads, unsigned cluster, std::size_t n,
                  int rounds) {
  const std::vector<unsigned> values = some_values(std::size_t{blocks} * threads);
  EXPECT_EQ(in_every_order([&] { return passed_round(circle, values, threads, cluster, rounds); }),
            round_by_loop(values, n, rounds))
      << blocks << " x " << threads << ", " << cluster << " in a cluster";
}

TEST(LanguageBarriers, OfABlock) {
  for (const Circle circle : {Circle::block, Circle::group, Circle::vote})
    for (const unsigned threads : {1u, 2u, 31u, 32u, 33u, 128u})
      expect_round(circle, 3, threads, 1, threads, 41);
}

TEST(LanguageBarriers, OfACluster) {
  for (const unsigned cluster : {1u, 2u, 3u, 8u})
    for (const unsigned threads : {1u, 33u}) {
      expect_round(Circle::cluster, 2 * cluster, threads, cluster, std::size_t{threads} * cluster, 20);
    }
}

TEST(LanguageBarriers, OfAGrid) {
  for (const unsigned blocks : {1u, 2u, 7u, 16u})
    for (const unsigned threads : {1u, 33u}) {
      expect_round(Circle::grid, blocks, threads, 1, std::size_t{threads} * blocks, 20);
      expect_round(Circle::grid, blocks, threads, 1, std::size_t{threads} * blocks, 21);
    }
}

TEST(LanguageBarriers, Vote) {
  std::mt19937 random(3);
  for (const unsigned threads : {1u, 31u, 32u, 33u, 100u, 257u}) {
    const unsigned rounds = 24;
    std::vector<int> predicates(std::size_t{threads} * rounds);
    for (unsigned i = 0; i < predicates.size(); ++i) {
      const unsigned density = i / threads % 6;  // none, few, ..., all
      predicates[i] = random() % 5 < density ? static_cast<int>(random() % 9) - 12 : 0;
    }
    const std::vector<Votes> votes = in_every_order([&] { return block_votes(predicates, threads); });
    for (unsigned i = 0; i < predicates.size(); ++i) {
      int set = 0;
      for (unsigned t = 0; t < threads; ++t) set += predicates[i / threads * threads + t] != 0 ? 1 : 0;
      ASSERT_EQ(votes[i].count, set);
      ASSERT_EQ(votes[i].all != 0, set == static_cast<int>(threads));
      ASSERT_EQ(votes[i].any != 0, set != 0);
    }
  }
}

TEST(LanguageCluster, ReadsTheSharedMemoryOfEveryRank) {
  for (const unsigned cluster : {1u, 2u, 5u, 8u}) {
    const std::vector<unsigned> values = some_values(std::size_t{64} * cluster * 3);
    const std::vector<unsigned> sums = in_every_order([&] { return cluster_sums(values, cluster); });
    for (unsigned i = 0; i < sums.size(); ++i) {
      unsigned sum = 0;
      for (unsigned rank = 0; rank < cluster; ++rank)
        sum += 11 * values[(i / 64 / cluster * cluster + rank) * 64 + i % 64];
      ASSERT_EQ(sums[i], sum) << i;
    }
  }
}

}  // namespace
}  // namespace agon::simulator::language
