// The norm of a gradient and the scale that clips it, against plain sums in double, and what Adam makes of
// the scale.
#include <cmath>
#include <limits>
#include <random>

#include "kernels/adam.hpp"
#include "kernels/gradient_norm.hpp"
#include "tests/kernels/linear_fixture.hpp"
#include "tests/kernels/replica_arena.hpp"

namespace agon::test {
namespace gradient_norm_test {

using kernels::AdamState;

std::vector<float> normal_numbers(std::size_t n, float size) {
  std::mt19937 generator(static_cast<unsigned>(n));
  std::normal_distribution<float> normal(0, size);
  std::vector<float> values(n);
  for (float& value : values) value = normal(generator);
  return values;
}

double norm_of(const std::vector<float>& values) {
  long double sum = 0;
  for (const float value : values) sum += static_cast<long double>(value) * static_cast<long double>(value);
  return static_cast<double>(std::sqrt(sum));
}

class GradientNorm : public OnDevice {
 protected:
  AdamState state_after(const std::vector<float>& values, double clip) {
    const auto gradient = input(values);
    const auto state = inout<AdamState>({AdamState{.step = 7, .rate = 0.5, .gradient_scale = 3}});
    kernels::gradient_norm(queue(), {.n = static_cast<std::int64_t>(values.size()),
                                     .gradient = gradient.data(),
                                     .clip = clip,
                                     .state = state.data()});
    const AdamState result = state.get()[0];
    EXPECT_EQ(result.step, 7u);
    EXPECT_EQ(result.rate, 0.5);
    release();
    return result;
  }
};
AGON_ON_EVERY_DEVICE(GradientNorm);

TEST_P(GradientNorm, IsTheSumsRoot) {
  for (const std::size_t n : {1, 2, 31, 257, 1000, 16384, 16385, 65536, 70001, 300000}) {
    for (const float size : {1e-20f, 1e-3f, 1.0f, 1e15f}) {
      SCOPED_TRACE(testing::Message() << n << " of " << size);
      const auto values = normal_numbers(n, size);
      const double norm = norm_of(values);
      for (const double clip : {0.3 * norm, 3 * norm, 1.0}) {
        const AdamState got = state_after(values, clip);
        ASSERT_NEAR(got.gradient_norm, norm, 1e-7 * norm);
        ASSERT_NEAR(got.gradient_scale, std::min(1.0, clip / (norm + 1e-6)), 1e-7);
      }
    }
  }
}

TEST_P(GradientNorm, OfNothingIsNothing) {
  const AdamState got = state_after(std::vector<float>(100), 1e-9);
  EXPECT_EQ(got.gradient_norm, 0.0f);
  EXPECT_NEAR(got.gradient_scale, 1e-3, 1e-9);  // PyTorch's, too: clip / 1e-6
}

/// One element lost or doubled would show.
TEST_P(GradientNorm, EveryElementCountsOnce) {
  for (const std::size_t n : {5, 600, 20000})
    for (std::size_t i = 0; i < n; i += n / 5) {
      std::vector<float> values(n);
      values[i] = -3;
      ASSERT_EQ(state_after(values, 1.5).gradient_norm, 3.0f) << i << " of " << n;
    }
}

TEST_P(GradientNorm, WhatIsNoNumberIsNotHidden) {
  std::vector<float> values(300, 1.0f);
  values[299] = std::numeric_limits<float>::quiet_NaN();
  const AdamState nan = state_after(values, 1);
  EXPECT_TRUE(std::isnan(nan.gradient_norm));
  EXPECT_EQ(nan.gradient_scale, 1.0f);
  values[299] = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(std::isinf(state_after(values, 1).gradient_norm));
}

TEST_P(GradientNorm, AdamTakesTheScaledGradient) {
  const std::size_t n = 1003;
  const auto g = normal_numbers(n, 1.0f);
  auto scaled = g;
  for (float& value : scaled) value *= 0.375f;
  std::vector<std::vector<std::uint32_t>> results[2];
  for (const bool by_scale : {false, true}) {
    AdamState settings{.step = 1,
                       .rate = 1e-2,
                       .beta1 = 0.5,
                       .beta2 = 0.99,
                       .epsilon = 1e-8,
                       .step_size = 0.02f,
                       .inv_sqrt_bias2 = 10};
    if (by_scale) settings.gradient_scale = 0.375f;
    const auto state = input<AdamState>({settings});
    const auto gradient = input(by_scale ? g : scaled);
    const auto p = inout(normal_numbers(n, 1.0f)), m = inout(std::vector<float>(n)),
               v = inout(std::vector<float>(n));
    kernels::adam(queue(), {.n = static_cast<std::int64_t>(n),
                            .parameter = p.data(),
                            .gradient = gradient.data(),
                            .moment1 = m.data(),
                            .moment2 = v.data(),
                            .state = state.data()});
    for (const auto& buffer : {p, m, v}) results[by_scale ? 1 : 0].push_back(bits(buffer.get()));
  }
  EXPECT_EQ(results[0], results[1]);
}

class GradientNormReplicas : public OnReplicas {};
AGON_ON_EVERY_DEVICE(GradientNormReplicas);

/// By one block, and by several, whose sums meet in each replica's own workspace.
TEST_P(GradientNormReplicas, EachHasItsOwn) {
  std::mt19937 generator(6);
  for (const std::int64_t n : {1000, 20000}) {
    const std::int64_t before_state = (n + 63) / 64 * 64, stride = before_state + 64;
    static_assert(sizeof(AdamState) <= 64 * sizeof(float));
    expect_replicas_as_alone(numbers(kReplicas * stride, generator), [&](QueueView view, float* at, int) {
      kernels::gradient_norm(
          view,
          {.n = n, .gradient = at, .clip = 1.5, .state = reinterpret_cast<AdamState*>(at + before_state)});
    });
  }
}

}  // namespace gradient_norm_test
}  // namespace agon::test
