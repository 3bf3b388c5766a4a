// Warp collectives against the CUDA C++ Programming Guide's sentences, written as loops.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

#include "tests/simulator/language_kernels.hpp"
#include "tests/simulator/language_orders.hpp"

namespace agon::simulator::language {
namespace {

constexpr Shuffle kKinds[] = {Shuffle::indexed, Shuffle::up, Shuffle::down, Shuffle::crossed};

/// The lane whose value `lane` gets. Source: CUDA C++ Programming Guide, "Warp Shuffle Functions".
int source_of(Shuffle kind, int lane, int argument, int width) {
  const int first = lane - lane % width, small = argument % kArguments;
  if (kind == Shuffle::indexed) return first + argument % width;
  if (kind == Shuffle::up) return lane - small < first ? lane : lane - small;
  if (kind == Shuffle::down) return lane + small >= first + width ? lane : lane + small;
  int other = 0;
  for (int bit = 1; bit < 32; bit *= 2)
    if ((lane / bit % 2 == 1) != (small / bit % 2 == 1)) other += bit;
  return other / width > lane / width ? lane : other;  // later groups' lanes are out of reach
}

template <class T>
std::vector<T> random_values(std::size_t count) {
  std::mt19937 random(11);
  std::vector<T> values(count);
  for (T& value : values) {
    unsigned char bytes[sizeof(T)];
    for (unsigned char& byte : bytes) byte = static_cast<unsigned char>(random() % 120 + 1);  // no NaN
    std::memcpy(&value, bytes, sizeof value);
  }
  return values;
}

template <class T>
bool same_bits(const T& a, const T& b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

template <class T>
class LanguageShuffle : public ::testing::Test {};
using Types = ::testing::Types<signed char, float, double, Four>;
TYPED_TEST_SUITE(LanguageShuffle, Types);

TYPED_TEST(LanguageShuffle, OfAllWidthsAndDistances) {
  const std::vector<TypeParam> values = random_values<TypeParam>(32);
  for (const Shuffle kind : kKinds) {
    const std::vector<TypeParam> out = in_every_order([&] { return shuffles(kind, values); });
    std::size_t i = 0;
    for (int width = 1; width <= 32; width *= 2)
      for (int argument = 0; argument < 2 * kArguments; ++argument)
        for (int lane = 0; lane < 32; ++lane)
          ASSERT_TRUE(same_bits(out[i++], values[source_of(kind, lane, argument, width)]))
              << "kind " << static_cast<int>(kind) << ", width " << width << ", argument " << argument
              << ", lane " << lane;
    EXPECT_EQ(i, out.size());
  }
}

template <class T>
void expect_tile_shuffles(unsigned width) {
  const std::vector<T> values = random_values<T>(96);
  for (const Shuffle kind : kKinds) {
    const std::vector<T> out = in_every_order([&] { return tile_shuffles(kind, values, width); });
    for (std::size_t i = 0; i < out.size(); ++i) {
      const std::size_t thread = i % values.size(), warp = thread / 32 * 32;
      const int own = static_cast<int>(i / values.size());
      const int argument = kind == Shuffle::crossed ? own % static_cast<int>(width) : own;
      const int from = source_of(kind, static_cast<int>(thread % 32), argument, static_cast<int>(width));
      ASSERT_TRUE(same_bits(out[i], values[warp + static_cast<std::size_t>(from)]))
          << width << ", place " << i;
    }
  }
}

TEST(LanguageTiles, Shuffle) {
  for (const unsigned width : {1u, 2u, 4u, 8u, 16u, 32u}) {
    expect_tile_shuffles<float>(width);
    expect_tile_shuffles<Four>(width);
  }
}

std::vector<unsigned> some_masks() {
  std::vector<unsigned> masks{1u, 0x80000000u, 0x0000ffffu, 0x55555555u, 0xfffffffeu, 0xffffffffu};
  std::mt19937 random(5);
  for (int i = 0; i < 8; ++i) masks.push_back(static_cast<unsigned>(random()) | 1u);
  return masks;
}

/// The lanes of the warp that are on the lane's side of the mask.
std::vector<int> together(unsigned mask, int lane) {
  std::vector<int> lanes;
  for (int other = 0; other < 32; ++other)
    if ((mask >> other & 1) == (mask >> lane & 1)) lanes.push_back(other);
  return lanes;
}

TEST(LanguageMasks, ShuffleAmongSomeLanes) {
  std::mt19937 random(9);
  for (const unsigned mask : some_masks()) {
    std::vector<int> values(32), sources(32), wanted(32);
    for (int& value : values) value = static_cast<int>(random());
    for (int lane = 0; lane < 32; ++lane) {
      const std::vector<int> lanes = together(mask, lane);
      sources[lane] = lanes[random() % lanes.size()];
      wanted[lane] = values[sources[lane]];
    }
    EXPECT_EQ(in_every_order([&] { return masked_shuffle(mask, values, sources); }), wanted) << mask;
  }
}

/// Votes, matches and reductions, one lane's partners after the other.
Collected collect_by_loop(const std::vector<unsigned>& values, const std::vector<int>& lanes, unsigned warp,
                          unsigned value) {
  Collected c{};
  c.all = 1;
  c.least = c.both = ~0u;
  c.signed_least = 0x7fffffff;
  c.signed_greatest = -0x7fffffff - 1;
  for (const int lane : lanes) {
    if (warp + static_cast<unsigned>(lane) >= values.size()) continue;
    const unsigned other = values[warp + static_cast<unsigned>(lane)], bit = 1u << lane;
    const int number = static_cast<int>(other);
    if ((other & 6) != 0) c.ballot |= bit;
    if ((other & 4) != 0) c.any = 1;
    if ((other & 9) == 0) c.all = 0;
    if (other % 5 == value % 5) c.same |= bit;
    if (other % 3 == value % 3) c.same_float |= bit;
    if (other % 7 == value % 7) c.same_long |= bit;
    c.add += other;
    c.least = std::min(c.least, other);
    c.greatest = std::max(c.greatest, other);
    c.both &= other | 0x00ff00ffu;
    c.either |= other & 0x0ff00ff0u;
    c.odd ^= other;
    c.signed_add += number / 256 - (number % 256 < 0 ? 1 : 0);
    c.signed_least = std::min(c.signed_least, number);
    c.signed_greatest = std::max(c.signed_greatest, number);
  }
  return c;
}

void expect_equal(Collected a, const Collected& b) {
  EXPECT_EQ(a.any != 0, b.any != 0);
  EXPECT_EQ(a.all != 0, b.all != 0);
  a.any = b.any;
  a.all = b.all;
  EXPECT_EQ(std::memcmp(&a, &b, sizeof a), 0);
}

TEST(LanguageMasks, VotesMatchesAndReductions) {
  std::mt19937 random(13);
  for (const unsigned mask : some_masks()) {
    for (const std::size_t threads : {32u, 64u, 72u}) {
      std::vector<unsigned> values(threads);
      const unsigned sparse = random() % 2 == 0 ? ~0u : 0xfffffff0u;
      for (unsigned& value : values) value = static_cast<unsigned>(random()) & sparse;
      const std::vector<Collected> out = in_every_order([&] { return collected(mask, values); });
      for (unsigned i = 0; i < threads; ++i)
        expect_equal(out[i], collect_by_loop(values, together(mask, static_cast<int>(i % 32)), i / 32 * 32,
                                             values[i]));
    }
  }
}

TEST(LanguageMasks, WarpBarriersOrderTheirLanes) {
  const std::vector<unsigned> masks = some_masks();
  const std::vector<unsigned> out = in_every_order([&] { return passed_in_masks(masks); });
  std::vector<unsigned> values(32);
  for (unsigned lane = 0; lane < 32; ++lane) values[lane] = lane;
  for (std::size_t round = 0; round < masks.size(); ++round) {
    const std::vector<unsigned> old = values;
    for (int lane = 0; lane < 32; ++lane) {
      const std::vector<int> lanes = together(masks[round], lane);
      const auto above = std::upper_bound(lanes.begin(), lanes.end(), lane);
      values[lane] = 3 * old[above == lanes.end() ? lanes.front() : *above] + 1;
      ASSERT_EQ(out[32 * round + static_cast<unsigned>(lane)], values[lane]) << round << ", lane " << lane;
    }
  }
}

TEST(LanguageTiles, RanksVotesAndBarriers) {
  for (const unsigned width : {1u, 2u, 4u, 8u, 16u, 32u}) {
    const std::size_t threads = width <= 8 ? 104 : 96;
    std::vector<unsigned> values = random_values<unsigned>(threads);
    const std::vector<TilePlace> out = in_every_order([&] { return tile_places(values, width); });
    for (unsigned i = 0; i < threads; ++i) {
      const unsigned first = i - i % width;
      unsigned ballot = 0, any = 0, all = 1;
      for (unsigned k = 0; k < width; ++k) {
        const unsigned value = values[first + k];
        if ((value & 2) != 0) ballot |= 1u << k;
        if ((value & 12) == 12) any = 1;
        if ((value & 12) == 0) all = 0;
      }
      const TilePlace wanted{i % width,
                             width,
                             width,
                             i / width,
                             ballot,
                             values[first + (i + 1 - first) % width],
                             static_cast<int>(any),
                             static_cast<int>(all)};
      ASSERT_TRUE(same_bits(out[i], wanted)) << "width " << width << ", thread " << i;
    }
  }
}

}  // namespace
}  // namespace agon::simulator::language
