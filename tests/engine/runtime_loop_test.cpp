// The loop: as many steps as asked for, in pieces or at once, on the device or from the host, to a
// divergence.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

#include "engine/runtime/buffer.hpp"
#include "engine/runtime/counters.hpp"
#include "engine/runtime/loop.hpp"
#include "engine/runtime/queue.hpp"
#include "kernels/adam.hpp"
#include "kernels/error.hpp"
#include "kernels/sigmoid_bce.hpp"
#include "kernels/step.hpp"
#include "tests/test_device.hpp"

namespace agon {
namespace {

using kernels::StepState;
using kernels::StepStatistics;

struct LoopCase {
  DeviceKind kind;
  LoopOptions options;

  std::string name() const {
    if (kind == DeviceKind::cpu) return "cpu";
    const std::string device = test::TestDevice{kind}.name();
    if (options.steps_per_launch == LoopOptions::kByOperation) return device + "_by_operation";
    return device + "_launch" + std::to_string(options.steps_per_launch) + "_unroll" +
           std::to_string(options.unroll);
  }
  bool captured() const {
    return kind == DeviceKind::cuda && options.steps_per_launch != LoopOptions::kByOperation;
  }
  /// Steps that are captured: those of a WHILE node's body and the one of the other's, or of a graph without
  /// them.
  int bodies() const {
    const auto each = static_cast<int>(options.steps_per_launch);
    if (each > 0 && each <= options.unroll) return each + (each > 1 ? 1 : 0);
    return options.unroll + (options.unroll > 1 ? 1 : 0);
  }
};

std::ostream& operator<<(std::ostream& stream, const LoopCase& one) { return stream << one.name(); }

/// A step small enough to be followed by hand: one logit is the loss of both players and is moved by Adam,
/// whose every step with a constant gradient of -1 adds the learning rate to it.
class SmallRun {
 public:
  SmallRun(const LoopCase& one, double rate)
      : device_(one.kind == DeviceKind::cuda ? Device::cuda() : Device::cpu(1)),
        queue_(device_),
        state_(device_, 1),
        logit_(device_, 4),
        gradient_(device_, 4),
        moments_(device_, 8),
        ring_(device_, kRing, MemoryKind::pinned),
        published_(device_, 1, MemoryKind::pinned),
        loop_(
            queue_, state_.data(), {published_.data(), 1}, [this](QueueView queue) { step(queue); },
            one.options) {
    StepState state{};
    state.generator = {.rate = rate, .beta1 = 0.5, .beta2 = 0.999, .epsilon = 0.0};
    state.discriminator = state.generator;
    queue_.upload(state_.data(), std::span<const StepState>(&state, 1));
    const float pull = -1.0f;
    queue_.upload(gradient_.data(), std::span<const float>(&pull, 1));
  }

  std::uint64_t run(std::uint64_t steps, const Watch& watch = {}) { return loop_.run(steps, watch); }
  int bodies() const { return bodies_; }
  std::uint64_t published() const { return *published_.data(); }
  const StepStatistics& row(std::uint64_t step) const { return ring_.data()[step % kRing]; }
  StepState state() const {
    StepState state;
    queue_.download(std::span(&state, 1), state_.data());
    return state;
  }
  float logit() const {
    float value = 0;
    queue_.download(std::span(&value, 1), logit_.data());
    return value;
  }

  static constexpr std::int64_t kRing = 64;

 private:
  void step(QueueView queue) {
    ++bodies_;
    StepState* const state = state_.data();
    kernels::step_begin(queue, {.state = state});
    kernels::adam(queue, {.n = 1,
                          .parameter = logit_.data(),
                          .gradient = gradient_.data(),
                          .moment1 = moments_.data(),
                          .moment2 = moments_.data() + 4,
                          .state = &state->generator});
    for (auto* result : {&state->discriminator_result, &state->generator_result})
      kernels::sigmoid_bce(queue,
                           {.n = 1, .split = 1, .logits = logit_.data(), .result = result, .target = {0, 0}});
    kernels::step_end(queue, {state, ring_.data(), published_.data(), kRing});
  }

  Device device_;
  Queue queue_;
  Buffer<StepState> state_;
  Buffer<float> logit_, gradient_, moments_;
  Buffer<StepStatistics> ring_;
  Buffer<std::uint64_t> published_;
  Loop loop_;
  int bodies_ = 0;
};

class RuntimeLoop : public ::testing::TestWithParam<LoopCase> {
 protected:
  void SetUp() override { AGON_SKIP_IF_ABSENT(test::TestDevice{GetParam().kind}); }
};
INSTANTIATE_TEST_SUITE_P(, RuntimeLoop,
                         ::testing::Values(LoopCase{DeviceKind::cpu, {}}, LoopCase{DeviceKind::cuda, {0, 16}},
                                           LoopCase{DeviceKind::cuda, {0, 3}},
                                           LoopCase{DeviceKind::cuda, {0, 1}},
                                           LoopCase{DeviceKind::cuda, {1, 16}},
                                           LoopCase{DeviceKind::cuda, {5, 16}},
                                           LoopCase{DeviceKind::cuda, {20, 3}},
                                           LoopCase{DeviceKind::cuda, {LoopOptions::kByOperation, 16}}),
                         [](const auto& one) { return one.param.name(); });

TEST_P(RuntimeLoop, RunsTheStepsAskedFor) {
  SmallRun run(GetParam(), 0.25);
  std::uint64_t done = 0;
  for (const std::uint64_t steps : {0, 1, 2, 0, 16, 17, 3, 50, 15}) {
    EXPECT_EQ(run.run(steps), steps);
    done += steps;
    const StepState state = run.state();
    EXPECT_EQ(state.step, done);
    EXPECT_EQ(state.generator.step, done);
    EXPECT_EQ(run.published(), done);
    EXPECT_NEAR(run.logit(), 0.25 * static_cast<double>(done), 1e-4 * static_cast<double>(done));
  }
  for (std::uint64_t step = done - SmallRun::kRing; step < done; ++step) {
    EXPECT_EQ(run.row(step).step, step + 1);
    const double logit = 0.25 * static_cast<double>(step + 1);
    EXPECT_NEAR(run.row(step).generator_loss, std::log1p(std::exp(logit)), 1e-3);
    EXPECT_NEAR(run.row(step).probability_real, 1 / (1 + std::exp(-logit)), 1e-4);
  }
}

TEST_P(RuntimeLoop, PiecesGiveTheBitsOfOneRun) {
  SmallRun whole(GetParam(), 0.01), pieces(GetParam(), 0.01);
  EXPECT_EQ(whole.run(100), 100u);
  for (const std::uint64_t steps : {1, 40, 33, 26}) EXPECT_EQ(pieces.run(steps), steps);
  EXPECT_EQ(whole.logit(), pieces.logit());
  SmallRun processor(LoopCase{DeviceKind::cpu, {}}, 0.01);
  EXPECT_EQ(processor.run(100), 100u);
  EXPECT_EQ(whole.logit(), processor.logit());
}

TEST_P(RuntimeLoop, StopsWhereTheRunDiverges) {
  SmallRun run(GetParam(), 1e37);  // past the largest float in the 35th step
  EXPECT_EQ(run.run(10), 10u);
  EXPECT_EQ(run.run(1000), 25u);
  EXPECT_EQ(run.state().step, 35u);
  EXPECT_EQ(run.state().diverged, 1u);
  EXPECT_EQ(run.published(), 35u);
  EXPECT_FALSE(std::isfinite(run.row(34).generator_loss));
  const int bodies = run.bodies();
  EXPECT_EQ(run.run(5), 0u);
  EXPECT_EQ(run.published(), 35u);
  EXPECT_EQ(run.bodies(), bodies);
}

TEST_P(RuntimeLoop, StopsWhereTheFirstStepDiverges) {
  SmallRun run(GetParam(), std::numeric_limits<double>::infinity());
  EXPECT_EQ(run.run(100), 1u);
  EXPECT_EQ(run.state().diverged, 1u);
}

TEST_P(RuntimeLoop, OnTheDeviceTheHostOnlyCaptures) {
  const LoopCase& one = GetParam();
  SmallRun run(one, 0.01);
  EXPECT_EQ(run.run(100) + run.run(100), 200u);
  EXPECT_EQ(run.bodies(), one.captured() ? 1 + one.bodies() : 200);
}

TEST_P(RuntimeLoop, AWatchStopsItBeforeItsFirstStep) {
  SmallRun run(GetParam(), 0.01);
  int looks = 0;
  EXPECT_EQ(run.run(100, [&] { return ++looks == 0; }), 0u);
  EXPECT_EQ(looks, 1);
  EXPECT_EQ(run.state().step, 0u);
  EXPECT_EQ(run.run(100), 100u);
}

/// The watch of every look: in a simulated program a look is one piece of the device's work.
LoopCase looking_often(LoopCase one) {
  one.options.look_every = std::chrono::milliseconds(0);
  return one;
}

TEST_P(RuntimeLoop, AWatchThatLeavesItAloneChangesNoBit) {
  SmallRun watched(looking_often(GetParam()), 0.01), alone(GetParam(), 0.01);
  int looks = 0;
  const auto look = [&] { return ++looks > 0; };
  EXPECT_EQ(watched.run(70, look), 70u);
  EXPECT_EQ(watched.run(30, look), 30u);
  EXPECT_EQ(alone.run(100), 100u);
  EXPECT_GT(looks, 2);
  EXPECT_EQ(watched.logit(), alone.logit());
  EXPECT_EQ(watched.published(), 100u);
}

TEST_P(RuntimeLoop, AWatchStopsARunThatWouldNotEnd) {
  constexpr std::uint64_t kForever = std::uint64_t{1} << 50;
  LoopCase one = looking_often(GetParam());
  SmallRun run(one, 1e-3);
  EXPECT_EQ(run.run(10), 10u);
  // The simulated device works only while it is asked how far it is, a whole launch at a time: an endless one
  // is stopped before it begins.
  const int last = test::kSimulated && one.options.steps_per_launch == 0 ? 2 : 5;
  int looks = 0;
  const std::uint64_t done = run.run(kForever, [&] { return ++looks < last; });
  EXPECT_EQ(looks, last);
  EXPECT_EQ(run.state().step, 10 + done);
  EXPECT_EQ(run.published(), 10 + done);
  EXPECT_EQ(run.state().diverged, 0u);
  EXPECT_LT(done, 1u << 30);
  EXPECT_EQ(run.run(200), 200u);
  SmallRun whole(GetParam(), 1e-3);
  EXPECT_EQ(whole.run(210 + done), 210 + done);
  EXPECT_EQ(run.logit(), whole.logit());
}

TEST_P(RuntimeLoop, WhatAWatchThrowsStopsTheRunAndComesOut) {
  SmallRun run(looking_often(GetParam()), 0.01);
  int looks = 0;
  const auto fail = [&]() -> bool {
    if (++looks == 2) throw DataError("the disk is full");
    return true;
  };
  EXPECT_THROW(run.run(500, fail), DataError);
  EXPECT_LT(run.state().step, 500u);
  EXPECT_EQ(run.published(), run.state().step);
  EXPECT_EQ(run.run(10), 10u);
}

TEST_P(RuntimeLoop, AWatchedRunStopsWhereItDiverges) {
  SmallRun run(looking_often(GetParam()), 1e37);
  EXPECT_EQ(run.run(1000, [] { return true; }), 35u);
  EXPECT_EQ(run.state().diverged, 1u);
}

constexpr std::uint64_t kMany = test::kSimulated ? 200 : 5000;

/// What the host asks of CUDA in one run.
RuntimeCounters asked(SmallRun& run, std::uint64_t steps) {
  const RuntimeCounters before = runtime_counters();
  EXPECT_EQ(run.run(steps), steps);
  const RuntimeCounters after = runtime_counters();
  return {after.waits - before.waits,   after.looks - before.looks,
          after.copies - before.copies, after.allocations - before.allocations,
          after.graphs - before.graphs, after.graph_launches - before.graph_launches};
}

TEST_P(RuntimeLoop, TheHostAsksForNothingWhileTheDeviceRepeats) {
  const LoopCase& one = GetParam();
  SmallRun run(one, 1e-3);
  const RuntimeCounters first = asked(run, 7), few = asked(run, 10), many = asked(run, kMany);
  if (one.kind == DeviceKind::cpu) {
    EXPECT_EQ(many, RuntimeCounters{});
  } else if (one.options.steps_per_launch == 0) {
    // How far it is, where it shall end, the end, how far it got; and one launch.
    EXPECT_EQ(many, (RuntimeCounters{.waits = 4, .copies = 3, .graph_launches = 1}));
    EXPECT_EQ(few, many);
    EXPECT_EQ(first.graphs, 1u);
  } else {
    EXPECT_EQ(many.waits, 4u);
    EXPECT_EQ(many.copies, 3u);
    EXPECT_EQ(many.allocations, 0u);
    const auto each = static_cast<std::uint64_t>(one.options.steps_per_launch);
    EXPECT_EQ(many.graph_launches, one.captured() ? kMany / each : 0u);
  }
}

TEST(LoopOptions, RefuseWhatCannotBe) {
  const Queue queue(Device::cpu(1));
  StepState state;
  const auto loop = [&](LoopOptions options) {
    Loop(
        queue, &state, {}, [](QueueView) {}, options);
  };
  EXPECT_THROW(loop({.unroll = 0}), ConfigurationError);
  EXPECT_THROW(loop({.steps_per_launch = -2}), ConfigurationError);
  EXPECT_NO_THROW(loop({.steps_per_launch = LoopOptions::kByOperation}));
}

}  // namespace
}  // namespace agon
