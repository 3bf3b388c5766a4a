// The tensor cores' products of bf16 pairs, with fragments laid out by the PTX document's formulas, and the
// rounding to such pairs.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "tests/kernels/rounding_oracle.hpp"
#include "tests/simulator/language_kernels.hpp"
#include "tests/simulator/language_orders.hpp"

namespace agon::simulator::language {
namespace {

constexpr int kM = 16, kN = 8;

/// a (16, depth), b (depth, 8), c (16, 8), row-major.
struct Problem {
  explicit Problem(int k)
      : depth(k), a(static_cast<std::size_t>(kM * k)), b(static_cast<std::size_t>(k * kN)) {}
  int depth;
  std::vector<float> a, b, c = std::vector<float>(kM * kN);
};

struct Element {
  int row, column;
};

// Source: PTX ISA, "Matrix Fragments for mma.m16n8k16 with floating point type": for a row = groupID for ai
// where 0 <= i < 2 or 4 <= i < 6, else groupID + 8; col = threadID_in_group * 2 + (i & 1), + 8 from i = 4 on.
// For b row = threadID_in_group * 2 + (i & 1), + 8 from i = 2 on; col = groupID. "mma.m16n8k8", .bf16: the
// same with 4 elements of a and 2 of b. c as for TF32.
Element of_a(int lane, int i) {
  const int group = lane >> 2, thread = lane % 4;
  return {i < 2 || (i >= 4 && i < 6) ? group : group + 8, thread * 2 + (i & 1) + (i >= 4 ? 8 : 0)};
}
Element of_b(int lane, int i) { return {lane % 4 * 2 + (i & 1) + (i >= 2 ? 8 : 0), lane >> 2}; }
Element of_c(int lane, int i) { return {i < 2 ? lane >> 2 : (lane >> 2) + 8, lane % 4 * 2 + (i & 1)}; }

std::uint32_t half(float value) { return std::bit_cast<std::uint32_t>(value) >> 16; }

struct Fragments {
  int depth;
  std::vector<std::uint32_t> a, b;
  std::vector<float> c;
};

Fragments fragments_of(const std::vector<Problem>& problems) {
  Fragments all{problems.front().depth, {}, {}, {}};
  for (const Problem& p : problems) {
    const auto at_a = [&](int lane, int i) {
      return half(p.a[of_a(lane, i).row * p.depth + of_a(lane, i).column]);
    };
    const auto at_b = [&](int lane, int i) {
      return half(p.b[of_b(lane, i).row * kN + of_b(lane, i).column]);
    };
    for (int lane = 0; lane < 32; ++lane) {
      for (int i = 0; i < p.depth / 2; i += 2) all.a.push_back(at_a(lane, i) | at_a(lane, i + 1) << 16);
      for (int i = 0; i < p.depth / 4; i += 2) all.b.push_back(at_b(lane, i) | at_b(lane, i + 1) << 16);
      for (int i = 0; i < 4; ++i) all.c.push_back(p.c[of_c(lane, i).row * kN + of_c(lane, i).column]);
    }
  }
  return all;
}

std::vector<float> product_of(const Fragments& f) {
  return in_every_order([&] { return multiplied_bf16(f.depth, f.a, f.b, f.c); });
}

/// The greatest difference from the products in double precision, relative to the sums of magnitudes.
double greatest_error(const std::vector<Problem>& problems, const std::vector<float>& d) {
  double worst = 0;
  for (std::size_t p = 0; p < problems.size(); ++p) {
    const Problem& problem = problems[p];
    for (int place = 0; place < kM * kN; ++place) {
      const Element at = of_c(place / 4, place % 4);
      double sum = static_cast<double>(problem.c[at.row * kN + at.column]), size = std::abs(sum) + 1e-30;
      for (int k = 0; k < problem.depth; ++k) {
        const double term =
            static_cast<double>(problem.a[at.row * problem.depth + k]) * problem.b[k * kN + at.column];
        sum += term;
        size += std::abs(term);
      }
      worst = std::max(worst, std::abs(static_cast<double>(d[128 * p + place]) - sum) / size);
    }
  }
  return worst;
}

/// A number with 7 bits after the leading one, as the operands have.
float bf16_number(std::mt19937& random) {
  const float mantissa = static_cast<float>(128 + random() % 128) / 128;
  return (random() % 2 == 0 ? mantissa : -mantissa) * std::exp2(static_cast<float>(random() % 7) - 3);
}

std::vector<Problem> random_problems(int depth, int count) {
  std::mt19937 random(29);
  std::vector<Problem> problems(static_cast<std::size_t>(count), Problem(depth));
  for (Problem& p : problems)
    for (auto* matrix : {&p.a, &p.b, &p.c})
      for (float& value : *matrix) value = bf16_number(random);
  return problems;
}

class LanguageMmaBf16 : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Depth, LanguageMmaBf16, testing::Values(8, 16));

TEST_P(LanguageMmaBf16, EveryPairOfElements) {
  const int depth = GetParam();
  std::vector<Problem> problems;
  for (int row = 0; row < kM; ++row) {
    for (int k = 0; k < depth; ++k) {
      Problem p(depth);
      p.a[row * depth + k] = 3;
      for (int column = 0; column < kN; ++column) {
        p.b[k * kN + column] = static_cast<float>(2 + column);
        p.b[(k + 1) % depth * kN + column] = 100;  // meets nothing
      }
      problems.push_back(p);
    }
  }
  EXPECT_EQ(greatest_error(problems, product_of(fragments_of(problems))), 0.0);
}

TEST_P(LanguageMmaBf16, RandomMatrices) {
  const std::vector<Problem> problems = random_problems(GetParam(), 40);
  EXPECT_LT(greatest_error(problems, product_of(fragments_of(problems))), 16 * 0x1p-24);
}

TEST_P(LanguageMmaBf16, AWrongLayoutGivesAWrongProduct) {
  const std::vector<Problem> problems = random_problems(GetParam(), 4);
  const Fragments right = fragments_of(problems);
  Fragments wrong = right;
  for (std::uint32_t& pair : wrong.a) pair = pair << 16 | pair >> 16;
  EXPECT_GT(greatest_error(problems, product_of(wrong)), 0.01);
  wrong = right;
  for (std::size_t i = 0; i < wrong.a.size(); i += 2) std::swap(wrong.a[i], wrong.a[i + 1]);
  EXPECT_GT(greatest_error(problems, product_of(wrong)), 0.01);
  wrong = right;
  for (std::size_t i = 0; i < wrong.b.size(); i += 2) std::swap(wrong.b[i], wrong.b[i + 1]);
  EXPECT_GT(greatest_error(problems, product_of(wrong)), 0.01);
}

TEST(LanguageBf16, PairsAreRoundedToNearest) {
  std::mt19937 random(37);
  std::vector<float> values{0.0f,
                            -0.0f,
                            1 + 0x1p-8f,
                            1 + 3 * 0x1p-8f,
                            -1 - 0x1p-8f,
                            0x1p-134f,
                            3 * 0x1p-134f,
                            -0x1p-149f,
                            0x1.fep127f,
                            0x1.ffp127f,
                            std::numeric_limits<float>::infinity(),
                            -std::numeric_limits<float>::infinity()};
  while (values.size() < 20000) {
    const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    if (!std::isnan(value)) values.push_back(value);
  }
  const std::vector<std::uint32_t> out = in_every_order([&] { return rounded_to_bf16_pairs(values); });
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto expected = [](float value) { return half(test::nearest(value, kernels::Precision::bf16)); };
    ASSERT_EQ(out[i], expected(values[2 * i]) | expected(values[2 * i + 1]) << 16) << values[2 * i];
  }
}

TEST(LanguageBf16, NaNStays) {
  const std::vector<std::uint32_t> out = rounded_to_bf16_pairs(
      {std::bit_cast<float>(0x7f800001u), 1.0f, 1.0f, std::bit_cast<float>(0xffffffffu)});
  EXPECT_TRUE(std::isnan(std::bit_cast<float>(out[0] << 16)));
  EXPECT_EQ(out[0] >> 16, half(1.0f));
  EXPECT_EQ(out[1] & 0xffffu, half(1.0f));
  EXPECT_TRUE(std::isnan(std::bit_cast<float>(out[1] & 0xffff0000u)));
}

}  // namespace
}  // namespace agon::simulator::language
