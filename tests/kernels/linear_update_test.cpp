// What rides on a layer's gradients: adding up over micro-batches, Adam behind them, two layers in one call.
// Each has the bits of the plain operations one after the other.
#include <cmath>

#include "kernels/adam.hpp"
#include "tests/kernels/linear_oracle.hpp"

namespace agon::test {
namespace linear_update_test {

using kernels::LinearShape;

/// Thin both ways, one tile, several tiles, pieces of the batch's sum (a long batch and few tiles).
const LinearShape kUpdatedShapes[] = {{6, 10, 40},  {9, 33, 1},    {5, 20, 24},
                                      {64, 70, 50}, {700, 17, 18}, {1200, 12, 20}};

std::int64_t padded(std::int64_t n) { return (n + 15) / 16 * 16; }

class LinearUpdate : public OnDevice {
 protected:
  /// A layer's gradients in a buffer such as a network's: weight, zeroes, bias.
  struct Flat {
    std::vector<float> value, gradient, moment1, moment2, average;
  };

  Flat random_flat(const LinearShape& s, std::mt19937& generator) {
    const std::int64_t size = padded(s.out * s.in) + s.out;
    Flat flat{numbers(size, generator), numbers(size, generator), numbers(size, generator),
              numbers(size, generator), numbers(size, generator)};
    for (float& v : flat.moment2) v = std::abs(v);
    for (auto* buffer : {&flat.value, &flat.gradient, &flat.moment1, &flat.moment2, &flat.average})
      std::fill(buffer->begin() + s.out * s.in, buffer->begin() + padded(s.out * s.in), 0.0f);
    return flat;
  }

  static kernels::AdamState adam_state() {
    return {.step = 3,
            .rate = 1e-2,
            .beta1 = 0.5,
            .beta2 = 0.99,
            .epsilon = 1e-8,
            .step_size = 0.011f,
            .inv_sqrt_bias2 = 5.8f,
            .decay = 0.9f,
            .average_rest = 0.3f};
  }
};
AGON_ON_EVERY_DEVICE(LinearUpdate);

TEST_P(LinearUpdate, GradientsAddUp) {
  std::mt19937 generator(3);
  for (const LinearShape& s : kUpdatedShapes) {
    SCOPED_TRACE(testing::Message() << s.batch << "x" << s.in << "x" << s.out);
    const Oracle data(s, generator);
    const auto x = input(data.x), dz = input(data.dz);
    const auto before = numbers(s.out * s.in, generator), bias_before = numbers(s.out, generator);
    const auto dweight = inout(before), dbias = inout(bias_before);
    const auto weights = numbers(s.batch, generator);
    const auto row_weight = input(weights);
    kernels::linear_backward(queue(), {.shape = s,
                                       .x = x.data(),
                                       .dz = dz.data(),
                                       .dweight = dweight.data(),
                                       .dbias = dbias.data(),
                                       .accumulate = true});
    kernels::linear_backward(queue(), {.shape = s,
                                       .x = x.data(),
                                       .dz = dz.data(),
                                       .dweight = dweight.data(),
                                       .dbias = dbias.data(),
                                       .row_weight = row_weight.data(),
                                       .accumulate = true});
    auto sums = data.dweight(), biases = data.dbias();
    const auto weighted = data.dbias(weights);
    for (std::size_t i = 0; i < sums.size(); ++i) {
      const double once = sums[i].value;
      sums[i].add(once);
      sums[i].add(static_cast<double>(before[i]));
    }
    for (std::size_t i = 0; i < biases.size(); ++i) {
      biases[i].value += weighted[i].value, biases[i].size += weighted[i].size;
      biases[i].add(static_cast<double>(bias_before[i]));
    }
    expect_sums(dweight.get(), sums, "dweight", kFp32Tolerance);
    expect_sums(dbias.get(), biases, "dbias", kFp32Tolerance);
    release();
  }
}

TEST_P(LinearUpdate, AdamFollowsTheGradients) {
  std::mt19937 generator(4);
  for (const LinearShape& s : kUpdatedShapes) {
    for (const bool accumulate : {false, true}) {
      SCOPED_TRACE(testing::Message()
                   << s.batch << "x" << s.in << "x" << s.out << (accumulate ? " added" : ""));
      const LinearData data(s, generator);
      const Flat flat = random_flat(s, generator);
      const auto x = input(data.x), dz = input(data.dz);
      const auto row_weight = input(numbers(s.batch, generator));
      const auto state = input<kernels::AdamState>({adam_state()});
      std::vector<std::vector<std::uint32_t>> results[2];
      for (const bool fused : {false, true}) {
        const auto value = inout(flat.value), gradient = inout(flat.gradient);
        const auto moment1 = inout(flat.moment1), moment2 = inout(flat.moment2),
                   average = inout(flat.average);
        const kernels::Adam update{.n = static_cast<std::int64_t>(flat.value.size()),
                                   .parameter = value.data(),
                                   .gradient = gradient.data(),
                                   .moment1 = moment1.data(),
                                   .moment2 = moment2.data(),
                                   .state = state.data(),
                                   .average = average.data()};
        kernels::LinearBackward op{.shape = s,
                                   .x = x.data(),
                                   .dz = dz.data(),
                                   .dweight = gradient.data(),
                                   .dbias = gradient.data() + padded(s.out * s.in),
                                   .row_weight = accumulate ? row_weight.data() : nullptr,
                                   .accumulate = accumulate};
        if (fused) op.update = update;
        kernels::linear_backward(queue(), op);
        if (!fused) kernels::adam(queue(), update);
        for (const auto& buffer : {value, gradient, moment1, moment2, average})
          results[fused ? 1 : 0].push_back(bits(buffer.get()));
      }
      EXPECT_EQ(results[0], results[1]);
      release();
    }
  }
}

TEST_P(LinearUpdate, TwoLayersAtOnceAreTheTwo) {
  std::mt19937 generator(5);
  for (const LinearShape& s : kUpdatedShapes)
    for (const LinearShape& t : kUpdatedShapes) {
      SCOPED_TRACE(testing::Message() << s.batch << "x" << s.in << "x" << s.out << " beside " << t.batch
                                      << "x" << t.in << "x" << t.out);
      if (s.batch * t.batch > 100'000) continue;  // long ones against each other add only time
      const LinearData first(s, generator), second(t, generator);
      const auto x1 = input(first.x), w1 = input(first.weight), dz1 = input(first.dz);
      const auto x2 = input(second.x), dz2 = input(second.dz);
      const auto row_weight = input(numbers(t.batch, generator));
      std::vector<std::vector<std::uint32_t>> results[2];
      for (const bool at_once : {false, true}) {
        const auto dx = output<float>(first.x.size());
        const auto dweight = output<float>(second.weight.size()), dbias = output<float>(second.bias.size());
        const kernels::LinearBackward a{.shape = s,
                                        .x = x1.data(),
                                        .weight = w1.data(),
                                        .dz = dz1.data(),
                                        .dx = dx.data(),
                                        .input_slope = 0.2f};
        const kernels::LinearBackward b{.shape = t,
                                        .x = x2.data(),
                                        .dz = dz2.data(),
                                        .dweight = dweight.data(),
                                        .dbias = dbias.data(),
                                        .row_weight = s.out == 24 ? row_weight.data() : nullptr};
        if (at_once) {
          kernels::linear_backward_beside(queue(), {a, b});
        } else {
          kernels::linear_backward(queue(), a);
          kernels::linear_backward_beside(queue(), {b, {}});
        }
        for (const auto& buffer : {dx, dweight, dbias})
          results[at_once ? 1 : 0].push_back(bits(buffer.get()));
      }
      EXPECT_EQ(results[0], results[1]);
      release();
    }
}

}  // namespace linear_update_test
}  // namespace agon::test
