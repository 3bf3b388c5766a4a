// The tensor cores' product, with fragments laid out by the PTX document's formulas, and the rounding to
// TF32.
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "tests/kernels/rounding_oracle.hpp"
#include "tests/simulator/language_kernels.hpp"
#include "tests/simulator/language_orders.hpp"

namespace agon::simulator::language {
namespace {

constexpr int kM = 16, kN = 8, kK = 8;
using Left = std::array<std::array<float, kK>, kM>;
using Right = std::array<std::array<float, kN>, kK>;
using Out = std::array<std::array<float, kN>, kM>;

struct Problem {
  Left a{};
  Right b{};
  Out c{};
};

// Source: PTX ISA, "Matrix Fragments for mma.m16n8k8": for a and .tf32 row = groupID for a0 and a2, groupID +
// 8 for a1 and a3; col = threadID_in_group for a0 and a1, threadID_in_group + 4 for a2 and a3. For b row =
// threadID_in_group for b0, threadID_in_group + 4 for b1; col = groupID. For c row = groupID for c0 and c1,
// groupID + 8 for c2 and c3; col = threadID_in_group * 2 + (i & 1).
struct Element {
  int row, column;
};
Element of_a(int lane, int i) {
  const int group = lane >> 2, thread = lane % 4;
  return {i == 0 || i == 2 ? group : group + 8, i == 0 || i == 1 ? thread : thread + 4};
}
Element of_b(int lane, int i) { return {i == 0 ? lane % 4 : lane % 4 + 4, lane >> 2}; }
Element of_c(int lane, int i) { return {i < 2 ? lane >> 2 : (lane >> 2) + 8, lane % 4 * 2 + (i & 1)}; }

/// Lanes' fragments, problem after problem.
struct Fragments {
  std::vector<std::uint32_t> a, b;
  std::vector<float> c;
};

Fragments fragments_of(const std::vector<Problem>& problems) {
  Fragments all;
  for (const Problem& p : problems) {
    for (int lane = 0; lane < 32; ++lane) {
      for (int i = 0; i < 4; ++i) {
        const Element at = of_a(lane, i), to = of_c(lane, i);
        all.a.push_back(std::bit_cast<std::uint32_t>(p.a[at.row][at.column]));
        all.c.push_back(p.c[to.row][to.column]);
      }
      for (int i = 0; i < 2; ++i) {
        const Element at = of_b(lane, i);
        all.b.push_back(std::bit_cast<std::uint32_t>(p.b[at.row][at.column]));
      }
    }
  }
  return all;
}

std::vector<float> product_of(const Fragments& f) {
  return in_every_order([&] { return multiplied(f.a, f.b, f.c); });
}

/// The greatest difference from the products in double precision, relative to the sums of magnitudes.
double greatest_error(const std::vector<Problem>& problems, const std::vector<float>& d) {
  double worst = 0;
  for (std::size_t p = 0; p < problems.size(); ++p) {
    for (int place = 0; place < 128; ++place) {
      const Element at = of_c(place / 4, place % 4);
      double sum = static_cast<double>(problems[p].c[at.row][at.column]), size = std::abs(sum) + 1e-30;
      for (int k = 0; k < kK; ++k) {
        const double term = static_cast<double>(problems[p].a[at.row][k]) * problems[p].b[k][at.column];
        sum += term;
        size += std::abs(term);
      }
      worst = std::max(worst, std::abs(static_cast<double>(d[128 * p + place]) - sum) / size);
    }
  }
  return worst;
}

/// A number with 10 bits after the leading one, as the operands have.
float tf32_number(std::mt19937& random) {
  const float mantissa = static_cast<float>(1024 + random() % 1024) / 1024;
  return (random() % 2 == 0 ? mantissa : -mantissa) * std::exp2(static_cast<float>(random() % 7) - 3);
}

template <class Matrix>
void fill(Matrix& matrix, std::mt19937& random) {
  for (auto& row : matrix)
    for (float& value : row) value = tf32_number(random);
}

std::vector<Problem> random_problems(int count) {
  std::mt19937 random(29);
  std::vector<Problem> problems(static_cast<std::size_t>(count));
  for (Problem& p : problems) {
    fill(p.a, random);
    fill(p.b, random);
    fill(p.c, random);
  }
  return problems;
}

TEST(LanguageMma, EveryPairOfElements) {
  std::vector<Problem> problems;
  for (int row = 0; row < kM; ++row) {
    for (int k = 0; k < kK; ++k) {
      for (int column = 0; column < kN; ++column) {
        Problem p;
        p.a[row][k] = 3;
        p.b[(k + column) % kK][column] = 5;  // meets a where column is 0
        p.b[k][column] = 7;
        problems.push_back(p);
      }
    }
  }
  const std::vector<float> d = product_of(fragments_of(problems));
  EXPECT_EQ(greatest_error(problems, d), 0.0);
  for (std::size_t p = 0; p < problems.size(); ++p) {
    const int row = static_cast<int>(p) / (kK * kN), column = static_cast<int>(p) % kN;
    for (int place = 0; place < 128; ++place) {
      const Element at = of_c(place / 4, place % 4);
      ASSERT_EQ(d[128 * p + place], at.row == row && at.column == column ? 21.0f : 0.0f)
          << p << ", " << place;
    }
  }
}

TEST(LanguageMma, AddsToWhatIsThere) {
  std::vector<Problem> problems(128);
  for (std::size_t p = 0; p < problems.size(); ++p) problems[p].c[p / kN][p % kN] = 2.5f;
  EXPECT_EQ(greatest_error(problems, product_of(fragments_of(problems))), 0.0);
}

TEST(LanguageMma, RandomMatrices) {
  const std::vector<Problem> problems = random_problems(40);
  EXPECT_LT(greatest_error(problems, product_of(fragments_of(problems))), 8 * 0x1p-24);
}

TEST(LanguageMma, OperandsHaveNineteenBits) {
  const std::vector<Problem> problems = random_problems(10);
  Fragments f = fragments_of(problems);
  for (auto* operand : {&f.a, &f.b})
    for (std::size_t i = 0; i < operand->size(); ++i)
      (*operand)[i] |= static_cast<unsigned>(i) * 2654435761u >> 19;
  EXPECT_EQ(product_of(f), product_of(fragments_of(problems)));
}

TEST(LanguageMma, AWrongLayoutGivesAWrongProduct) {
  const std::vector<Problem> problems = random_problems(4);
  const Fragments right = fragments_of(problems);
  for (const auto& [i, j] : {std::pair{0, 1}, {0, 2}, {1, 2}, {2, 3}, {1, 3}}) {
    Fragments wrong = right;
    for (std::size_t at = 0; at < wrong.a.size(); at += 4) std::swap(wrong.a[at + i], wrong.a[at + j]);
    EXPECT_GT(greatest_error(problems, product_of(wrong)), 0.01) << i << " for " << j;
  }
  Fragments wrong = right;
  for (std::size_t at = 0; at < wrong.b.size(); at += 2) std::swap(wrong.b[at], wrong.b[at + 1]);
  EXPECT_GT(greatest_error(problems, product_of(wrong)), 0.01);
  wrong = right;
  for (std::size_t at = 0; at < wrong.c.size(); at += 4) std::swap(wrong.c[at], wrong.c[at + 1]);
  EXPECT_GT(greatest_error(problems, product_of(wrong)), 0.01);
}

// --- rounding ---

void expect_rounded(const std::vector<float>& values) {
  const std::vector<std::uint32_t> out = in_every_order([&] { return rounded_to_tf32(values); });
  for (std::size_t i = 0; i < values.size(); ++i)
    ASSERT_EQ(out[i], std::bit_cast<std::uint32_t>(test::nearest(values[i], kernels::Precision::tf32)))
        << values[i];
}

TEST(LanguageTf32, ExactValuesStay) {
  std::mt19937 random(31);
  std::vector<float> values{0.0f, -0.0f, 1.0f, -1.0f, 0x1p-126f, 0x1p-136f, 0x1.ffcp127f};
  for (int i = 0; i < 1000; ++i) values.push_back(tf32_number(random));
  const std::vector<std::uint32_t> out = rounded_to_tf32(values);
  for (std::size_t i = 0; i < values.size(); ++i)
    EXPECT_EQ(out[i], std::bit_cast<std::uint32_t>(values[i])) << values[i];
}

TEST(LanguageTf32, TiesGoAwayFromZero) {
  const std::vector<std::uint32_t> out =
      rounded_to_tf32({1 + 0x1p-11f, -1 - 0x1p-11f, 1 + 3 * 0x1p-11f, 1 + 0x1.ffep-12f, 2 - 0x1p-11f,
                       0x1p-137f, 0x1.ffep127f});
  const float wanted[] = {1 + 0x1p-10f,
                          -1 - 0x1p-10f,
                          1 + 0x1p-9f,
                          1.0f,
                          2.0f,
                          0x1p-136f,
                          std::numeric_limits<float>::infinity()};
  for (std::size_t i = 0; i < out.size(); ++i) EXPECT_EQ(std::bit_cast<float>(out[i]), wanted[i]) << i;
}

TEST(LanguageTf32, InfinitiesAndNaNStay) {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<std::uint32_t> out =
      rounded_to_tf32({infinity, -infinity, std::numeric_limits<float>::quiet_NaN(),
                       std::bit_cast<float>(0x7fffffffu), std::bit_cast<float>(0xffffffffu)});
  EXPECT_EQ(std::bit_cast<float>(out[0]), infinity);
  EXPECT_EQ(std::bit_cast<float>(out[1]), -infinity);
  for (std::size_t i = 2; i < out.size(); ++i) EXPECT_TRUE(std::isnan(std::bit_cast<float>(out[i]))) << i;
}

TEST(LanguageTf32, RandomNumbersOfEveryMagnitude) {
  std::mt19937 random(37);
  std::vector<float> values;
  while (values.size() < 20000) {
    const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    if (std::isfinite(value)) values.push_back(value);
  }
  expect_rounded(values);
}

}  // namespace
}  // namespace agon::simulator::language
