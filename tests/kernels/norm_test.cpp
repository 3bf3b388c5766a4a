// Batch and layer normalisation: against their formulas and central differences in double precision.
#include "kernels/norm.hpp"

#include <algorithm>
#include <cmath>

#include "tests/finite_differences.hpp"
#include "tests/kernels/linear_fixture.hpp"
#include "tests/kernels/replica_arena.hpp"

namespace agon::test {
namespace norm_test {

using kernels::NormBackward;
using kernels::NormForward;
using kernels::NormKind;

constexpr double kEpsilon = 1e-5, kMomentum = 0.1;

/// A norm in double precision and plain loops.
struct PlainNorm {
  NormKind kind;
  std::int64_t rows, width, group;
  float slope;
  std::vector<double> x, gamma, beta;
  std::vector<double> running_mean, running_variance;

  struct Statistics {
    double mean = 0, biased = 0, unbiased = 0;
  };
  Statistics over(std::int64_t first, std::int64_t count, std::int64_t stride) const {
    Statistics s;
    const auto n = static_cast<double>(count);
    for (std::int64_t i = 0; i < count; ++i) s.mean += x[first + i * stride] / n;
    for (std::int64_t i = 0; i < count; ++i) s.biased += std::pow(x[first + i * stride] - s.mean, 2) / n;
    s.unbiased = count > 1 ? s.biased * n / (n - 1) : 0;
    return s;
  }
  Statistics of(std::int64_t r, std::int64_t c) const {
    if (kind == NormKind::layer) return over(r * width, width, 1);
    return over(r / group * group * width + c, group, width);
  }
  static double inverse(const Statistics& s) { return 1 / std::sqrt(s.biased + kEpsilon); }

  std::vector<double> normalised() const {
    std::vector<double> out(x.size());
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::int64_t c = 0; c < width; ++c) {
        const Statistics s = of(r, c);
        out[r * width + c] = (x[r * width + c] - s.mean) * inverse(s);
      }
    return out;
  }
  double activated(double normal, std::int64_t c) const {
    const double u = gamma[c] * normal + beta[c];
    return u > 0 ? u : slope * u;
  }
  void move_running_statistics() {
    for (std::int64_t first = 0; first < rows; first += group)
      for (std::int64_t c = 0; c < width; ++c) {
        const Statistics s = of(first, c);
        running_mean[c] += kMomentum * (s.mean - running_mean[c]);
        running_variance[c] += kMomentum * (s.unbiased - running_variance[c]);
      }
  }
};

struct Case {
  NormKind kind;
  std::int64_t rows, width, group;
  float slope = 0.2f;
  float centre = 0;  ///< of x
};

std::vector<double> in_double(const std::vector<float>& values) { return {values.begin(), values.end()}; }

class NormTest : public OnDevice {
 protected:
  void check_training(const Case& c) {
    for (const bool in_place : {true, false}) check_training(c, in_place);
  }

  void check_training(const Case& c, bool in_place) {
    SCOPED_TRACE(testing::Message() << c.rows << " x " << c.width << " in " << c.group << "s, kind "
                                    << static_cast<int>(c.kind) << (in_place ? ", in place" : ""));
    std::mt19937 generator(static_cast<unsigned>(c.rows * 1000 + c.width));
    auto x = numbers(c.rows * c.width, generator);
    for (float& value : x) value += c.centre;
    const auto gamma = numbers(c.width, generator), beta = numbers(c.width, generator),
               mean = numbers(c.width, generator);
    auto variance = numbers(c.width, generator);
    for (float& value : variance) value = std::abs(value);
    PlainNorm plain{c.kind,       c.rows,           c.width,         c.group,         c.slope,
                    in_double(x), in_double(gamma), in_double(beta), in_double(mean), in_double(variance)};
    const auto at = in_place ? inout(x) : input(x);
    const auto apart = output<float>(in_place ? 0 : x.size());
    const auto& kept = in_place ? at : apart;
    const auto running_mean = inout(mean), running_variance = inout(variance);
    const auto y = output<float>(static_cast<std::size_t>(c.rows * c.width));
    const auto inverse = output<float>(
        static_cast<std::size_t>(c.kind == NormKind::batch ? c.rows / c.group * c.width : c.rows));
    kernels::norm_forward(queue(), {.kind = c.kind,
                                    .rows = c.rows,
                                    .width = c.width,
                                    .group = c.group,
                                    .x = at.data(),
                                    .normalised = {in_place ? nullptr : apart.data()},
                                    .gamma = input(gamma).data(),
                                    .beta = input(beta).data(),
                                    .y = y.data(),
                                    .slope = c.slope,
                                    .inverse_deviation = inverse.data(),
                                    .running_mean = running_mean.data(),
                                    .running_variance = running_variance.data()});
    const std::vector<double> normal = plain.normalised();
    std::vector<double> activated, inverses;
    for (std::int64_t i = 0; i < c.rows * c.width; ++i)
      activated.push_back(plain.activated(normal[i], i % c.width));
    const bool batch = c.kind == NormKind::batch;
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(inverse.size()); ++i)
      inverses.push_back(
          PlainNorm::inverse(batch ? plain.of(i / c.width * c.group, i % c.width) : plain.of(i, 0)));
    // A number's rounding, about a centre of 100 some 4e-6, is multiplied by the inverse deviation.
    const double steep = *std::max_element(inverses.begin(), inverses.end());
    const double allowed = 3e-6 + 2e-7 * steep * (1 + std::abs(static_cast<double>(c.centre)));
    expect_near(kept.get(), normal, allowed, 3e-6);
    expect_near(y.get(), activated, 4 * allowed, 6e-6);
    expect_near(inverse.get(), inverses, 0, 2e-5);
    if (batch) plain.move_running_statistics();
    expect_near(running_mean.get(), plain.running_mean, 1e-6 * (1 + std::abs(static_cast<double>(c.centre))));
    expect_near(running_variance.get(), plain.running_variance, 1e-6, 1e-5);
    release();
  }
};
AGON_ON_EVERY_DEVICE(NormTest);

TEST_P(NormTest, EqualsTheFormulas) {
  for (const std::int64_t width : {1, 3, 8, 9, 65})
    for (const std::int64_t group : {2, 5, 67}) {
      check_training({NormKind::batch, group, width, group});
      check_training({NormKind::batch, 2 * group, width, group});
      if (width > 1) check_training({NormKind::layer, 2 * group, width, group});
    }
  check_training({NormKind::batch, 300, 17, 150, 0.0f});
  check_training({NormKind::layer, 30, 17, 15, 1.0f});
  check_training({NormKind::batch, 130, 260, 65});  // enough for several of the processor's threads
  check_training({NormKind::layer, 130, 260, 65});
}

/// Where the mean of squares less the square of the mean would keep no digit.
TEST_P(NormTest, KeepsItsDigitsFarFromZero) {
  check_training({NormKind::batch, 128, 9, 64, 0.2f, 300});
  check_training({NormKind::layer, 6, 130, 6, 0.2f, 300});
}

TEST_P(NormTest, ASingleRowHasNoVariance) {
  const auto x = inout<float>({3, -4}), mean = inout<float>({1, 1}), variance = inout<float>({1, 1});
  const auto y = output<float>(2), inverse = output<float>(2);
  kernels::norm_forward(queue(), {.rows = 1,
                                  .width = 2,
                                  .group = 1,
                                  .x = x.data(),
                                  .gamma = input<float>({1, 1}).data(),
                                  .beta = input<float>({5, -5}).data(),
                                  .y = y.data(),
                                  .slope = 0.5f,
                                  .inverse_deviation = inverse.data(),
                                  .running_mean = mean.data(),
                                  .running_variance = variance.data()});
  EXPECT_EQ(y.get(), (std::vector<float>{5, -2.5f}));
  expect_near(mean.get(), std::vector<double>{1.2, 0.5}, 1e-6);
  expect_near(variance.get(), std::vector<double>{0.9, 0.9}, 1e-6);
}

TEST_P(NormTest, EvaluationTakesTheRunningStatistics) {
  std::mt19937 generator(9);
  for (const std::int64_t rows : {1, 3, 64, 129})
    for (const std::int64_t width : {1, 9, 70}) {
      const auto values = numbers(rows * width, generator), gamma = numbers(width, generator),
                 beta = numbers(width, generator), mean = numbers(width, generator);
      auto variance = numbers(width, generator);
      for (float& value : variance) value = std::abs(value) + 0.1f;
      const auto x = input(values);
      const auto y = output<float>(values.size());
      kernels::norm_forward(queue(), {.rows = rows,
                                      .width = width,
                                      .x = x.data(),
                                      .gamma = input(gamma).data(),
                                      .beta = input(beta).data(),
                                      .y = y.data(),
                                      .slope = 0.2f,
                                      .running_mean = inout(mean).data(),
                                      .running_variance = inout(variance).data()});
      std::vector<double> expected;
      for (std::int64_t i = 0; i < rows * width; ++i) {
        const std::int64_t c = i % width;
        const double normal =
            (double{values[i]} - double{mean[c]}) / std::sqrt(double{variance[c]} + kEpsilon);
        const double u = double{gamma[c]} * normal + double{beta[c]};
        expected.push_back(u > 0 ? u : 0.2 * u);
      }
      expect_near(y.get(), expected, 4e-6, 4e-6);
      release();
    }
}

struct Gradients {
  std::vector<float> dx, dgamma, dbeta;
};

class NormBackwardTest : public NormTest {
 protected:
  /// Of du, with dgamma and dbeta on top of ones where they accumulate.
  Gradients run(const PlainNorm& plain, const std::vector<float>& du, bool accumulate) {
    const std::vector<double> normal = plain.normalised();
    std::vector<float> inverse;
    const bool batch = plain.kind == NormKind::batch;
    for (std::int64_t i = 0; i < (batch ? plain.width : plain.rows); ++i)
      inverse.push_back(static_cast<float>(PlainNorm::inverse(batch ? plain.of(0, i) : plain.of(i, 0))));
    const auto width = static_cast<std::size_t>(plain.width);
    const auto gradient = inout(du);
    const auto dgamma = accumulate ? inout(std::vector<float>(width, 1.0f)) : output<float>(width);
    const auto dbeta = accumulate ? inout(std::vector<float>(width, 1.0f)) : output<float>(width);
    kernels::norm_backward(queue(),
                           {.kind = plain.kind,
                            .rows = plain.rows,
                            .width = plain.width,
                            .normalised = input(std::vector<float>(normal.begin(), normal.end())).data(),
                            .gamma = input(std::vector<float>(plain.gamma.begin(), plain.gamma.end())).data(),
                            .inverse_deviation = input(inverse).data(),
                            .gradient = gradient.data(),
                            .dgamma = dgamma.data(),
                            .dbeta = dbeta.data(),
                            .accumulate = accumulate});
    return {gradient.get(), dgamma.get(), dbeta.get()};
  }

  /// A weighted sum of gamma x^ + beta, whose gradient by it is du.
  void check(NormKind kind, std::int64_t rows, std::int64_t width, bool accumulate) {
    SCOPED_TRACE(testing::Message() << rows << " x " << width << ", kind " << static_cast<int>(kind));
    std::mt19937 generator(static_cast<unsigned>(rows * 100 + width));
    const auto du = numbers(rows * width, generator);
    PlainNorm plain{kind,
                    rows,
                    width,
                    rows,
                    1.0f,
                    in_double(numbers(rows * width, generator)),
                    in_double(numbers(width, generator)),
                    in_double(numbers(width, generator)),
                    {},
                    {}};
    const auto loss = [&] {
      const std::vector<double> normal = plain.normalised();
      double sum = 0;
      for (std::int64_t i = 0; i < rows * width; ++i)
        sum += double{du[i]} * plain.activated(normal[i], i % width);
      return sum;
    };
    double steep = 0;
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::int64_t c = 0; c < width; ++c) steep = std::max(steep, PlainNorm::inverse(plain.of(r, c)));
    const Gradients got = run(plain, du, accumulate);
    const double before = accumulate ? 1 : 0, many = std::sqrt(static_cast<double>(rows));
    const auto expect = [&](const std::vector<float>& values, std::vector<double>& numbers, double more,
                            double allowed) {
      auto slopes = finite_differences(numbers, loss);
      for (double& slope : slopes) slope += more;
      expect_near(values, slopes, allowed, 2e-6);
    };
    expect(got.dx, plain.x, 0, 6e-6 * (1 + steep));
    expect(got.dgamma, plain.gamma, before, 2e-6 * many);
    expect(got.dbeta, plain.beta, before, 2e-6 * many);
    release();
  }
};
AGON_ON_EVERY_DEVICE(NormBackwardTest);

TEST_P(NormBackwardTest, GradientsMatchFiniteDifferencesThroughTheStatistics) {
  for (const bool accumulate : {false, true}) {
    for (const std::int64_t width : {1, 2, 8, 9}) check(NormKind::batch, 7, width, accumulate);
    check(NormKind::batch, 67, 3, accumulate);
    check(NormKind::batch, 2, 17, accumulate);
    for (const std::int64_t width : {2, 8, 9, 33}) check(NormKind::layer, 5, width, accumulate);
    check(NormKind::layer, 67, 3, accumulate);
  }
}

/// Beyond a block's rows and a thread's columns, against the closed form.
TEST_P(NormBackwardTest, EqualsTheFormulasWhereItIsLarge) {
  for (const NormKind kind : {NormKind::batch, NormKind::layer}) {
    constexpr std::int64_t kRows = 301, kWidth = 131;
    std::mt19937 generator(8);
    const auto du = numbers(kRows * kWidth, generator);
    const PlainNorm plain{kind,
                          kRows,
                          kWidth,
                          kRows,
                          1.0f,
                          in_double(numbers(kRows * kWidth, generator)),
                          in_double(numbers(kWidth, generator)),
                          in_double(numbers(kWidth, generator)),
                          {},
                          {}};
    const Gradients got = run(plain, du, false);
    const auto normal = plain.normalised();
    const bool batch = kind == NormKind::batch;
    const auto n = static_cast<double>(batch ? kRows : kWidth);
    std::vector<double> g(batch ? kWidth : kRows), product(g), dgamma(kWidth), dbeta(kWidth);
    for (std::int64_t i = 0; i < kRows * kWidth; ++i) {
      const std::int64_t c = i % kWidth, part = batch ? c : i / kWidth;
      g[part] += plain.gamma[c] * double{du[i]} / n;
      product[part] += plain.gamma[c] * double{du[i]} * normal[i] / n;
      dgamma[c] += double{du[i]} * normal[i];
      dbeta[c] += double{du[i]};
    }
    std::vector<double> dx;
    for (std::int64_t i = 0; i < kRows * kWidth; ++i) {
      const std::int64_t r = i / kWidth, c = i % kWidth, part = batch ? c : r;
      dx.push_back((plain.gamma[c] * double{du[i]} - g[part] - normal[i] * product[part]) *
                   PlainNorm::inverse(plain.of(r, c)));
    }
    expect_near(got.dx, dx, 4e-6, 4e-6);
    expect_near(got.dgamma, dgamma, 4e-5);
    expect_near(got.dbeta, dbeta, 4e-5);
    release();
  }
}

class NormReplicas : public OnReplicas {};
AGON_ON_EVERY_DEVICE(NormReplicas);

TEST_P(NormReplicas, EachHasItsOwn) {
  std::mt19937 generator(6);
  auto content = numbers(kReplicas * 512, generator);
  for (float& value : content) value = std::abs(value);  // variances among them
  for (const NormKind kind : {NormKind::batch, NormKind::layer})
    for (const bool training : {true, false})
      expect_replicas_as_alone(content, [&](QueueView view, float* at, int) {
        kernels::norm_forward(view, {.kind = kind,
                                     .rows = 14,
                                     .width = 9,
                                     .group = 7,
                                     .x = at,
                                     .gamma = at + 130,
                                     .beta = at + 140,
                                     .y = at + 150,
                                     .slope = 0.5f,
                                     .inverse_deviation = training ? at + 280 : nullptr,
                                     .running_mean = at + 300,
                                     .running_variance = at + 310});
        if (training)
          kernels::norm_backward(view, {.kind = kind,
                                        .rows = 7,
                                        .width = 9,
                                        .normalised = at,
                                        .gamma = at + 130,
                                        .inverse_deviation = at + 280,
                                        .gradient = at + 320,
                                        .dgamma = at + 390,
                                        .dbeta = at + 400});
      });
}

}  // namespace norm_test
}  // namespace agon::test
