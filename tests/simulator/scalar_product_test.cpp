// Products of rounded factors without tensor cores, against sums in double precision over factors rounded by
// an oracle: every tile, in every order of operands that the linear layer has.
#include "tests/simulator/scalar_product.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/kernels/rounding_oracle.hpp"

namespace agon::simulator {
namespace {

using kernels::Precision;

struct Extent {
  int shape;
  std::int64_t rows, columns, k;
};

std::vector<float> normal_numbers(std::int64_t n, std::mt19937& random) {
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<std::size_t>(n));
  for (float& value : values) value = normal(random);
  return values;
}

void expect_product(const ScalarProblem& p, const std::vector<float>& actual) {
  const std::vector<float> a = test::nearest(p.a, p.precision), b = test::nearest(p.b, p.precision);
  for (std::int64_t row = 0; row < p.rows; ++row) {
    for (std::int64_t column = 0; column < p.columns; ++column) {
      double sum = 0, size = 0;
      for (std::int64_t k = 0; k < p.k; ++k) {
        const double term = static_cast<double>(a[p.outer_a ? k * p.rows + row : row * p.k + k]) *
                            b[p.outer_b ? k * p.columns + column : column * p.k + k];
        sum += term;
        size += std::abs(term);
      }
      ASSERT_LE(std::abs(actual[row * p.columns + column] - sum), 2e-6 * size) << row << ", " << column;
    }
  }
}

TEST(ScalarProduct, RoundsFactorsOnly) {
  std::mt19937 random(41);
  for (const Extent& e : {Extent{0, 15, 32, 130}, {0, 16, 31, 5}, {1, 64, 61, 40}, {2, 127, 128, 33}}) {
    for (const Precision precision : {Precision::tf32, Precision::bf16}) {
      for (const auto& [outer_a, outer_b] :
           {std::pair(false, false), std::pair(false, true), std::pair(true, true)}) {
        SCOPED_TRACE(testing::Message()
                     << e.shape << ' ' << static_cast<int>(precision) << outer_a << outer_b);
        const ScalarProblem problem{e.shape,
                                    precision,
                                    outer_a,
                                    outer_b,
                                    e.rows,
                                    e.columns,
                                    e.k,
                                    normal_numbers(e.rows * e.k, random),
                                    normal_numbers(e.columns * e.k, random)};
        expect_product(problem, scalar_product(problem));
      }
    }
  }
}

}  // namespace
}  // namespace agon::simulator
