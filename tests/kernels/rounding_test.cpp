// The roundings of products' factors against arithmetic in double precision: at every exponent and every
// mantissa that remains, below, at and above each tie.
#include "kernels/formula/rounding.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <limits>

#include "tests/kernels/rounding_oracle.hpp"

namespace agon::test {
namespace rounding_test {

using kernels::Precision;
using kernels::formula::bits_of;
using kernels::formula::float_of;
using kernels::formula::rounded;

/// Every float whose last `cut` bits are 0, 1, one less than half, half, one more, or all ones.
template <Precision P>
void expect_nearest(int cut) {
  const std::uint32_t half = 1u << (cut - 1);
  std::uint64_t finite = 0, moved = 0;
  for (std::uint64_t upper = 0; upper < std::uint64_t{1} << (32 - cut); ++upper) {
    for (const std::uint32_t lower : {0u, 1u, half - 1, half, half + 1, 2 * half - 1}) {
      const float value = float_of(static_cast<std::uint32_t>(upper << cut) | lower);
      if (std::isnan(value)) {
        ASSERT_TRUE(std::isnan(rounded<P>(value))) << std::hex << bits_of(value);
        continue;
      }
      ASSERT_EQ(bits_of(rounded<P>(value)), bits_of(nearest(value, P))) << std::hexfloat << value;
      ++finite;
      moved += rounded<P>(value) != value;
    }
  }
  EXPECT_GT(finite, std::uint64_t{5} << (32 - cut));
  EXPECT_GT(moved, std::uint64_t{4} << (32 - cut));
}

TEST(Rounding, ToTf32) { expect_nearest<Precision::tf32>(13); }
TEST(Rounding, ToBf16) { expect_nearest<Precision::bf16>(16); }

template <Precision P>
void expect_values(std::initializer_list<std::pair<float, float>> pairs) {
  for (const auto& [value, expected] : pairs) {
    EXPECT_EQ(bits_of(rounded<P>(value)), bits_of(expected)) << std::hexfloat << value;
    EXPECT_EQ(bits_of(rounded<P>(-value)), bits_of(-expected)) << std::hexfloat << -value;
  }
}

TEST(Rounding, ValuesWorkedOutByHand) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  expect_values<Precision::tf32>({{0.0f, 0.0f},
                                  {1 + 0x1p-11f, 1 + 0x1p-10f},  // a tie, away from zero
                                  {1 + 3 * 0x1p-11f, 1 + 2 * 0x1p-10f},
                                  {1 + 0x1.ffcp-12f, 1.0f},
                                  {0x1p-137f, 0x1p-136f},  // denormal, and a tie
                                  {0x1p-138f, 0.0f},
                                  {0x1.ffcp127f, 0x1.ffcp127f},
                                  {0x1.ffep127f, kInfinity},
                                  {kInfinity, kInfinity}});
  expect_values<Precision::bf16>({{0.0f, 0.0f},
                                  {1 + 0x1p-8f, 1.0f},  // ties, to even
                                  {1 + 3 * 0x1p-8f, 1 + 2 * 0x1p-7f},
                                  {1 + 0x1.0002p-8f, 1 + 0x1p-7f},
                                  {0x1p-134f, 0.0f},  // denormal, and a tie
                                  {3 * 0x1p-134f, 0x1p-132f},
                                  {0x1.fep127f, 0x1.fep127f},
                                  {0x1.ffp127f, kInfinity},
                                  {kInfinity, kInfinity}});
}

TEST(Rounding, OfFp32IsNone) {
  for (const float value : {0.0f, 1 + 0x1p-23f, -0x1.fffffep127f, 0x1p-149f})
    EXPECT_EQ(bits_of(rounded<Precision::fp32>(value)), bits_of(value));
}

}  // namespace rounding_test
}  // namespace agon::test
