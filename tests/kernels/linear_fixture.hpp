// One linear layer's data and its operations on guarded buffers, for the tests of linear.hpp.
#pragma once

#include <array>
#include <random>

#include "kernels/linear.hpp"
#include "tests/kernels/device_fixture.hpp"

namespace agon::test {

inline constexpr kernels::Precision kPrecisions[] = {kernels::Precision::fp32, kernels::Precision::tf32,
                                                     kernels::Precision::bf16};

/// The simulated device has no library: its backends are one.
inline std::vector<kernels::LayerBackend> backends() {
  using enum kernels::LayerBackend;
  return simulated() ? std::vector{automatic} : std::vector{own, library, automatic};
}

/// Normal numbers, a few of them exactly zero: the derivative at 0 is the slope.
inline std::vector<float> numbers(std::int64_t n, std::mt19937& generator) {
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<std::size_t>(n));
  for (float& value : values) value = generator() % 16 == 0 ? 0.0f : normal(generator);
  return values;
}

struct LinearData {
  kernels::LinearShape shape;
  std::vector<float> x, weight, bias, dz;

  LinearData(const kernels::LinearShape& s, std::mt19937& generator)
      : shape(s),
        x(numbers(s.batch * s.in, generator)),
        weight(numbers(s.out * s.in, generator)),
        bias(numbers(s.out, generator)),
        dz(numbers(s.batch * s.out, generator)) {}
};

struct LinearGradients {
  std::vector<float> dx, dweight, dbias;
};

class LinearOnDevice : public OnDevice {
 protected:
  kernels::Precision precision = kernels::Precision::fp32;
  std::vector<float> row_weights;  ///< of backward's dbias; empty: none

  std::vector<float> forward(const LinearData& data, float slope, kernels::LayerBackend backend,
                             int threads = 0) {
    const auto x = input(data.x), weight = input(data.weight), bias = input(data.bias);
    const auto y = output<float>(static_cast<std::size_t>(data.shape.batch * data.shape.out));
    kernels::linear_forward(view(threads), {.shape = data.shape,
                                            .x = x.data(),
                                            .weight = weight.data(),
                                            .bias = bias.data(),
                                            .y = y.data(),
                                            .slope = slope,
                                            .precision = precision,
                                            .choice = {backend}});
    return y.get();
  }

  /// What is not wanted is passed as null and comes back empty; without dx the weights are null too.
  LinearGradients backward(const LinearData& data, float slope, kernels::LayerBackend backend,
                           bool want_dx = true, bool want_dweight = true, int threads = 0) {
    const kernels::LinearShape& s = data.shape;
    const auto x = input(data.x), dz = input(data.dz);
    kernels::LinearBackward op{.shape = s,
                               .x = x.data(),
                               .dz = dz.data(),
                               .input_slope = slope,
                               .precision = precision,
                               .choice = {backend}};
    const auto dx = output<float>(want_dx ? data.x.size() : 0);
    const auto dweight = output<float>(want_dweight ? data.weight.size() : 0);
    const auto dbias = output<float>(want_dweight ? data.bias.size() : 0);
    const auto weight = input(want_dx ? data.weight : std::vector<float>());
    if (want_dx) op.dx = dx.data(), op.weight = weight.data();
    if (want_dweight) op.dweight = dweight.data(), op.dbias = dbias.data();
    const auto weights = input(row_weights);
    if (!row_weights.empty()) op.row_weight = weights.data();
    kernels::linear_backward(view(threads), op);
    return {dx.get(), dweight.get(), dbias.get()};
  }

  QueueView view(int threads) const {
    QueueView view = queue();
    if (threads > 0) view.threads = threads;
    return view;
  }
};
}  // namespace agon::test
