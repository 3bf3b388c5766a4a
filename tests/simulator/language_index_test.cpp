// Where threads are, and what shared memory they have: against loops over the launch's shape.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/simulator/language_kernels.hpp"
#include "tests/simulator/language_orders.hpp"

namespace agon::simulator::language {
namespace {

struct Extents {
  Index blocks, threads;
};

/// Calls `visit` with x fastest.
template <class Visit>
void visit_all(const Index& extent, const Visit& visit) {
  for (unsigned z = 0; z < extent.z; ++z)
    for (unsigned y = 0; y < extent.y; ++y)
      for (unsigned x = 0; x < extent.x; ++x) visit(Index{x, y, z});
}

TEST(LanguageIndex, EveryThreadRunsOnceAndKnowsItsPlace) {
  const Extents all[] = {{{1, 1, 1}, {1, 1, 1}},    {{3, 2, 2}, {5, 3, 2}},  {{2, 1, 3}, {7, 5, 1}},
                         {{33, 1, 1}, {31, 1, 1}},  {{1, 4, 1}, {33, 1, 1}}, {{1, 1, 5}, {1, 1, 64}},
                         {{2, 1, 1}, {1024, 1, 1}}, {{1, 3, 1}, {16, 8, 8}}, {{40, 3, 1}, {2, 2, 2}}};
  for (const auto& [blocks, threads] : all) {
    const std::vector<Place> told = in_every_order([&] { return places(blocks, threads); });
    std::size_t i = 0;
    visit_all(blocks, [&](const Index& block) {
      visit_all(threads, [&](const Index& thread) {
        ASSERT_LT(i, told.size());
        const Place& place = told[i++];
        ASSERT_TRUE(place.thread == thread && place.block == block) << "place " << i - 1;
        ASSERT_TRUE(place.threads == threads && place.blocks == blocks);
        ASSERT_EQ(place.runs, 1u);
      });
    });
    EXPECT_EQ(i, told.size());
  }
}

TEST(LanguageShared, VariablesHaveTheirSizeAndPlace) {
  std::vector<Extent> extents = in_every_order([] { return shared_layout(); });
  const std::vector<unsigned long long> bytes{1, 3 * 5 * 4, 800, 7 * 8, 16};
  ASSERT_EQ(extents.size(), bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_EQ(extents[i].bytes, bytes[i]) << i;
    EXPECT_EQ(extents[i].begin % 16, 0u) << i;
  }
  std::sort(extents.begin(), extents.end(),
            [](const Extent& a, const Extent& b) { return a.begin < b.begin; });
  for (std::size_t i = 1; i < extents.size(); ++i)
    EXPECT_LE(extents[i - 1].begin + extents[i - 1].bytes, extents[i].begin);
}

TEST(LanguageShared, EachInstanceAndEachBlockHasItsOwn) {
  for (const unsigned threads : {1u, 31u, 33u, 64u}) {
    const unsigned blocks = 5;
    const std::vector<double> out = in_every_order([&] { return shared_instances(blocks, threads); });
    for (unsigned i = 0; i < blocks * threads; ++i) {
      const double v = 100.0 * (i / threads) + (threads - 1 - i % threads);
      EXPECT_EQ(out[4 * i], v);
      EXPECT_EQ(out[4 * i + 1], -v);
      EXPECT_EQ(out[4 * i + 2], v + 0.5);
      EXPECT_EQ(out[4 * i + 3], 2 * v + 3);
    }
  }
}

TEST(LanguageShared, DynamicMemoryIsAsLargeAsTheLaunchSays) {
  for (const std::size_t share : {std::size_t{1}, std::size_t{63}, std::size_t{1024}, std::size_t{40000}}) {
    const unsigned blocks = 3;
    std::vector<float> values(share * blocks);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 8191);
    const std::vector<float> out = in_every_order([&] { return reversed_in_dynamic_shared(values, blocks); });
    for (std::size_t i = 0; i < values.size(); ++i)
      ASSERT_EQ(out[i], values[i / share * share + share - 1 - i % share] + 3) << i;
  }
}

}  // namespace
}  // namespace agon::simulator::language
