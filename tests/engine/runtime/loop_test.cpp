// The loop: as many steps as asked for, in pieces or at once, on the device or from the host, to a
// divergence.
#include "engine/runtime/loop.hpp"

#include <cmath>
#include <limits>

#include "engine/runtime/counters.hpp"
#include "kernels/error.hpp"
#include "tests/engine/small_run.hpp"

namespace agon {
namespace loop_test {

using kernels::StepState;
using test::LoopCase;
using test::SmallRun;

class RuntimeLoop : public ::testing::TestWithParam<LoopCase> {
 protected:
  void SetUp() override { AGON_SKIP_IF_ABSENT(test::TestDevice{GetParam().kind}); }
};
INSTANTIATE_TEST_SUITE_P(, RuntimeLoop, test::loop_cases(), [](const auto& one) { return one.param.name(); });

TEST_P(RuntimeLoop, RunsTheStepsAskedFor) {
  SmallRun run(GetParam(), 0.25);
  std::uint64_t done = 0;
  for (const std::uint64_t steps : {0, 1, 2, 0, 16, 17, 3, 50, 15}) {
    EXPECT_EQ(run.run(steps), steps);
    done += steps;
    const StepState state = run.state();
    EXPECT_EQ(state.step, done);
    EXPECT_EQ(state.optimiser[0].step, done);
    EXPECT_EQ(run.published(), done);
    EXPECT_NEAR(run.logit(), 0.25 * static_cast<double>(done), 1e-4 * static_cast<double>(done));
  }
  for (std::uint64_t step = done - SmallRun::kRing; step < done; ++step) {
    EXPECT_EQ(run.row(step).step, step + 1);
    const double logit = 0.25 * static_cast<double>(step + 1);
    EXPECT_NEAR(run.row(step).loss[1], std::log1p(std::exp(logit)), 1e-3);
    EXPECT_NEAR(run.row(step).output[0], 1 / (1 + std::exp(-logit)), 1e-4);
  }
}

TEST_P(RuntimeLoop, PiecesGiveTheBitsOfOneRun) {
  SmallRun whole(GetParam(), 0.01), pieces(GetParam(), 0.01);
  EXPECT_EQ(whole.run(100), 100u);
  for (const std::uint64_t steps : {1, 40, 33, 26}) EXPECT_EQ(pieces.run(steps), steps);
  EXPECT_EQ(whole.logit(), pieces.logit());
  SmallRun processor(LoopCase{DeviceKind::cpu, {0, 16}}, 0.01);
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
  EXPECT_FALSE(std::isfinite(run.row(34).loss[1]));
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

const std::uint64_t kMany = test::simulated() ? 200 : 5000;

/// What the host asks of CUDA in one run.
RuntimeCounters asked(SmallRun& run, std::uint64_t steps) {
  const RuntimeCounters before = runtime_counters();
  EXPECT_EQ(run.run(steps), steps);
  const RuntimeCounters after = runtime_counters();
  return {after.waits - before.waits,   after.queries - before.queries,
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
    // How far it is, where it shall end, the end; and one launch.
    EXPECT_EQ(many, (RuntimeCounters{.waits = 3, .copies = 2, .graph_launches = 1}));
    EXPECT_EQ(few, many);
    EXPECT_EQ(first.graphs, 1u);
  } else {
    EXPECT_EQ(many.waits, 3u);
    EXPECT_EQ(many.copies, 2u);
    EXPECT_EQ(many.allocations, 0u);
    const auto each = static_cast<std::uint64_t>(one.options.steps_per_launch);
    EXPECT_EQ(many.graph_launches, one.captured() ? kMany / each : 0u);
  }
}

TEST(StepGraph, EndsAfterTheTurnInWhichItIsToldTo) {
  AGON_SKIP_IF_ABSENT(test::TestDevice{DeviceKind::cuda});
  for (const int unroll : {1, 4, 16}) {
    const auto turn = static_cast<std::uint64_t>(unroll);
    EXPECT_EQ(SmallRun({DeviceKind::cuda, {0, 16}}, 1e-3).launch_repeating(unroll, 0, true), 1 + turn);
  }
}

TEST(StepGraph, RunsAsManyStepsAsALaunchMay) {
  AGON_SKIP_IF_ABSENT(test::TestDevice{DeviceKind::cuda});
  for (const int unroll : {1, 4})
    for (const std::uint64_t most : {1, 3, 4, 11})
      EXPECT_EQ(SmallRun({DeviceKind::cuda, {0, 16}}, 1e-3).launch_repeating(unroll, most, false), 1 + most);
  EXPECT_EQ(SmallRun({DeviceKind::cuda, {0, 16}}, 1e-3).launch_repeating(16, 0, false), 1000u);
}

TEST(StepGraph, TellsTheHostOfAllStepsOfATurnAtOnce) {
  AGON_SKIP_IF_ABSENT(test::TestDevice{DeviceKind::cuda});
  SmallRun run({DeviceKind::cuda, {0, 16}}, 1e-3);
  EXPECT_EQ(run.launch_repeating(4, 9, false), 10u);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(run.seen(i), 5u);  // in the second turn, the first one's
  EXPECT_EQ(run.seen(4), 9u);                              // in the one step that was left
  EXPECT_EQ(run.published(), 10u);
  for (std::uint64_t step = 0; step < 10; ++step) EXPECT_EQ(run.row(step).step, step + 1);
  EXPECT_EQ(run.state().pending, 0u);
  EXPECT_EQ(run.state().pause_at, 0u);
}

TEST(LoopOptions, ATurnIsSome512Launches) {
  EXPECT_EQ(steps_in_turn({}, 17), 30);
  EXPECT_EQ(steps_in_turn({}, 256), 2);
  EXPECT_EQ(steps_in_turn({}, 512), 1);
  EXPECT_EQ(steps_in_turn({}, 2000), 1);
  EXPECT_EQ(steps_in_turn({}, 0), 512);
  EXPECT_EQ(steps_in_turn({.unroll = 3}, 17), 3);
}

TEST(LoopOptions, RefuseWhatCannotBe) {
  const Queue queue(Device::cpu(1));
  StepState state;
  const auto loop = [&](LoopOptions options) {
    Loop(
        queue, {.state = &state}, [](QueueView) {}, options);
  };
  EXPECT_THROW(loop({.unroll = 0}), ConfigurationError);
  EXPECT_THROW(loop({.steps_per_launch = -2, .unroll = 1}), ConfigurationError);
  EXPECT_NO_THROW(loop({.steps_per_launch = LoopOptions::kByOperation, .unroll = 1}));
}

}  // namespace loop_test
}  // namespace agon
