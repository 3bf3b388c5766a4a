// Adam against the algorithm as published, in double precision, with its decay and its average.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>

#include "kernels/adam.hpp"
#include "kernels/step.hpp"
#include "tests/kernels/device_fixture.hpp"

namespace agon::test {
namespace adam_test {

using kernels::AdamState;
using kernels::StepState;

/// Algorithm 1 of the paper, element by element, with nothing derived beforehand; decay as algorithm 2 of the
/// one on decoupled decay; the average as StyleGAN2-ADA's ramp, in updates.
struct Oracle {
  std::vector<double> p, m, v, average;
  AdamState settings;

  void update(const std::vector<float>& gradient, int t) {
    for (std::size_t i = 0; i < p.size(); ++i) {
      const double g = gradient[i] + settings.l2 * p[i];
      m[i] = settings.beta1 * m[i] + (1 - settings.beta1) * g;
      v[i] = settings.beta2 * v[i] + (1 - settings.beta2) * g * g;
      const double m_hat = m[i] / (1 - std::pow(settings.beta1, t));
      const double v_hat = v[i] / (1 - std::pow(settings.beta2, t));
      p[i] -= settings.rate * settings.weight_decay * p[i];
      p[i] -= settings.rate * m_hat / (std::sqrt(v_hat) + settings.epsilon);
    }
    const double keep = std::pow(0.5, 1 / std::min(settings.average_half_life, 0.05 * t));
    for (std::size_t i = 0; i < average.size(); ++i) average[i] = keep * average[i] + (1 - keep) * p[i];
  }
};

/// Gradients of every size, from 1e-6 to 10, some of them zero.
std::vector<float> gradients(std::size_t n, std::uint32_t seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  std::uniform_real_distribution<float> exponent(-6, 1);
  std::vector<float> g(n);
  for (float& value : g)
    value = generator() % 16 == 0 ? 0.0f : normal(generator) * std::pow(10.0f, exponent(generator));
  return g;
}

class Adam : public OnDevice {
 protected:
  void compare(std::size_t n, int steps, AdamState settings) {
    const std::vector<float> start = gradients(n, 99);
    const bool averaged = settings.average_half_life > 0;
    Oracle oracle{{start.begin(), start.end()}, std::vector<double>(n), std::vector<double>(n), {}, settings};
    if (averaged) oracle.average = oracle.p;
    StepState initial;
    initial.optimiser[0] = settings;
    const auto state = inout<StepState>({initial});
    const auto p = inout(start);
    const auto m = inout(std::vector<float>(n));
    const auto v = inout(std::vector<float>(n));
    const auto average = inout(start);
    const auto gradient = inout(std::vector<float>(n));
    for (int t = 1; t <= steps; ++t) {
      const std::vector<float> g = gradients(n, static_cast<std::uint32_t>(t));
      gradient.set(g);
      kernels::step_begin(queue(), {.state = state.data()});
      kernels::adam(queue(), {.n = static_cast<std::int64_t>(n),
                              .parameter = p.data(),
                              .gradient = gradient.data(),
                              .moment1 = m.data(),
                              .moment2 = v.data(),
                              .state = &state.data()->optimiser[0],
                              .average = averaged ? average.data() : nullptr});
      oracle.update(g, t);
      ASSERT_EQ(gradient.get(), g);
    }
    // Rounding: a sum with memory 1/(1 - beta) carries about the root of that many half ulps; p one half ulp
    // a step.
    expect_near(m.get(), oracle.m, 1e-7 + settings.l2 * 1e-5, 1e-5);
    expect_near(v.get(), oracle.v, 1e-12, 1e-5);
    // The decay is a float, too, and the same half ulp in every step.
    const double drift = settings.weight_decay > 0 ? 3e-8 * steps : 0;
    const double relative = 6e-8 * std::sqrt(static_cast<double>(steps)) + 1e-7 + drift;
    const double absolute = 2e-7 + settings.rate * 1e-5 * steps;
    expect_near(p.get(), oracle.p, absolute, relative);
    if (averaged) {
      expect_near(average.get(), oracle.average, absolute, relative);
    } else {
      EXPECT_EQ(average.get(), start);
    }
  }
};
AGON_ON_EVERY_DEVICE(Adam);

TEST_P(Adam, ThousandSteps) {
  compare(1003, 1000, {.rate = 2e-4, .beta1 = 0.5, .beta2 = 0.999, .epsilon = 1e-8});
  compare(257, 1000, {.rate = 1e-2, .beta1 = 0.9, .beta2 = 0.99, .epsilon = 1e-4});
}

TEST_P(Adam, EverySize) {
  for (const std::size_t n : {1,  2,  3,  4,    5,    7,    8,    9,    15,   16,    17,    31,    33,
                              63, 64, 65, 1023, 1024, 1025, 4095, 4096, 4097, 16383, 16384, 16385, 50001}) {
    compare(n, 3, {.rate = 1e-3, .beta1 = 0.5, .beta2 = 0.999, .epsilon = 1e-8});
  }
}

TEST_P(Adam, DecaysAndAverages) {
  const AdamState settings{.rate = 1e-2, .beta1 = 0.5, .beta2 = 0.99, .epsilon = 1e-8, .weight_decay = 0.3};
  compare(1003, 300, settings);
  for (const double half_life :
       {0.01, 2.0, 40.0, 1e7}) {  // of less than an update, reached soon, later, never
    AdamState averaged = settings;
    averaged.average_half_life = half_life;
    compare(1003, 300, averaged);
  }
  for (const std::size_t n : {1, 3, 4, 5, 4097, 16385})
    compare(n, 3, {.rate = 1e-3, .beta1 = 0.5, .beta2 = 0.999, .epsilon = 1e-8, .average_half_life = 0.1});
}

TEST_P(Adam, AddsTheParametersToTheGradient) {
  compare(1003, 100, {.rate = 1e-3, .beta1 = 0.5, .beta2 = 0.9, .epsilon = 1e-3, .l2 = 0.2});
  compare(17, 20,
          {.rate = 1e-2, .beta1 = 0.5, .beta2 = 0.9, .epsilon = 1e-3, .weight_decay = 0.1, .l2 = 0.01});
}

/// What the device's own power of two makes of the ramp, against the library's, with the same bits
/// everywhere.
TEST_P(Adam, TheAveragesShareIsTheLibrarys) {
  double worst = 0;
  for (const double half_life : {1e-4, 0.02, 1.0, 7.7, 1234.5, 1e6}) {
    StepState initial;
    initial.optimiser[0] = {.rate = 1e-3, .beta1 = 0.5, .beta2 = 0.999, .epsilon = 1e-8};
    initial.optimiser[0].average_half_life = half_life;
    for (const std::uint64_t step : {0, 1, 2, 9, 19, 20, 21, 155, 4711, 99999, 30000000}) {
      initial.optimiser[0].step = step;
      const auto state = inout<StepState>({initial});
      kernels::step_begin(queue(), {.state = state.data()});
      const double shorter = std::min(half_life, 0.05 * static_cast<double>(step + 1));
      const double expected = -std::expm1(-std::log(2.0) / shorter);
      const double rest = static_cast<double>(state.get()[0].optimiser[0].average_rest);
      worst = std::max(worst, std::abs(rest / expected - 1));
      release();
    }
  }
  EXPECT_LE(worst, 6.1e-8);  // one rounding to float
}

TEST_P(Adam, WithoutMomentum) { compare(100, 20, {.rate = 1e-3, .beta1 = 0, .beta2 = 0.9, .epsilon = 1e-8}); }

TEST_P(Adam, NothingMovesWithoutGradients) {
  StepState initial;
  initial.optimiser[0] = {.rate = 1e-3, .beta1 = 0.5, .beta2 = 0.999, .epsilon = 1e-8};
  const auto state = inout<StepState>({initial});
  const std::vector<float> start = gradients(37, 1);
  const auto p = inout(start);
  const auto g = input(std::vector<float>(37));
  const auto m = inout(std::vector<float>(37));
  const auto v = inout(std::vector<float>(37));
  kernels::step_begin(queue(), {.state = state.data()});
  kernels::adam(queue(), {37, p.data(), g.data(), m.data(), v.data(), &state.data()->optimiser[0]});
  EXPECT_EQ(p.get(), start);
}

}  // namespace adam_test
}  // namespace agon::test
