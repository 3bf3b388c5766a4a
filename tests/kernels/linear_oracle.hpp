// The linear layer in plain loops of double precision.
#pragma once

#include <cmath>
#include <vector>

#include "tests/kernels/linear_fixture.hpp"
#include "tests/kernels/rounding_oracle.hpp"

namespace agon::test {

/// A sum of products and the sum of their sizes.
struct Sum {
  double value = 0, size = 0;
  void add(double term) {
    value += term;
    size += std::abs(term);
  }
};

class Oracle : public LinearData {
 public:
  using LinearData::LinearData;

  /// The same layer with the factors of its products rounded; a thin one's are not.
  Oracle rounded(kernels::Precision precision) const {
    if (shape.in <= 16 || shape.out <= 16) return *this;
    Oracle factors = *this;
    for (auto* values : {&factors.x, &factors.weight, &factors.dz}) *values = nearest(*values, precision);
    return factors;
  }

  double at_x(std::int64_t b, std::int64_t i) const { return x[b * shape.in + i]; }
  double at_weight(std::int64_t o, std::int64_t i) const { return weight[o * shape.in + i]; }
  double at_dz(std::int64_t b, std::int64_t o) const { return dz[b * shape.out + o]; }

  std::vector<Sum> y(double slope) const {
    std::vector<Sum> sums;
    for (std::int64_t b = 0; b < shape.batch; ++b) {
      for (std::int64_t o = 0; o < shape.out; ++o) {
        Sum z;
        z.add(bias[o]);
        for (std::int64_t i = 0; i < shape.in; ++i) z.add(at_x(b, i) * at_weight(o, i));
        if (z.value <= 0) z.value *= slope;
        sums.push_back(z);
      }
    }
    return sums;
  }
  std::vector<Sum> dx(double slope) const {
    std::vector<Sum> sums;
    for (std::int64_t b = 0; b < shape.batch; ++b) {
      for (std::int64_t i = 0; i < shape.in; ++i) {
        Sum sum;
        for (std::int64_t o = 0; o < shape.out; ++o) sum.add(at_dz(b, o) * at_weight(o, i));
        if (at_x(b, i) <= 0) sum.value *= slope;
        sums.push_back(sum);
      }
    }
    return sums;
  }
  std::vector<Sum> dweight() const {
    std::vector<Sum> sums;
    for (std::int64_t o = 0; o < shape.out; ++o) {
      for (std::int64_t i = 0; i < shape.in; ++i) {
        Sum sum;
        for (std::int64_t b = 0; b < shape.batch; ++b) sum.add(at_dz(b, o) * at_x(b, i));
        sums.push_back(sum);
      }
    }
    return sums;
  }
  std::vector<Sum> dbias(const std::vector<float>& row_weight = {}) const {
    std::vector<Sum> sums(static_cast<std::size_t>(shape.out));
    for (std::int64_t b = 0; b < shape.batch; ++b) {
      const double share = row_weight.empty() ? 1.0 : static_cast<double>(row_weight[b]);
      for (std::int64_t o = 0; o < shape.out; ++o) sums[o].add(share * at_dz(b, o));
    }
    return sums;
  }
};

/// An element's error is held against the sum of its terms' sizes.
inline void expect_sums(const std::vector<float>& actual, const std::vector<Sum>& expected, const char* what,
                        double tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double error = std::abs(actual[i] - expected[i].value);
    ASSERT_LE(error, tolerance * expected[i].size) << what << ", element " << i;  // fails on NaN
  }
}

/// Of kernels in fp32. Measured: 4e-7 at the most; one ulp is 1.2e-7.
inline constexpr double kFp32Tolerance = 2e-6;

}  // namespace agon::test
