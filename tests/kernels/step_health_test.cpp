// What a health probe sees, against plain loops in double; when it is due, and where its sample goes.
#include "kernels/health_probe.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "kernels/step.hpp"
#include "tests/kernels/device_fixture.hpp"

namespace agon::test {
namespace step_health_test {

using kernels::HealthPartial;
using kernels::HealthProbe;
using kernels::HealthRing;
using kernels::HealthSample;
using kernels::Objective;
using kernels::RowRole;
using kernels::StepState;
using kernels::StepStatistics;

std::vector<float> normal(std::int64_t n, float mean, float deviation, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> draw(mean, deviation);
  std::vector<float> values(static_cast<std::size_t>(n));
  for (float& value : values) value = draw(engine);
  return values;
}

struct Scene {
  std::vector<float> gradient[2] = {normal(4 * 2500, 0, 3, 1), normal(64, 0, 1e-3f, 2)};
  std::vector<float> logits = normal(70, 0, 4, 3);
  std::size_t split = 40;
  Objective objective = Objective::non_saturating;
  std::vector<float> fakes;
  std::int64_t rows = 0, width = 1;
  std::vector<float> reference;
};

/// Rows that differ in every column's mean and deviation.
Scene scene(std::int64_t rows, std::int64_t width) {
  Scene s;
  s.rows = rows, s.width = width;
  s.fakes = normal(rows * width, 0, 1, 4);
  for (std::int64_t i = 0; i < rows * width; ++i)
    s.fakes[i] = s.fakes[i] * (0.1f + static_cast<float>(i % width)) + 3 - static_cast<float>(i % width);
  s.reference = normal(width, 1, 2, 5);
  for (std::int64_t c = 0; c < width; ++c) s.reference.push_back(0.5f + static_cast<float>(c % 7));
  s.reference.push_back(0.75f);
  return s;
}

double slope_of(const Scene& s, std::size_t i) {
  const bool real = i < s.split;
  const double z = s.logits[i], sign = real ? -1 : 1;
  switch (s.objective) {
    case Objective::hinge:
      return 1 + sign * z > 0 ? 1 : 0;
    case Objective::least_squares:
      return z - (real ? 1 : 0);
    case Objective::wasserstein:
      return 1;
    case Objective::relativistic:
      return 1 / (1 + std::exp(-sign * (z - s.logits[real ? i + s.split : i - s.split])));
    default:
      return 1 / (1 + std::exp(-sign * z));
  }
}

double deviation_of(const Scene& s, std::int64_t c, double& mean) {
  double square = 0;
  mean = 0;
  for (std::int64_t i = 0; i < s.rows; ++i) mean += s.fakes[i * s.width + c] / static_cast<double>(s.rows);
  for (std::int64_t i = 0; i < s.rows; ++i) square += std::pow(s.fakes[i * s.width + c] - mean, 2);
  return std::sqrt(square / static_cast<double>(s.rows));
}

double mean_nearest(const Scene& s, std::int64_t count) {
  double sum = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    double least = std::numeric_limits<double>::infinity();
    for (std::int64_t j = 0; j < count; ++j) {
      double square = 0;
      for (std::int64_t c = 0; c < s.width; ++c)
        square += std::pow(double{s.fakes[i * s.width + c]} - s.fakes[j * s.width + c], 2);
      if (i != j) least = std::min(least, square);
    }
    sum += std::sqrt(least);
  }
  return sum / static_cast<double>(count);
}

void expect_seen(const HealthSample& health, const Scene& s, std::int64_t neighbours) {
  double square[2] = {}, saturated[2] = {};
  for (int n = 0; n < 2; ++n)
    for (const float g : s.gradient[n]) square[n] += double{g} * g;
  EXPECT_NEAR(health.generator_gradient, std::sqrt(square[0]), 1e-5 * std::sqrt(square[0]));
  EXPECT_NEAR(health.discriminator_gradient, std::sqrt(square[1]), 1e-5 * std::sqrt(square[1]));
  for (std::size_t i = 0; i < s.logits.size(); ++i)
    saturated[i < s.split ? 0 : 1] += std::abs(slope_of(s, i)) < 0.01;
  EXPECT_NEAR(health.saturated_real, saturated[0] / static_cast<double>(s.split), 1e-6);
  EXPECT_NEAR(health.saturated_fake, saturated[1] / static_cast<double>(s.logits.size() - s.split), 1e-6);
  double least = std::numeric_limits<double>::infinity(), sum = 0, shift = 0;
  for (std::int64_t c = 0; c < s.width; ++c) {
    double mean = 0;
    const double ratio = deviation_of(s, c, mean) / s.reference[s.width + c];
    least = std::min(least, ratio);
    sum += ratio / static_cast<double>(s.width);
    shift = std::max(shift, std::abs(mean - s.reference[c]) / s.reference[s.width + c]);
  }
  EXPECT_NEAR(health.spread_least, least, 1e-5 * least);
  EXPECT_NEAR(health.spread_mean, sum, 1e-5 * sum);
  EXPECT_NEAR(health.shift_most, shift, 1e-5 * (1 + shift));
  const double distance = mean_nearest(s, neighbours) / s.reference[2 * s.width];
  EXPECT_NEAR(health.distance, distance, 1e-5 * distance);
}

class HealthProbeTest : public OnDevice {
 protected:
  /// The ring after the steps that begin with `state`.
  std::vector<HealthSample> ring_after(const Scene& s, StepState state, std::uint64_t every, int steps = 1) {
    const std::int64_t neighbours = std::min(s.rows, kernels::kHealthNeighbours);
    const auto states = inout<StepState>({state});
    const auto g = input(s.gradient[0]), d = input(s.gradient[1]), logits = input(s.logits);
    const auto fakes = input(s.fakes), reference = input(s.reference);
    const auto partial = output<HealthPartial>(kernels::kHealthBlocks);
    const auto ring = inout<HealthSample>(std::vector<HealthSample>(3));
    const auto statistics = output<StepStatistics>(4);
    const auto published = inout<std::uint64_t>({0});
    const HealthProbe health{
        .every = every,
        .gradient = {g.data(), d.data()},
        .parameters = {static_cast<std::int64_t>(g.size()), static_cast<std::int64_t>(d.size())},
        .loss = {.n = static_cast<std::int64_t>(s.logits.size()),
                 .split = static_cast<std::int64_t>(s.split),
                 .logits = logits.data(),
                 .term = {loss_term(s.objective, RowRole::real), loss_term(s.objective, RowRole::fake)}},
        .fakes = fakes.data(),
        .rows = s.rows,
        .neighbours = neighbours,
        .width = s.width,
        .reference = reference.data(),
        .partial = partial.data()};
    for (int i = 0; i < steps; ++i) {
      kernels::step_begin(queue(), {.state = states.data(), .health = health});
      kernels::step_end(queue(), {.state = states.data(),
                                  .ring = statistics.data(),
                                  .published = published.data(),
                                  .ring_size = 4,
                                  .health = {.partial = partial.data(),
                                             .ring = ring.data(),
                                             .size = 3,
                                             .every = every,
                                             .neighbours = neighbours}});
    }
    return ring.get();
  }
  static StepState before(std::uint64_t step, std::uint32_t warm = 1) {
    StepState state;
    state.step = step - 1;
    state.warm = warm;
    return state;
  }
};
AGON_ON_EVERY_DEVICE(HealthProbeTest);

TEST_P(HealthProbeTest, SeeWhatPlainLoopsSee) {
  const std::int64_t shapes[][2] = {{64, 10}, {2, 1}, {301, 70}, {128, 3}};
  for (const auto& [rows, width] : shapes) {
    SCOPED_TRACE(testing::Message() << rows << " x " << width);
    const Scene s = scene(rows, width);
    const HealthSample health = ring_after(s, before(64), 64)[1];
    EXPECT_EQ(health.step, 64u);
    expect_seen(health, s, std::min<std::int64_t>(rows, 128));
    release();
  }
}

TEST_P(HealthProbeTest, KnowWhereEachObjectiveIsFlat) {
  Scene s = scene(16, 2);
  s.logits.resize(80);
  for (std::size_t i = 0; i < 80; ++i) s.logits[i] = 0.3f * static_cast<float>(i < 40 ? i : 79 - i) - 6;
  for (std::size_t i = 0; i < 80; i += 5) s.logits[i] = i % 2 == 0 ? 1.001f : -0.001f;
  for (const Objective objective :
       {Objective::non_saturating, Objective::minimax, Objective::hinge, Objective::least_squares,
        Objective::wasserstein, Objective::relativistic}) {
    SCOPED_TRACE(static_cast<int>(objective));
    s.objective = objective;
    const HealthSample health = ring_after(s, before(64), 64)[1];
    expect_seen(health, s, 16);
    EXPECT_EQ(health.saturated_real > 0, objective != Objective::wasserstein);
    release();
  }
}

/// Two points far apart keep every column's deviation.
TEST_P(HealthProbeTest, SeeFewPointsWhereDeviationsDoNot) {
  Scene s = scene(60, 2);
  s.reference = {0, 0, 1, 1, 0.5f};
  for (std::size_t i = 0; i < s.fakes.size(); ++i) s.fakes[i] = i / 2 % 2 == 0 ? 1.0f : -1.0f;
  const HealthSample health = ring_after(s, before(64), 64)[1];
  EXPECT_EQ(health.spread_least, 1.0f);
  EXPECT_EQ(health.spread_mean, 1.0f);
  EXPECT_EQ(health.shift_most, 0.0f);
  EXPECT_EQ(health.distance, 0.0f);
}

TEST_P(HealthProbeTest, OnePointHasNoSpread) {
  Scene s = scene(60, 2);
  for (std::size_t i = 0; i < s.fakes.size(); ++i) s.fakes[i] = i % 2 == 0 ? 1e6f : 0.1f;
  const HealthSample health = ring_after(s, before(64), 64)[1];
  EXPECT_EQ(health.spread_mean, 0.0f);
  EXPECT_EQ(health.distance, 0.0f);
}

TEST_P(HealthProbeTest, LeaveOutColumnsThatDoNotVary) {
  Scene s = scene(60, 3);
  s.reference = {0, 0, 5, 1, 1, 0, 0.5f};
  for (std::size_t i = 0; i < s.fakes.size(); ++i) s.fakes[i] = i / 3 % 2 == 0 ? 1.0f : -1.0f;
  const HealthSample health = ring_after(s, before(64), 64)[1];
  EXPECT_EQ(health.spread_least, 1.0f);
  EXPECT_EQ(health.spread_mean, 1.0f);
  EXPECT_EQ(health.shift_most, 0.0f);
  s.reference = {1, 2, 3, 0, 0, 0, 0.5f};
  const HealthSample none = ring_after(s, before(64), 64)[1];
  EXPECT_TRUE(std::isnan(none.spread_least) && std::isnan(none.spread_mean) && std::isnan(none.shift_most));
}

/// Wherever it is among rows and columns: no number that comes after it, and no block without a column, may
/// cover it up, nor may it pass for a spread of 0.
TEST_P(HealthProbeTest, NanStays) {
  for (const std::int64_t width : {2, 70})
    for (const std::int64_t row : {0, 1, 33, 59}) {
      SCOPED_TRACE(testing::Message() << "row " << row << " of width " << width);
      Scene s = scene(60, width);
      s.fakes[static_cast<std::size_t>(row * width)] = std::numeric_limits<float>::quiet_NaN();
      const HealthSample health = ring_after(s, before(64), 64)[1];
      EXPECT_TRUE(std::isnan(health.spread_least) && std::isnan(health.spread_mean) &&
                  std::isnan(health.shift_most) && std::isnan(health.distance));
      EXPECT_TRUE(std::isfinite(health.generator_gradient));
      release();
    }
}

TEST_P(HealthProbeTest, AreTakenAtMultiples) {
  const Scene s = scene(8, 2);
  const std::vector<HealthSample> ring = ring_after(s, before(2), 4, 12);  // steps 2 to 13
  EXPECT_EQ(ring[1].step, 4u);
  EXPECT_EQ(ring[2].step, 8u);
  EXPECT_EQ(ring[0].step, 12u);
}

TEST_P(HealthProbeTest, NeedAStepBefore) {
  const Scene s = scene(8, 2);
  EXPECT_EQ(ring_after(s, before(4, 0), 4)[1].step, 0u);
  const std::vector<HealthSample> ring = ring_after(s, before(4, 0), 4, 5);
  EXPECT_EQ(ring[1].step, 0u);
  EXPECT_EQ(ring[2].step, 8u);
  StepState diverged = before(4);
  diverged.diverged = 1;
  EXPECT_EQ(ring_after(s, diverged, 4)[1].step, 0u);
}

TEST_P(HealthProbeTest, WithoutRowsHaveNoSpread) {
  Scene s = scene(2, 3);
  s.rows = 1;
  s.fakes.resize(3);
  const HealthSample health = ring_after(s, before(64), 64)[1];
  EXPECT_TRUE(std::isnan(health.spread_least) && std::isnan(health.spread_mean) &&
              std::isnan(health.shift_most) && std::isnan(health.distance));
  EXPECT_GT(health.generator_gradient, 0.0f);
}

}  // namespace step_health_test
}  // namespace agon::test
