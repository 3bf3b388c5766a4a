// A layer's tangent in plain loops of double precision, and the operation on guarded buffers.
#pragma once

#include "kernels/linear_tangent.hpp"
#include "tests/kernels/linear_oracle.hpp"

namespace agon::test {

class TangentOracle : public Oracle {
 public:
  std::vector<float> activation, row_weight;

  TangentOracle(const kernels::LinearShape& s, std::mt19937& generator)
      : Oracle(s, generator),
        activation(numbers(s.batch * s.out, generator)),
        row_weight(numbers(s.batch, generator)) {}

  std::vector<Sum> tangent(double slope, kernels::Precision precision) const {
    const Oracle factors = rounded(precision);
    std::vector<Sum> sums;
    for (std::int64_t b = 0; b < shape.batch; ++b)
      for (std::int64_t o = 0; o < shape.out; ++o) {
        Sum sum;
        for (std::int64_t i = 0; i < shape.in; ++i) sum.add(factors.at_x(b, i) * factors.at_weight(o, i));
        if (activation[b * shape.out + o] <= 0) sum.value *= slope;
        sums.push_back(sum);
      }
    return sums;
  }

  /// What becomes of the activations beside the tangent y.
  std::vector<Sum> updated(const std::vector<float>& y) const {
    std::vector<Sum> sums(y.size());
    for (std::size_t i = 0; i < y.size(); ++i) {
      sums[i].add(static_cast<double>(row_weight[i / static_cast<std::size_t>(shape.out)]) * activation[i]);
      sums[i].add(static_cast<double>(y[i]));
    }
    return sums;
  }
};

struct Tangent {
  std::vector<float> y, activation;
};

class TangentOnDevice : public LinearOnDevice {
 protected:
  bool weighted = true;  ///< there are row weights

  Tangent tangent(const TangentOracle& data, float slope, const kernels::LayerChoice& choice,
                  int threads = 0) {
    const auto x = input(data.x), weight = input(data.weight), shares = input(data.row_weight);
    const auto activation = weighted ? inout(data.activation) : input(data.activation);
    const auto y = output<float>(data.activation.size());
    kernels::linear_tangent(view(threads), {.shape = data.shape,
                                            .x = x.data(),
                                            .weight = weight.data(),
                                            .activation = activation.data(),
                                            .row_weight = weighted ? shares.data() : nullptr,
                                            .y = y.data(),
                                            .slope = slope,
                                            .precision = precision,
                                            .choice = choice});
    return {y.get(), activation.get()};
  }

  void compare_tangent(const TangentOracle& data, float slope, const kernels::LayerChoice& choice,
                       double tolerance = kFp32Tolerance) {
    const Tangent got = tangent(data, slope, choice);
    expect_sums(got.y, data.tangent(slope, precision), "y", tolerance);
    if (weighted) expect_sums(got.activation, data.updated(got.y), "activation", 3e-7);
  }
};

}  // namespace agon::test
