// Activations against the C library in long double, their gradients against finite differences.
#include "kernels/activation.hpp"

#include <cfloat>
#include <cmath>
#include <limits>

#include "kernels/formula/activation.hpp"
#include "tests/finite_differences.hpp"
#include "tests/kernels/linear_fixture.hpp"
#include "tests/kernels/replica_arena.hpp"

namespace agon::test {
namespace activation_test {

using kernels::ActivationKind;
namespace formula = kernels::formula;

constexpr ActivationKind kKinds[] = {ActivationKind::identity, ActivationKind::leaky_relu,
                                     ActivationKind::tanh, ActivationKind::sigmoid};
constexpr float kSlope = 0.2f, kInfinity = std::numeric_limits<float>::infinity();
constexpr std::size_t kSizes[] = {0, 1, 3, 4, 5, 255, 256, 1020, 1023, 1024, 1025, 4100};

template <class Number>
Number oracle(ActivationKind kind, Number x) {
  switch (kind) {
    case ActivationKind::identity:
      return x;
    case ActivationKind::leaky_relu:
      return x > 0 ? x : static_cast<Number>(kSlope) * x;
    case ActivationKind::tanh:
      return std::tanh(x);
    case ActivationKind::sigmoid:
      return 1 / (1 + std::exp(-x));
  }
  return std::nan("");
}

/// Units of the last place between a float and what it should be.
double ulps_off(float actual, long double expected) {
  const float nearest = std::abs(static_cast<float>(expected));
  const float unit = std::nextafter(nearest, kInfinity) - nearest;
  return static_cast<double>(std::abs(static_cast<long double>(actual) - expected) / unit);
}

/// Numbers from denormal to huge, of either sign, and common ones between.
std::vector<float> wide_numbers(std::size_t n, std::mt19937& generator) {
  std::vector<float> values = numbers(static_cast<std::int64_t>(n), generator);
  std::uniform_real_distribution<float> exponent(-150, 127);
  for (std::size_t i = 0; i < n; i += 2)
    values[i] = std::ldexp(1 + std::abs(values[i]) / 8, static_cast<int>(exponent(generator))) *
                (values[i] > 0 ? 1.0f : -1.0f);
  for (std::size_t i = 1; i < n; i += 4) values[i] *= 20;
  return values;
}

class ActivationTest : public OnDevice {
 protected:
  /// `offset` numbers before those that are touched.
  std::vector<float> run(ActivationKind kind, const std::vector<float>& values, std::size_t offset = 0) {
    const auto y = inout(values);
    kernels::Activation op{.n = static_cast<std::int64_t>(values.size() - offset),
                           .y = y.data() + offset,
                           .kind = kind,
                           .slope = kSlope};
    kernels::activation(queue(), op);
    return y.get();
  }

  std::vector<float> back(ActivationKind kind, const std::vector<float>& outputs,
                          const std::vector<float>& gradients, std::size_t offset = 0) {
    const auto y = input(outputs), dy = input(gradients);
    const auto gradient = inout(gradients), apart = inout(outputs);
    kernels::ActivationBackward op{.n = static_cast<std::int64_t>(outputs.size() - offset),
                                   .y = y.data() + offset,
                                   .gradient = gradient.data() + offset,
                                   .kind = kind,
                                   .slope = kSlope};
    kernels::activation_backward(queue(), op);
    op.dy = {dy.data() + offset};
    op.gradient = apart.data() + offset;
    kernels::activation_backward(queue(), op);
    const std::vector<float> found = gradient.get(), same = apart.get();
    const auto from = static_cast<std::ptrdiff_t>(offset);
    EXPECT_EQ(bits({same.begin() + from, same.end()}), bits({found.begin() + from, found.end()}));
    return found;
  }
};
AGON_ON_EVERY_DEVICE(ActivationTest);

TEST_P(ActivationTest, IsTheFunctionToThreeUlps) {
  std::mt19937 generator(1);
  for (const ActivationKind kind : kKinds)
    for (const std::size_t n : kSizes)
      for (const std::size_t offset : {0, 1, 4}) {
        SCOPED_TRACE(testing::Message()
                     << "kind " << static_cast<int>(kind) << ", " << n << " numbers from " << offset);
        const std::vector<float> x = wide_numbers(offset + n, generator), y = run(kind, x, offset);
        const bool exact = kind == ActivationKind::identity || kind == ActivationKind::leaky_relu;
        for (std::size_t i = 0; i < x.size(); ++i) {
          if (i < offset) {
            ASSERT_EQ(y[i], x[i]);
          } else {
            ASSERT_LE(ulps_off(y[i], oracle(kind, static_cast<long double>(x[i]))), exact ? 0.5 : 3.0)
                << x[i];
          }
        }
        release();
      }
}

TEST_P(ActivationTest, HasLimitsAndKeepsNaN) {
  const std::vector<float> x{0.0f,    -0.0f,    kInfinity,     -kInfinity,
                             FLT_MAX, -FLT_MAX, std::nanf(""), -std::nanf("")};
  const std::vector<float> tanh{0, 0, 1, -1, 1, -1}, sigmoid{0.5f, 0.5f, 1, 0, 1, 0},
      leaky{0, 0, kInfinity, -kInfinity, FLT_MAX, kSlope * -FLT_MAX};
  for (const ActivationKind kind : kKinds) {
    const std::vector<float>& limits = kind == ActivationKind::tanh         ? tanh
                                       : kind == ActivationKind::sigmoid    ? sigmoid
                                       : kind == ActivationKind::leaky_relu ? leaky
                                                                            : x;
    const std::vector<float> y = run(kind, x);
    for (std::size_t i = 0; i < 6; ++i)
      EXPECT_EQ(y[i], limits[i]) << static_cast<int>(kind) << " of " << x[i];
    EXPECT_TRUE(std::isnan(y[6]) && std::isnan(y[7])) << static_cast<int>(kind);
    EXPECT_TRUE(std::isnan(back(kind, {0.5f}, {std::nanf("")})[0])) << static_cast<int>(kind);
  }
}

TEST_P(ActivationTest, GradientsMatchFiniteDifferences) {
  std::mt19937 generator(2);
  for (const ActivationKind kind : kKinds)
    for (const std::size_t n : kSizes)
      for (const std::size_t offset : {0, 1, 4}) {
        SCOPED_TRACE(testing::Message()
                     << "kind " << static_cast<int>(kind) << ", " << n << " numbers from " << offset);
        const auto size = static_cast<std::int64_t>(offset + n);
        std::vector<float> x = numbers(size, generator), y;
        for (float& value : x) {
          if (std::abs(value) < 0.01f) value = -0.5f;  // LeakyReLU has no derivative at 0
          y.push_back(oracle(kind, value));
        }
        const std::vector<float> gradients = numbers(size, generator);
        const std::vector<float> got = back(kind, y, gradients, offset);
        for (std::size_t i = 0; i < x.size(); ++i) {
          std::vector<double> at{static_cast<double>(x[i])};
          const double slope = finite_differences(at, [&] { return oracle(kind, at[0]); })[0];
          const double gradient = static_cast<double>(gradients[i]);
          ASSERT_NEAR(got[i], i < offset ? gradient : gradient * slope, 4e-7 * std::abs(gradient)) << x[i];
        }
        release();
      }
}

/// At 0 the slope is that of what is not positive, as linear.hpp's.
TEST_P(ActivationTest, LeakyReluHasItsSlopeAtZero) {
  EXPECT_EQ(back(ActivationKind::leaky_relu, {0.0f, -0.0f, 1e-30f, -1e-30f}, {3, 3, 3, 3}),
            (std::vector<float>{kSlope * 3, kSlope * 3, 3, kSlope * 3}));
}

/// Enough numbers for several of the processor's threads; the formula here is another compilation of it.
TEST_P(ActivationTest, TheSameBitsOnEveryDevice) {
  std::mt19937 generator(3);
  const std::vector<float> x = wide_numbers(40'001, generator), gradients = numbers(40'001, generator);
  for (const ActivationKind kind : kKinds) {
    std::vector<float> y, back_again;
    for (std::size_t i = 0; i < x.size(); ++i) {
      y.push_back(formula::activation(kind, kSlope, x[i]));
      back_again.push_back(gradients[i] * formula::activation_derivative(kind, kSlope, y[i]));
    }
    EXPECT_EQ(bits(run(kind, x)), bits(y)) << static_cast<int>(kind);
    EXPECT_EQ(bits(back(kind, y, gradients)), bits(back_again)) << static_cast<int>(kind);
    release();
  }
}

class ActivationReplicas : public OnReplicas {};
AGON_ON_EVERY_DEVICE(ActivationReplicas);

TEST_P(ActivationReplicas, EachHasItsOwn) {
  std::mt19937 generator(4);
  for (const std::int64_t n : {36, 37})
    expect_replicas_as_alone(numbers(kReplicas * 128, generator), [&](QueueView view, float* at, int) {
      kernels::activation(view, {.n = n, .y = at, .kind = ActivationKind::tanh});
      kernels::ActivationBackward back{.n = n, .y = at, .gradient = at + 64, .kind = ActivationKind::tanh};
      kernels::activation_backward(view, back);
      back.dy = {at + 1};
      back.n = n - 1;
      kernels::activation_backward(view, back);
    });
}

}  // namespace activation_test
}  // namespace agon::test
