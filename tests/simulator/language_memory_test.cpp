// Asynchronous copies, vector loads and stores, and CUDA's words for bits and arithmetic.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "tests/simulator/language_kernels.hpp"
#include "tests/simulator/language_orders.hpp"
#include "tests/simulator/needs_checker.hpp"

namespace agon::simulator::language {
namespace {

std::vector<unsigned> random_words(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<unsigned> words(count);
  for (unsigned& word : words) word = static_cast<unsigned>(random());
  return words;
}

std::vector<float> counted(std::size_t count) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), 1.0f);
  return values;
}

TEST(LanguageCopies, GoThroughStagesAndZeroesStandForWhatIsNotValid) {
  for (const int words : {1, 4}) {
    for (const std::size_t chunks : {1u, 2u, 3u, 4u, 11u}) {
      const std::vector<float> values = counted(chunks * 32 * static_cast<std::size_t>(words));
      std::vector<unsigned> valid = random_words(chunks * 32, 41);
      for (unsigned& one : valid) one %= 3;
      const std::vector<float> out = in_every_order([&] { return copied(4 * words, values, valid); });
      for (std::size_t i = 0; i < out.size(); ++i) {
        const std::size_t n = static_cast<std::size_t>(words), lane = i / n % 32;
        const std::size_t from = i / n - lane + 31 - lane;
        ASSERT_EQ(out[i], valid[from] != 0 ? values[from * n + i % n] : 0.0f)
            << words << " words, place " << i;
      }
    }
  }
}

TEST(LanguageCopies, AreThereAfterTheWaitForTheirGroup) {
  const std::vector<float> values = counted(256);
  EXPECT_EQ(in_every_order([&] { return copied_stepwise(values); }), values);
}

TEST(LanguageCopies, AreNotThereBefore) {
  AGON_SKIP_WITHOUT_CHECKER();
  const std::vector<float> values = counted(32), out = copied_too_early(values, -3.0f);
  const std::vector<Report> reports = take_reports();
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].kind, "copy not waited for") << reports[0].text();
  for (std::size_t lane = 0; lane < 32; ++lane) {
    EXPECT_EQ(out[lane], -3.0f);
    EXPECT_EQ(out[32 + lane], values[lane]);
  }
}

TEST(LanguageMemory, VectorsAndCacheHintsMoveEveryWord) {
  for (int way = 0; way < kWaysToMove; ++way) {
    for (const std::size_t count : {4u, 8u, 252u, 1024u}) {
      const std::vector<std::uint32_t> words = random_words(count, 43);
      EXPECT_EQ(in_every_order([&] { return moved(words, way); }), words) << "way " << way;
    }
  }
}

TEST(LanguageBits, AgainstLoops) {
  std::vector<unsigned> values = random_words(512, 47), others = random_words(512, 53);
  for (unsigned bit = 0; bit < 32; ++bit) {
    values[bit] = 1u << bit;
    values[32 + bit] = ~0u << bit;
    values[64 + bit] = ~0u >> bit;
  }
  values[96] = 0;
  others[0] = others[40] = 0xffffffffu;
  const std::vector<Bits> out = in_every_order([&] { return bits_of(values, others); });
  for (std::size_t i = 0; i < values.size(); ++i) {
    const unsigned value = values[i];
    int ones = 0, leading = 0, first = 0;
    unsigned backwards = 0;
    for (int bit = 31; bit >= 0; --bit) {
      const bool set = (value & 1u << bit) != 0;
      ones += set;
      if (set) first = bit + 1;
      if (ones == 0) ++leading;
      if (set) backwards += 1u << (31 - bit);
    }
    // Schoolbook multiplication by 16-bit digits.
    const unsigned a0 = value % 65536, a1 = value / 65536, b0 = others[i] % 65536, b1 = others[i] / 65536;
    const unsigned middle = a1 * b0 + a0 * b0 / 65536, rest = middle % 65536 + a0 * b1;
    const Bits wanted{value,
                      value,
                      static_cast<int>(value),
                      ones,
                      leading,
                      first,
                      backwards,
                      a1 * b1 + middle / 65536 + rest / 65536};
    ASSERT_EQ(std::memcmp(&out[i], &wanted, sizeof wanted), 0) << std::hex << value;
  }
}

/// Units in the last place between `value` and what it should be.
double ulps(float value, double wanted) {
  if (static_cast<double>(value) == wanted) return 0;
  const int exponent = std::max(std::ilogb(wanted), -126);
  return std::abs(static_cast<double>(value) - wanted) / std::ldexp(1.0, exponent - 23);
}

TEST(LanguageArithmetic, AgainstDoubles) {
  std::mt19937 random(59);
  std::uniform_real_distribution<float> number(0.01f, 20.0f), any(-20.0f, 20.0f);
  std::vector<float> as(512), bs(512);
  for (float& a : as) a = number(random);
  for (float& b : bs) b = any(random);
  const std::vector<Arithmetic> out = in_every_order([&] { return arithmetic_of(as, bs); });
  for (std::size_t i = 0; i < as.size(); ++i) {
    const double a = static_cast<double>(as[i]), b = static_cast<double>(bs[i]);
    const Arithmetic& mine = out[i];
    const double half = 0.5000001;  // correctly rounded, but for double rounding
    EXPECT_LE(ulps(mine.fma, a * b + a), half);
    EXPECT_LE(ulps(mine.sum, a + b), half);
    EXPECT_LE(ulps(mine.product, a * b), half);
    EXPECT_LE(ulps(mine.quotient, b / a), half);
    EXPECT_LE(ulps(mine.root, std::sqrt(a)), half);
    EXPECT_LE(ulps(mine.reciprocal, 1 / a), half);
    EXPECT_LE(ulps(mine.fast_quotient, b / a), 2);
    EXPECT_LE(ulps(mine.reciprocal_root, 1 / std::sqrt(a)), 2);
    EXPECT_LE(ulps(mine.exponential, std::exp(b)), 2);
    EXPECT_LE(ulps(mine.logarithm, std::log(a)), 2);
    EXPECT_LE(ulps(mine.sine, std::sin(b)), 2);
    EXPECT_LE(ulps(mine.cosine, std::cos(b)), 2);
    EXPECT_LE(ulps(mine.power, std::pow(a, b)), 2);
    EXPECT_EQ(mine.saturated, b <= 0 ? 0.0f : b >= 1 ? 1.0f : bs[i]);
  }
}

TEST(LanguageArithmetic, SaturationOfSpecialValues) {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> b{
      std::numeric_limits<float>::quiet_NaN(), infinity, -infinity, -0.0f, 1.0f, 0.25f};
  const std::vector<Arithmetic> out = arithmetic_of(std::vector<float>(b.size(), 1.0f), b);
  const float wanted[] = {0, 1, 0, 0, 1, 0.25f};
  for (std::size_t i = 0; i < b.size(); ++i) EXPECT_EQ(out[i].saturated, wanted[i]) << i;
}

}  // namespace
}  // namespace agon::simulator::language
