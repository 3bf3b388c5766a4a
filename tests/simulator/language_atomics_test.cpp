// Atomics under contention, and memory handed on by fences and flags.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <random>
#include <stdexcept>
#include <vector>

#include "tests/simulator/language_kernels.hpp"
#include "tests/simulator/language_orders.hpp"
#include "tests/simulator/needs_checker.hpp"

namespace agon::simulator::language {
namespace {

/// What an atomic leaves. Source: CUDA C++ Programming Guide, "Arithmetic Functions", "Bitwise Functions".
template <class T>
T left_by(Atomic word, T old, T value) {
  switch (word) {
    case Atomic::add:
      return static_cast<T>(old + value);
    case Atomic::exchange:
      return value;
    case Atomic::least:
      return std::min(old, value);
    case Atomic::greatest:
      return std::max(old, value);
    default:
      break;
  }
  if constexpr (std::is_integral_v<T>) {
    if (word == Atomic::sub) return static_cast<T>(old - value);
    if (word == Atomic::increment) return old >= value ? T{0} : static_cast<T>(old + T{1});
    if (word == Atomic::decrement) return old == 0 || old > value ? value : static_cast<T>(old - T{1});
    if (word == Atomic::both) return old & value;
    if (word == Atomic::either) return old | value;
    if (word == Atomic::odd) return old ^ value;
  }
  throw std::logic_error("no such word");
}

/// The olds are links of one chain from `first` to `last`: each is where another atomic left off.
template <class T>
void expect_chain(Atomic word, T first, const std::vector<T>& values, const std::vector<T>& olds, T last) {
  std::vector<T> begins = olds, ends{first};
  begins.push_back(last);
  for (std::size_t i = 0; i < values.size(); ++i) ends.push_back(left_by(word, olds[i], values[i]));
  std::sort(begins.begin(), begins.end());
  std::sort(ends.begin(), ends.end());
  EXPECT_EQ(begins, ends) << "word " << static_cast<int>(word);
}

/// Where the order cannot matter.
template <class T>
void expect_last(Atomic word, T first, const std::vector<T>& values, T last) {
  if (word == Atomic::exchange) {
    EXPECT_NE(std::find(values.begin(), values.end(), last), values.end());
    return;
  }
  EXPECT_EQ(last, std::accumulate(values.begin(), values.end(), first,
                                  [&](T old, T value) { return left_by(word, old, value); }))
      << "word " << static_cast<int>(word);
}

template <class T>
void expect_atomic(Atomic word, T first, const std::vector<T>& values) {
  for (const unsigned blocks : {1u, 3u}) {
    for_each_order([&] { return contend(word, first, values, blocks, false); },
                   [&](std::vector<T> olds) {
                     const T last = olds.back();
                     olds.pop_back();
                     expect_chain(word, first, values, olds, last);
                     expect_last(word, first, values, last);
                   });
    for_each_order([&] { return contend(word, first, values, blocks, true); },
                   [&](const std::vector<T>& olds) {
                     const auto each = static_cast<std::ptrdiff_t>(values.size() / blocks);
                     for (unsigned block = 0; block < blocks; ++block) {
                       const auto in = values.begin() + each * block;
                       const auto out = olds.begin() + each * block;
                       const T last = olds[values.size() + block];
                       expect_chain(word, first, std::vector<T>(in, in + each),
                                    std::vector<T>(out, out + each), last);
                       expect_last(word, first, std::vector<T>(in, in + each), last);
                     }
                   });
  }
}

template <class T>
class LanguageAtomics : public ::testing::Test {};
using Types = ::testing::Types<int, unsigned, unsigned long long, float>;
TYPED_TEST_SUITE(LanguageAtomics, Types);

TYPED_TEST(LanguageAtomics, OldValuesAreLinksOfAChain) {
  using T = TypeParam;
  std::mt19937_64 random(17);
  std::vector<T> values(210);
  for (T& value : values) {
    if constexpr (std::is_integral_v<T>)
      value = static_cast<T>(random());
    else
      value = static_cast<T>(static_cast<int>(random() % 2001) - 1000);  // sums are exact
  }
  std::vector<Atomic> words{Atomic::add, Atomic::exchange};
  if constexpr (std::is_integral_v<T>)
    words.insert(words.end(), {Atomic::least, Atomic::greatest, Atomic::both, Atomic::either, Atomic::odd});
  for (const Atomic word : words) {
    if constexpr (std::is_same_v<T, int>)  // no overflow, which would be undefined here
      if (word == Atomic::add)
        for (T& value : values) value /= 1024;
    expect_atomic(word, static_cast<T>(1000), values);
  }
  if constexpr (std::is_integral_v<T> && sizeof(T) == 4) expect_atomic(Atomic::sub, T{5}, values);
}

TYPED_TEST(LanguageAtomics, TicketsAreAPermutation) {
  using T = TypeParam;
  const std::vector<T> ones(210, T{1});
  for_each_order([&] { return contend(Atomic::add, T{0}, ones, 3, false); },
                 [&](std::vector<T> olds) {
                   std::sort(olds.begin(), olds.end());
                   for (std::size_t i = 0; i < olds.size(); ++i) ASSERT_EQ(olds[i], static_cast<T>(i));
                 });
}

TEST(LanguageAtomics, CountersWrap) {
  for (const unsigned limit : {0u, 1u, 6u, 209u, 210u, 500u}) {
    const std::vector<unsigned> limits(210, limit);
    expect_atomic(Atomic::increment, 0u, limits);
    expect_atomic(Atomic::decrement, 0u, limits);
    expect_atomic(Atomic::increment, 900u, limits);  // beyond the limit
    expect_atomic(Atomic::decrement, 900u, limits);
    EXPECT_EQ(contend(Atomic::increment, 0u, limits, 3, false).back(), 210 % (limit + 1));
    EXPECT_EQ(contend(Atomic::decrement, limit, limits, 3, false).back(), limit - 210 % (limit + 1));
  }
}

template <class T>
void expect_one_winner() {
  for_each_order([] { return race_for_one<T>(3, 70); },
                 [](std::vector<T> olds) {
                   const T last = olds.back();
                   olds.pop_back();
                   EXPECT_EQ(std::count(olds.begin(), olds.end(), T{0}), 1);
                   EXPECT_EQ(olds.at(static_cast<std::size_t>(last) - 1), T{0});
                   EXPECT_EQ(std::count(olds.begin(), olds.end(), last),
                             static_cast<std::ptrdiff_t>(olds.size()) - 1);
                 });
}

TEST(LanguageAtomics, CompareAndSwapHasOneWinner) {
  expect_one_winner<int>();
  expect_one_winner<unsigned>();
  expect_one_winner<unsigned long long>();
}

TEST(LanguageAtomics, CompareAndSwapLoops) {
  std::vector<float> values(128);
  unsigned product = 1;
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(2 * i + 3);
    product *= static_cast<unsigned>(2 * i + 3);
    sum += 2.0 * static_cast<double>(i) + 3;
  }
  EXPECT_EQ(in_every_order([&] { return compare_and_swap_loops(values); }),
            (std::vector<double>{sum, static_cast<double>(product)}));
}

TEST(LanguageAtomics, Histogram) {
  std::mt19937 random(23);
  std::vector<unsigned> values(3000), wanted(37);
  for (unsigned& value : values)
    ++wanted[value = static_cast<unsigned>(random() % 37 * (random() % 37) / 37)];
  EXPECT_EQ(in_every_order([&] { return histogram(values, 37); }), wanted);
}

// --- order ---

TEST(LanguageOrder, LastBlockSeesWhatAllHaveWritten) {
  for (const unsigned blocks : {1u, 2u, 9u, 32u}) {
    std::vector<unsigned> values(std::size_t{48} * blocks);
    std::iota(values.begin(), values.end(), 5u);
    const unsigned sum = std::accumulate(values.begin(), values.end(), 0u);
    EXPECT_EQ(in_every_order([&] { return last_block_sum(values, blocks); }), std::vector<unsigned>{sum});
  }
}

TEST(LanguageOrder, FlagsHandMemoryOn) {
  for (const Flag flag : {Flag::volatile_word, Flag::exchanged, Flag::added}) {
    for (const unsigned blocks : {1u, 2u, 5u}) {
      unsigned x = 0;
      for (unsigned turn = 0; turn < 7 * blocks; ++turn) x = 3 * x + turn % blocks;
      EXPECT_EQ(in_every_order([&] { return handed_round(flag, blocks, 7); }), std::vector<unsigned>{x});
    }
  }
}

void expect_broadcast(Flag flag, unsigned blocks, unsigned rounds) {
  const std::vector<unsigned> sums = in_every_order([&] { return broadcast(flag, blocks, rounds); });
  for (unsigned i = 0; i < sums.size(); ++i)
    ASSERT_EQ(sums[i], i < 64 ? 0 : 100 * (rounds * (rounds - 1) / 2) + rounds * (i % 64)) << i;
}

/// A place that several blocks have read is not written again here: the checker has one record for all of
/// their reads, which flags do not clear.
TEST(LanguageOrder, FlagsHandABlocksMemoryToOtherBlocks) {
  for (const Flag flag : {Flag::volatile_word, Flag::exchanged, Flag::added}) {
    expect_broadcast(flag, 2, 5);
    expect_broadcast(flag, 5, 1);
  }
}

TEST(LanguageOrder, FencesOfABlockHandMemoryFromWarpToWarp) {
  for (const bool everywhere : {false, true}) {
    for (const unsigned warps : {1u, 2u, 8u}) {
      const std::vector<unsigned> out =
          in_every_order([&] { return handed_between_warps(warps, everywhere); });
      for (unsigned lane = 0; lane < 32; ++lane) EXPECT_EQ(out[lane], lane + warps * (warps + 1) / 2);
    }
  }
}

TEST(LanguageOrder, AFenceOfABlockDoesNotReachAnother) {
  AGON_SKIP_WITHOUT_CHECKER();
  handed_by_a_block_fence();
  const std::vector<Report> reports = take_reports();
  ASSERT_FALSE(reports.empty());
  EXPECT_EQ(reports[0].kind, "race") << reports[0].text();
}

TEST(LanguageOrder, LocksGuardPlainMemory) {
  EXPECT_EQ(in_every_order([] { return locked_count(6, 5); }), std::vector<unsigned>{30});
}

TEST(LanguageOrder, TrapsEndTheGrid) {
  EXPECT_THROW(trap(), std::runtime_error);
  const std::vector<Report> reports = take_reports();
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].kind, "trap");
  EXPECT_EQ(reports[0].thread, "block (0, 0, 0), thread (3, 0, 0)");
  recover();
  EXPECT_EQ(handed_round(Flag::added, 2, 1), std::vector<unsigned>{1});
}

}  // namespace
}  // namespace agon::simulator::language
