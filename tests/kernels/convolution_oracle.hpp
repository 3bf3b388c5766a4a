// A convolution in plain loops of double precision, and its operations on guarded buffers.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "kernels/convolution.hpp"
#include "tests/kernels/linear_oracle.hpp"

namespace agon::test {

inline std::string text_of(const kernels::ConvolutionShape& s) {
  const auto number = [](std::int64_t n) { return std::to_string(n); };
  return number(s.batch) + " of " + number(s.fine.height) + " x " + number(s.fine.width) + " x " +
         number(s.fine.channels) + (s.transposed ? " from " : " to ") + number(s.coarse_channels) +
         ", kernel " + number(s.kernel) + ", stride " + number(s.stride) + ", padding " + number(s.padding) +
         ", groups " + number(s.groups);
}

struct ConvolutionData {
  kernels::ConvolutionShape shape;
  std::vector<float> x, weight, bias, dz, activation, row_weight;

  ConvolutionData(const kernels::ConvolutionShape& s, std::mt19937& generator)
      : shape(s),
        x(numbers(s.in_size(), generator)),
        weight(numbers(s.weights(), generator)),
        bias(numbers(s.out().channels, generator)),
        dz(numbers(s.out_size(), generator)),
        activation(numbers(s.out_size(), generator)),
        row_weight(numbers(s.batch, generator)) {}

  /// With the factors of its products rounded; those between few channels are not.
  ConvolutionData rounded(kernels::Precision precision) const {
    if (shape.fine.channels <= 16 || shape.coarse_channels <= 16) return *this;
    ConvolutionData factors = *this;
    for (auto* values : {&factors.x, &factors.weight, &factors.dz}) *values = nearest(*values, precision);
    return factors;
  }

  /// use(fine element, coarse element, weight element) for each triple that a convolution joins.
  template <class Use>
  void for_each_join(const Use& use) const {
    const kernels::ConvolutionShape& s = shape;
    const kernels::ImageShape coarse = s.coarse();
    for (std::int64_t n = 0; n < s.batch; ++n)
      for (std::int64_t u = 0; u < coarse.height; ++u)
        for (std::int64_t v = 0; v < coarse.width; ++v)
          for (std::int64_t k = 0; k < s.coarse_channels; ++k)
            for (std::int64_t i = 0; i < s.kernel; ++i)
              for (std::int64_t j = 0; j < s.kernel; ++j)
                for (std::int64_t c = 0; c < s.fine_group(); ++c) {
                  const std::int64_t row = u * s.stride + i - s.padding,
                                     column = v * s.stride + j - s.padding;
                  if (row < 0 || row >= s.fine.height || column < 0 || column >= s.fine.width) continue;
                  const std::int64_t channel = k / s.coarse_group() * s.fine_group() + c;
                  use(((n * s.fine.height + row) * s.fine.width + column) * s.fine.channels + channel,
                      ((n * coarse.height + u) * coarse.width + v) * s.coarse_channels + k,
                      ((k * s.kernel + i) * s.kernel + j) * s.fine_group() + c);
                }
  }

  /// The images' convolution, or what they are a convolution's of: `from` is coarse where `up`.
  std::vector<Sum> product(const std::vector<float>& from, bool up) const {
    const kernels::ConvolutionShape& s = shape;
    std::vector<Sum> sums(static_cast<std::size_t>(s.batch * (up ? s.fine : s.coarse()).size()));
    for_each_join([&](std::int64_t fine, std::int64_t coarse, std::int64_t w) {
      sums[up ? fine : coarse].add(double{from[up ? coarse : fine]} * weight[w]);
    });
    return sums;
  }
  static void multiply_by_derivative(std::vector<Sum>& sums, const std::vector<float>& y, double slope) {
    for (std::size_t i = 0; i < sums.size(); ++i)
      if (y[i] <= 0) sums[i].value *= slope;
  }

  std::vector<Sum> y(double slope) const {
    std::vector<Sum> sums = product(x, shape.transposed);
    for (std::size_t i = 0; i < sums.size(); ++i) {
      sums[i].add(bias[i % bias.size()]);
      if (sums[i].value <= 0) sums[i].value *= slope;
    }
    return sums;
  }
  std::vector<Sum> dx(double slope) const {
    std::vector<Sum> sums = product(dz, !shape.transposed);
    multiply_by_derivative(sums, x, slope);
    return sums;
  }
  std::vector<Sum> tangent(double slope) const {
    std::vector<Sum> sums = product(x, shape.transposed);
    multiply_by_derivative(sums, activation, slope);
    return sums;
  }
  std::vector<Sum> dweight() const {
    std::vector<Sum> sums(weight.size());
    const auto& fine = shape.transposed ? dz : x;
    const auto& coarse = shape.transposed ? x : dz;
    for_each_join(
        [&](std::int64_t f, std::int64_t c, std::int64_t w) { sums[w].add(double{fine[f]} * coarse[c]); });
    return sums;
  }
  std::vector<Sum> dbias(bool weighted) const {
    std::vector<Sum> sums(bias.size());
    const std::size_t of_image = dz.size() / static_cast<std::size_t>(shape.batch);
    for (std::size_t i = 0; i < dz.size(); ++i)
      sums[i % bias.size()].add(weighted ? double{row_weight[i / of_image]} * dz[i] : double{dz[i]});
    return sums;
  }
};

struct ConvolutionGradients {
  std::vector<float> dx, dweight, dbias;
};

struct ConvolutionTangents {
  std::vector<float> y, activation;
};

class ConvolutionOnDevice : public OnDevice {
 protected:
  kernels::Precision precision = kernels::Precision::fp32;
  bool weighted = true;     ///< images have weights
  bool accumulate = false;  ///< gradients are added to 1
  int threads = 0;          ///< 0: the queue's
  kernels::LayerChoice choice{};

  std::vector<float> forward(const ConvolutionData& data, float slope) {
    const auto x = input(data.x), weight = input(data.weight), bias = input(data.bias);
    const auto y = output<float>(data.dz.size());
    kernels::convolution_forward(view(), {.shape = data.shape,
                                          .x = x.data(),
                                          .weight = weight.data(),
                                          .bias = bias.data(),
                                          .y = y.data(),
                                          .slope = slope,
                                          .precision = precision,
                                          .choice = choice});
    return y.get();
  }

  /// What is not wanted is passed as null and comes back empty; without dx the weights are null, too.
  ConvolutionGradients backward(const ConvolutionData& data, float slope, bool want_dx = true,
                                bool want_parameters = true) {
    const auto x = input(data.x), dz = input(data.dz), shares = input(data.row_weight);
    const auto weight = input(want_dx ? data.weight : std::vector<float>());
    const auto dx = output<float>(want_dx ? data.x.size() : 0);
    const auto gradient = [&](std::size_t size) {
      return accumulate ? inout(std::vector<float>(size, 1.0f)) : output<float>(size);
    };
    const auto dweight = gradient(want_parameters ? data.weight.size() : 0);
    const auto dbias = gradient(want_parameters ? data.bias.size() : 0);
    kernels::ConvolutionBackward op{.shape = data.shape,
                                    .x = x.data(),
                                    .dz = dz.data(),
                                    .row_weight = weighted ? shares.data() : nullptr,
                                    .accumulate = accumulate,
                                    .input_slope = slope,
                                    .precision = precision,
                                    .choice = choice};
    if (want_dx) op.dx = dx.data(), op.weight = weight.data();
    if (want_parameters) op.dweight = dweight.data(), op.dbias = dbias.data();
    kernels::convolution_backward(view(), op);
    return {dx.get(), dweight.get(), dbias.get()};
  }

  ConvolutionTangents tangent(const ConvolutionData& data, float slope) {
    const auto x = input(data.x), weight = input(data.weight), shares = input(data.row_weight);
    const auto activation = weighted ? inout(data.activation) : input(data.activation);
    const auto y = output<float>(data.activation.size());
    kernels::convolution_tangent(view(), {.shape = data.shape,
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

  template <class Use>
  void both_ways(kernels::ConvolutionShape shape, std::mt19937& generator, const Use& use) {
    for (const bool transposed : {false, true}) {
      shape.transposed = transposed;
      SCOPED_TRACE(text_of(shape));
      use(ConvolutionData(shape, generator));
      release();
    }
  }

  void compare(const ConvolutionData& data, float slope, double tolerance = kFp32Tolerance) {
    const ConvolutionData factors = data.rounded(precision);
    expect_sums(forward(data, slope), factors.y(slope), "y", tolerance);

    const ConvolutionTangents tangents = tangent(data, slope);
    expect_sums(tangents.y, factors.tangent(slope), "tangent", tolerance);
    std::vector<Sum> updated(tangents.y.size());
    const std::size_t of_image = updated.size() / static_cast<std::size_t>(data.shape.batch);
    for (std::size_t i = 0; i < updated.size(); ++i) {
      updated[i].add((weighted ? double{data.row_weight[i / of_image]} : 1) * data.activation[i]);
      if (weighted) updated[i].add(double{tangents.y[i]});
    }
    expect_sums(tangents.activation, updated, "activation", 3e-7);

    for (const auto& [want_dx, want_parameters] : {std::pair(true, true), {true, false}, {false, true}}) {
      const ConvolutionGradients g = backward(data, slope, want_dx, want_parameters);
      if (want_dx) expect_sums(g.dx, factors.dx(slope), "dx", tolerance);
      if (!want_parameters) continue;
      std::vector<Sum> dweight = factors.dweight(), dbias = data.dbias(weighted);
      for (auto* sums : {&dweight, &dbias})
        for (Sum& sum : *sums)
          if (accumulate) sum.add(1);
      expect_sums(g.dweight, dweight, "dweight", tolerance);
      expect_sums(g.dbias, dbias, "dbias", kFp32Tolerance);
    }
  }

 private:
  QueueView view() const {
    QueueView view = queue();
    if (threads > 0) view.threads = threads;
    return view;
  }
};

}  // namespace agon::test
