// step_begin and step_end: what a training step counts, derives and publishes.
#include "kernels/step.hpp"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <numbers>

#include "tests/kernels/device_fixture.hpp"

namespace agon::test {
namespace step_test {

using kernels::StepState;
using kernels::StepStatistics;

StepState example() {
  StepState state;
  state.stop_at = 100;
  state.optimiser[0] = {.rate = 2e-4, .beta1 = 0.5, .beta2 = 0.999, .epsilon = 1e-8};
  state.optimiser[1] = {.step = 10, .rate = 3e-3, .beta1 = 0.9, .beta2 = 0.99, .epsilon = 1e-7};
  state.result[0] = {.loss = {0.5f, 0.25f}, .output = {0.7f, 0.3f}};
  state.result[1] = {.loss = {2.0f, 0}, .output = {0.4f, 0}};
  return state;
}

constexpr std::uint32_t kBoth = 0b11;

class Step : public OnDevice {};
AGON_ON_EVERY_DEVICE(Step);

TEST_P(Step, BeginAdvancesBothOptimisers) {
  const auto state = inout<StepState>({example()});
  for (int t = 1; t <= 300; ++t) {
    kernels::step_begin(queue(), {.state = state.data(), .advances = kBoth});
    const StepState now = state.get()[0];
    EXPECT_EQ(now.step, 0u);
    ASSERT_EQ(now.optimiser[0].step, static_cast<std::uint64_t>(t));
    ASSERT_EQ(now.optimiser[1].step, static_cast<std::uint64_t>(t + 10));
    for (const kernels::AdamState& adam : {now.optimiser[0], now.optimiser[1]}) {
      const auto s = static_cast<long double>(adam.step);
      const long double size = adam.rate / (1 - std::pow(static_cast<long double>(adam.beta1), s));
      const long double scale = 1 / std::sqrt(1 - std::pow(static_cast<long double>(adam.beta2), s));
      ASSERT_NEAR(adam.step_size, static_cast<double>(size), static_cast<double>(size) * 0x1.001p-24);
      ASSERT_NEAR(adam.inv_sqrt_bias2, static_cast<double>(scale), static_cast<double>(scale) * 0x1.001p-24);
    }
  }
}

TEST_P(Step, BeginAdvancesTheOptimisersThatAreNamed) {
  StepState before = example();
  before.optimiser[2] = {.step = 70, .rate = 5e-3, .beta1 = 0.6, .beta2 = 0.98, .epsilon = 1e-6};
  before.keeping = {1, 5, {3, 4, 5, 6}};
  const std::uint32_t named = 0b101;
  for (const bool again : {false, true}) {
    const auto state = inout<StepState>({before});
    kernels::step_begin(queue(), {.state = state.data(), .advances = named, .again = again});
    const StepState now = state.get()[0];
    for (int i = 0; i < kernels::kMostPlayers; ++i) {
      SCOPED_TRACE(i);
      StepState alone = before;
      alone.optimiser[0] = before.optimiser[i];
      const auto other = inout<StepState>({alone});
      kernels::step_begin(queue(), {.state = other.data()});
      const bool is_named = (named >> i & 1) != 0;
      const kernels::AdamState expected = is_named ? other.get()[0].optimiser[0] : before.optimiser[i];
      EXPECT_EQ(now.optimiser[i].step, before.optimiser[i].step + (is_named ? 1 : 0));
      EXPECT_EQ(std::memcmp(&now.optimiser[i], &expected, sizeof expected), 0);
    }
    EXPECT_EQ(now.keeping.slot, again ? 1 : -1);
    EXPECT_EQ(now.keeping.updates[3], again ? 6u : 0u);
  }
}

TEST_P(Step, BiasCorrectionsFadeInALongRun) {
  StepState late = example();
  late.optimiser[1].step = 123'456'789'012;
  const auto state = inout<StepState>({late});
  kernels::step_begin(queue(), {.state = state.data(), .advances = kBoth});
  EXPECT_EQ(state.get()[0].optimiser[1].step_size, 3e-3f);
  EXPECT_EQ(state.get()[0].optimiser[1].inv_sqrt_bias2, 1.0f);
}

/// RateSchedule's definition in long double; PyTorch's LinearLR and CosineAnnealingLR are the same (closed
/// forms).
long double factor_of(const kernels::RateSchedule& schedule, std::uint64_t step) {
  const auto s = static_cast<long double>(step), warmup = static_cast<long double>(schedule.warmup_steps);
  const auto whole = static_cast<long double>(schedule.steps);
  const long double last = schedule.final_fraction;
  if (s < warmup) return (s + 1) / warmup;
  if (schedule.shape == kernels::RateShape::constant) return 1;
  if (s >= whole) return last;
  const long double p = (s - warmup) / (whole - warmup);
  if (schedule.shape == kernels::RateShape::linear) return 1 - (1 - last) * p;
  return last + (1 - last) * (1 + std::cos(std::numbers::pi_v<long double> * p)) / 2;
}

TEST_P(Step, TheSchedulesFactorIsOnBothRates) {
  using kernels::RateShape;
  const kernels::RateSchedule schedules[] = {
      {RateShape::constant, 0, 0, 0},        {RateShape::constant, 7, 0, 0.5},
      {RateShape::linear, 0, 1000, 0},       {RateShape::linear, 100, 1000, 0.1},
      {RateShape::cosine, 0, 1000, 0},       {RateShape::cosine, 13, 1000, 0.25},
      {RateShape::cosine, 999, 1000, 0.125}, {RateShape::cosine, 5, 1'000'000'007, 0}};
  for (const auto& schedule : schedules) {
    for (const std::uint64_t step : {0, 1, 6, 7, 12, 13, 99, 100, 499, 500, 501, 998, 999, 1000, 1'000'000}) {
      SCOPED_TRACE(testing::Message() << "shape " << static_cast<int>(schedule.shape) << ", warm-up "
                                      << schedule.warmup_steps << ", step " << step);
      StepState before = example();
      before.step = step;
      before.schedule = schedule;
      const auto state = inout<StepState>({before});
      kernels::step_begin(queue(), {.state = state.data(), .advances = kBoth});
      const StepState now = state.get()[0];
      for (const kernels::AdamState& adam : {now.optimiser[0], now.optimiser[1]}) {
        const auto s = static_cast<long double>(adam.step);
        const long double size =
            factor_of(schedule, step) * adam.rate / (1 - std::pow(static_cast<long double>(adam.beta1), s));
        EXPECT_NEAR(adam.step_size, static_cast<double>(size), static_cast<double>(size) * 0x1.001p-24);
      }
      EXPECT_EQ(now.schedule, schedule);
    }
  }
}

/// BurnIn's definition in long double.
long double moved(long double first, long double last, std::uint64_t steps, std::uint64_t step) {
  if (step >= steps) return last;
  const long double p = static_cast<long double>(step) / static_cast<long double>(steps);
  return last + (first - last) * (1 + std::cos(std::numbers::pi_v<long double> * p)) / 2;
}

TEST_P(Step, ABurnInMovesPenaltiesAndBeta2) {
  constexpr long double kFirst[] = {0.9L, 0.5L};
  for (const kernels::BurnIn& burn_in :
       {kernels::BurnIn{1000, 0.1, 0.99}, {1000, 0.0, 0.25}, {7, 0.5, 0.999}, {1'000'000'007, 0.125, 0.99}}) {
    for (const std::uint64_t step : {0, 1, 3, 6, 7, 8, 250, 499, 500, 501, 999, 1000, 1'000'000}) {
      SCOPED_TRACE(testing::Message() << "of " << burn_in.steps << ", step " << step);
      StepState before = example();
      before.step = step;
      before.burn_in = burn_in;
      // Whatever an earlier step left.
      for (int i = 0; i < 2; ++i)
        before.optimiser[i].first_beta2 = static_cast<double>(kFirst[i]), before.optimiser[i].beta2 = 0.123;
      before.penalty_share = 77;
      const auto state = inout<StepState>({before});
      kernels::step_begin(queue(), {.state = state.data(), .advances = kBoth});
      const StepState now = state.get()[0];
      for (int i = 0; i < 2; ++i) {
        const kernels::AdamState& adam = now.optimiser[i];
        const long double beta2 = moved(kFirst[i], burn_in.final_beta2, burn_in.steps, step);
        ASSERT_NEAR(adam.beta2, static_cast<double>(beta2), 1e-15);
        const long double scale = 1 / std::sqrt(1 - std::pow(beta2, static_cast<long double>(adam.step)));
        EXPECT_NEAR(adam.inv_sqrt_bias2, static_cast<double>(scale),
                    static_cast<double>(scale) * 0x1.001p-24);
      }
      const auto share = static_cast<double>(moved(1, burn_in.final_penalty, burn_in.steps, step));
      EXPECT_NEAR(now.penalty_share, share, share * 0x1.001p-24);
      EXPECT_EQ(now.burn_in, burn_in);
    }
  }
}

TEST_P(Step, WithoutABurnInTheyStay) {
  for (const kernels::BurnIn& burn_in : {kernels::BurnIn{}, {0, 0.1, 0.99}, {10, 1, 0}}) {
    StepState before = example();
    before.step = 5;
    before.burn_in = burn_in;
    before.optimiser[1].first_beta2 = 0.5;
    const auto state = inout<StepState>({before});
    kernels::step_begin(queue(), {.state = state.data(), .advances = kBoth});
    EXPECT_EQ(state.get()[0].optimiser[0].beta2, 0.999);
    EXPECT_EQ(state.get()[0].optimiser[1].beta2, 0.99);
    EXPECT_EQ(state.get()[0].penalty_share, 1.0f);
  }
}

TEST_P(Step, EndPublishesRowsAndWrapsRound) {
  const auto state = inout<StepState>({example()});
  const auto ring = output<StepStatistics>(3);
  const auto published = inout<std::uint64_t>({0});
  for (std::uint64_t t = 1; t <= 7; ++t) {
    StepState before = state.get()[0];
    before.result[1].loss[0] = static_cast<float>(t);
    state.set({before});
    kernels::step_end(queue(), {state.data(), ring.data(), published.data(), 3});
    EXPECT_EQ(state.get()[0].step, t);
    EXPECT_EQ(state.get()[0].diverged, 0u);
    EXPECT_EQ(published.get()[0], t);
    const StepStatistics row = ring.get()[(t - 1) % 3];
    EXPECT_EQ(row.step, t);
    EXPECT_EQ(row.loss[0], 0.75f);
    EXPECT_EQ(row.loss[1], static_cast<float>(t));
    EXPECT_EQ(row.output[0], 0.7f);
    EXPECT_EQ(row.output[1], 0.3f);
  }
  EXPECT_EQ(ring.get()[1].step, 5u);  // the rows before the last wrap are still there
  EXPECT_EQ(ring.get()[2].step, 6u);
}

/// The processor, which need not cross a bus, publishes every row.
TEST_P(Step, RowsWaitWhereALaunchRepeatsSteps) {
  constexpr int kRing = 2 * kernels::kMostPending;
  const auto state = inout<StepState>({example()});
  const auto ring = output<StepStatistics>(kRing);
  const auto published = inout<std::uint64_t>({0});
  const auto end = [&](std::uint64_t pause_at, float loss) {
    StepState before = state.get()[0];
    before.pause_at = pause_at;
    before.result[1].loss[0] = loss;
    state.set({before});
    kernels::step_end(queue(), {state.data(), ring.data(), published.data(), kRing});
  };
  const auto expect_published = [&](int first, int last) {
    EXPECT_EQ(published.get()[0], static_cast<std::uint64_t>(last));
    for (int t = first; t <= last; ++t) {
      EXPECT_EQ(ring.get()[(t - 1) % kRing].step, static_cast<std::uint64_t>(t));
      EXPECT_EQ(ring.get()[(t - 1) % kRing].loss[1], static_cast<float>(t));
    }
  };
  constexpr int kFull = 6 + kernels::kMostPending;
  constexpr std::uint64_t kAhead = 1000;
  for (int t = 1; t <= 5; ++t) end(kAhead, static_cast<float>(t));
  expect_published(1, on_cuda() ? 0 : 5);
  end(0, 6);
  expect_published(1, 6);
  for (int t = 7; t < kFull; ++t) end(kAhead, static_cast<float>(t));
  expect_published(1, on_cuda() ? 6 : kFull - 1);
  end(kAhead, kFull);
  expect_published(7, kFull);
  end(kAhead, kFull + 1);
  expect_published(7, on_cuda() ? kFull : kFull + 1);
}

TEST_P(Step, EndLeavesTheRestOfTheStateAlone) {
  const auto state = inout<StepState>({example()});
  const auto ring = output<StepStatistics>(1);
  const auto published = output<std::uint64_t>(1);
  kernels::step_end(queue(), {state.data(), ring.data(), published.data(), 1});
  const StepState now = state.get()[0];
  EXPECT_EQ(now.stop_at, 100u);
  EXPECT_EQ(now.optimiser[1].step, 10u);
  EXPECT_EQ(now.optimiser[0].rate, 2e-4);
  EXPECT_EQ(now.result[0].loss[1], 0.25f);
  EXPECT_EQ(published.get()[0], 1u);
}

TEST_P(Step, ALossThatIsNotFiniteStopsTheCount) {
  const float bad[] = {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                       -std::numeric_limits<float>::infinity()};
  for (const float value : bad) {
    for (int place = 0; place < 4; ++place) {
      SCOPED_TRACE(testing::Message() << value << " at " << place);
      StepState diverging = example();
      diverging.result[place / 2].loss[place % 2] = value;
      const auto state = inout<StepState>({diverging});
      const auto ring = output<StepStatistics>(4);
      const auto published = inout<std::uint64_t>({0});
      for (int repeat = 0; repeat < 3; ++repeat) {  // the diverging step counts; a graph's body may run on
        kernels::step_begin(queue(), {.state = state.data(), .advances = kBoth});
        kernels::step_end(queue(), {state.data(), ring.data(), published.data(), 4});
        const StepState now = state.get()[0];
        EXPECT_EQ(now.diverged, 1u);
        EXPECT_EQ(now.step, 1u);
        EXPECT_EQ(now.optimiser[1].step, 11u);
        EXPECT_EQ(now.optimiser[0].step, 1u);
        EXPECT_EQ(published.get()[0], 1u);
        EXPECT_EQ(ring.get()[0].step, 1u);
      }
    }
  }
}

TEST_P(Step, TheLargestLossesAreFinite) {
  StepState large = example();
  large.result[0].loss[0] = std::numeric_limits<float>::max();
  large.result[0].loss[1] = 0;
  large.result[1].loss[0] = -std::numeric_limits<float>::max();
  const auto state = inout<StepState>({large});
  const auto ring = output<StepStatistics>(1);
  const auto published = inout<std::uint64_t>({0});
  kernels::step_end(queue(), {state.data(), ring.data(), published.data(), 1});
  EXPECT_EQ(state.get()[0].diverged, 0u);
}

/// Numbers of a sum whose terms are exact: any order gives it.
std::vector<float> exact_penalties(std::size_t n) {
  std::vector<float> penalties(n);
  for (std::size_t i = 0; i < n; ++i) penalties[i] = static_cast<float>(i % 37) * 0.25f;
  return penalties;
}

TEST_P(Step, EndScalesAndPublishesThePenaltiesSum) {
  for (const std::size_t n : {0, 1, 31, 255, 256, 257, 700, 6144}) {
    SCOPED_TRACE(n);
    const std::vector<float> values = exact_penalties(n);
    float expected = 0;
    for (const float value : values) expected += value;
    const auto penalties = input(values);
    const auto state = inout<StepState>({example()});
    const auto ring = output<StepStatistics>(2);
    const auto published = inout<std::uint64_t>({0});
    kernels::StepEnd end{state.data(), ring.data(), published.data(), 2};
    end.penalties = penalties.data(), end.penalty_rows = static_cast<std::int64_t>(n);
    end.penalty_scale = 0.125f;
    kernels::step_end(queue(), end);
    EXPECT_EQ(state.get()[0].penalty, 0.125f * expected);
    EXPECT_EQ(ring.get()[0].penalty, 0.125f * expected);
    EXPECT_EQ(ring.get()[0].loss[0], 0.75f) << "it is in no loss";
    end.penalties = nullptr;
    kernels::step_end(queue(), end);
    EXPECT_EQ(ring.get()[1].penalty, 0.125f * expected) << "the state's, where nobody works it out";
    release();
  }
}

TEST_P(Step, APenaltyThatIsNotFiniteStopsTheCount) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    std::vector<float> values = exact_penalties(300);
    values[299] = bad;
    const auto penalties = input(values);
    StepState before = example();
    before.keeping = {0, 0, {0, 9}};
    const auto state = inout<StepState>({before});
    const auto ring = output<StepStatistics>(2);
    const auto published = inout<std::uint64_t>({0});
    kernels::StepEnd end{state.data(), ring.data(), published.data(), 2};
    end.penalties = penalties.data(), end.penalty_rows = 300;
    for (int repeat = 0; repeat < 2; ++repeat) kernels::step_end(queue(), end);
    EXPECT_EQ(state.get()[0].diverged, 1u);
    EXPECT_EQ(state.get()[0].kept.slot, -1);
    EXPECT_EQ(published.get()[0], 1u);
  }
}

}  // namespace step_test
}  // namespace agon::test
