// The elementary functions and the emulated multiply-add against the C library in long double.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <random>

#include "kernels/formula/activation.hpp"
#include "kernels/formula/elementary.hpp"
#include "kernels/formula/rate_schedule.hpp"
#include "kernels/formula/record_heads.hpp"

namespace agon::test {
namespace elementary_test {

using namespace kernels::formula;

/// |actual - expected| in units of the last place of `expected` as a float.
double ulps(float actual, long double expected) {
  const float nearest = static_cast<float>(expected);
  const float unit =
      std::nextafter(std::abs(nearest), std::numeric_limits<float>::infinity()) - std::abs(nearest);
  return static_cast<double>(std::abs(static_cast<long double>(actual) - expected) / unit);
}

TEST(Elementary, LogarithmWithinOneUlp) {
  double worst = 0;
  const std::uint32_t last = bits_of(2.0f);
  for (std::uint32_t i = bits_of(0x1p-33f); i <= last; i += 251) {
    worst = std::max(worst, ulps(logarithm(float_of(i)), std::log(static_cast<long double>(float_of(i)))));
  }
  for (std::uint32_t i = bits_of(1.0f) - 5000; i < bits_of(1.0f) + 5000;
       ++i) {  // where the result goes through 0
    worst = std::max(worst, ulps(logarithm(float_of(i)), std::log(static_cast<long double>(float_of(i)))));
  }
  EXPECT_LT(worst, 1.0);
  EXPECT_EQ(logarithm(1.0f), 0.0f);
}

TEST(Elementary, ExponentialWithinOneUlp) {
  double worst = 0;
  const std::uint32_t last = bits_of(-87.0f);
  for (std::uint32_t i = bits_of(-0x1p-30f); i <= last; i += 251) {
    worst = std::max(worst, ulps(exponential_of_nonpositive(float_of(i)),
                                 std::exp(static_cast<long double>(float_of(i)))));
  }
  EXPECT_LT(worst, 1.0);
  EXPECT_EQ(exponential_of_nonpositive(0.0f), 1.0f);
  EXPECT_EQ(exponential_of_nonpositive(-87.01f), 0.0f);
  EXPECT_EQ(exponential_of_nonpositive(-std::numeric_limits<float>::max()), 0.0f);
  EXPECT_EQ(exponential_of_nonpositive(-std::numeric_limits<float>::infinity()), 0.0f);
  EXPECT_TRUE(std::isnan(exponential_of_nonpositive(float_of(0x7fc00001))));
  EXPECT_TRUE(std::isnan(exponential_of_nonpositive(float_of(0xffffffff))));
}

TEST(Elementary, ExponentialLessOneWithinOneUlp) {
  double worst = 0;
  const std::uint32_t last = bits_of(-0.34f);
  for (std::uint32_t i = bits_of(-0x1p-30f); i <= last; i += 251)
    worst = std::max(
        worst, ulps(split_exponential(float_of(i)).p, std::expm1(static_cast<long double>(float_of(i)))));
  EXPECT_LT(worst, 1.0);
}

TEST(Elementary, TanhAndSigmoidWithinThreeUlps) {
  double worst_tanh = 0, worst_sigmoid = 0;
  for (std::uint32_t i = 0; i <= bits_of(std::numeric_limits<float>::max()); i += 997)
    for (const std::uint32_t sign : {0x00000000u, 0x80000000u}) {
      const float x = float_of(i | sign);
      const auto exact = static_cast<long double>(x);
      worst_tanh = std::max(worst_tanh, ulps(TanhActivation::of(x, 1), std::tanh(exact)));
      worst_sigmoid = std::max(worst_sigmoid, ulps(SigmoidActivation::of(x, 1), 1 / (1 + std::exp(-exact))));
    }
  EXPECT_LT(worst_tanh, 3.0);
  EXPECT_LT(worst_sigmoid, 3.0);
}

TEST(Elementary, RankOfAScoreWithinItsBound) {
  long double below = 0, absolute = 0, density = 0;
  for (int i = -1'318'000; i <= 1'318'000; ++i) {
    const float score = static_cast<float>(i) * 1e-5f;
    const auto exact = static_cast<long double>(score);
    const ScoreRank rank = score_rank(score);
    const long double u = std::erfc(-exact / std::sqrt(2.0L)) / 2;
    const long double bell = std::exp(-exact * exact / 2) / std::sqrt(2 * std::numbers::pi_v<long double>);
    absolute = std::max(absolute, std::abs(rank.u - u));
    if (score < 0) below = std::max(below, std::abs(rank.u / u - 1) / (1 + exact * exact / 4));
    density = std::max(density, std::abs(rank.density / bell - 1) / (1 + exact * exact / 4));
    ASSERT_TRUE(rank.u >= 0 && rank.u <= 1) << score;
  }
  EXPECT_LT(absolute, 3e-7L);
  EXPECT_LT(below, 5e-7L);
  EXPECT_LT(density, 2e-7L);
  EXPECT_EQ(score_rank(-13.2f).u, 0.0f);
  EXPECT_EQ(score_rank(13.2f).u, 1.0f);
  EXPECT_TRUE(std::isnan(score_rank(float_of(0x7fc00001)).u));
}

TEST(Elementary, SineAndCosineWithinTwoUlps) {
  double worst = 0;
  for (std::uint64_t turn = 0; turn < (std::uint64_t{1} << 32); turn += 3989) {
    const auto angle = 2 * std::numbers::pi_v<long double> * static_cast<long double>(turn) * 0x1p-32L;
    const SinCos ours = sincos_of_turn(static_cast<std::uint32_t>(turn));
    const bool upright = turn % 0x40000000u == 0;  // long double's pi is not exact there
    worst = std::max(worst, ulps(ours.sine, upright ? std::round(std::sin(angle)) : std::sin(angle)));
    worst = std::max(worst, ulps(ours.cosine, upright ? std::round(std::cos(angle)) : std::cos(angle)));
  }
  EXPECT_LT(worst, 2.0);
}

TEST(Elementary, SineAndCosineOfTheQuarters) {
  for (std::uint32_t quarter = 0; quarter < 4; ++quarter) {
    const SinCos ours = sincos_of_turn(quarter << 30);
    EXPECT_EQ(ours.sine, (quarter == 1 ? 1.0f : quarter == 3 ? -1.0f : 0.0f));
    EXPECT_EQ(ours.cosine, (quarter == 0 ? 1.0f : quarter == 2 ? -1.0f : 0.0f));
  }
}

TEST(RateSchedule, SineIsAsExactAsItSays) {
  long double worst = 0;
  for (int i = 1; i <= 1'000'000; ++i) {
    const double x = i * 0.5e-6;
    const long double expected = std::sin(std::numbers::pi_v<long double> / 2 * x);
    worst = std::max(worst, std::abs(sine_of_half_turns(x) - expected) / expected);
  }
  EXPECT_LT(worst, 5e-16L);
  EXPECT_EQ(sine_of_half_turns(0), 0.0);
}

TEST(RateSchedule, HalfCosineIsAsExactAsItSays) {
  long double worst = 0;
  for (const std::uint64_t whole : {1ull, 2ull, 7ull, 1000ull, 6907ull, 1'000'003ull, 1ull << 52}) {
    const std::uint64_t stride = std::max<std::uint64_t>(1, whole / 5000);
    for (std::uint64_t done = 0; done < whole; done += stride) {
      // As sin^2 of what is left, which loses nothing where it vanishes.
      const auto left = static_cast<long double>(whole - done) / static_cast<long double>(whole);
      const long double sine = std::sin(std::numbers::pi_v<long double> / 2 * left);
      worst = std::max(worst, std::abs(half_cosine(done, whole) - sine * sine) / (sine * sine));
    }
    EXPECT_EQ(half_cosine(0, whole), 1.0);
    EXPECT_EQ(half_cosine(whole, whole), 0.0);
  }
  EXPECT_LT(worst, 2e-15L);
}

TEST(Fused, RoundsOnce) {
  // Compiled without FMA (as here on x86-64), fused() is the emulation; std::fma is the C library's.
  std::mt19937 generator(1);
  std::uniform_int_distribution<std::uint32_t> word;
  std::uniform_int_distribution<int> small(-30, 30);
  int compared = 0;
  for (int i = 0; i < 3'000'000; ++i) {
    const float a = float_of(word(generator));
    const float b = float_of(word(generator));
    // Half of the sums nearly cancel, or are far from the product by about a float's width: the hard cases.
    const float c =
        i % 2 ? float_of(word(generator))
              : std::ldexp(-a * b * (1 + 0x1p-20f * static_cast<float>(small(generator))), small(generator));
    const float expected = std::fma(a, b, c);
    const float actual = fused(a, b, c);
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(actual)) << a << " " << b << " " << c;
    } else {
      ASSERT_EQ(bits_of(actual), bits_of(expected)) << std::hexfloat << a << " * " << b << " + " << c;
      ++compared;
    }
  }
  EXPECT_GT(compared, 2'000'000);
}

TEST(Fused, TieBrokenByABitFarBelow) {
  // The sum is 2^-70 short of halfway between two floats. Rounded to double first, it is halfway, and goes
  // wrong.
  const float a = 1 + 0x1p-23f;
  const float b = 0x1p-24f - 0x1p-47f;
  const float c = 1 + 0x1p-23f;
  ASSERT_NE(static_cast<float>(static_cast<double>(a) * b + c), c);
  EXPECT_EQ(fused(a, b, c), c);
  EXPECT_EQ(fused(-a, b, -c), -c);
  EXPECT_EQ(fused(a, -b, 1 + 0x1p-22f), 1 + 0x1p-22f);  // 2^-70 above the halfway point below
  EXPECT_EQ(fused(-a, -b, -1 - 0x1p-22f), -1 - 0x1p-22f);
}

}  // namespace elementary_test
}  // namespace agon::test
