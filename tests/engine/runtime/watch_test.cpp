// The loop watched by the host while it runs: stopped, left alone, failed.
#include "engine/runtime/loop.hpp"

#include <unistd.h>

#include <cstdlib>

#include "kernels/error.hpp"
#include "tests/engine/small_run.hpp"

namespace agon {
namespace watch_test {

using test::LoopCase;
using test::SmallRun;

class RuntimeWatch : public ::testing::TestWithParam<LoopCase> {
 protected:
  void SetUp() override { AGON_SKIP_IF_ABSENT(test::TestDevice{GetParam().kind}); }
};
INSTANTIATE_TEST_SUITE_P(, RuntimeWatch, test::loop_cases(),
                         [](const auto& one) { return one.param.name(); });

TEST_P(RuntimeWatch, AWatchStopsItBeforeItsFirstStep) {
  SmallRun run(GetParam(), 0.01);
  int looks = 0;
  EXPECT_EQ(run.run(100, [&] { return ++looks == 0; }), 0u);
  EXPECT_EQ(looks, 1);
  EXPECT_EQ(run.state().step, 0u);
  EXPECT_EQ(run.run(100), 100u);
}

/// The watch of every look: in a simulated program a look is one piece of the device's work.
LoopCase looking_often(LoopCase one) {
  one.options.poll_every = std::chrono::milliseconds(0);
  return one;
}

TEST_P(RuntimeWatch, AWatchThatLeavesItAloneChangesNoBit) {
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

/// Stops a run of 2^50 steps by its watch, and goes on from there.
void stop_and_go_on(const LoopCase& one) {
  constexpr std::uint64_t kForever = std::uint64_t{1} << 50;
  SmallRun run(one, 1e-3);
  EXPECT_EQ(run.run(10), 10u);
  // The simulated device works only while it is asked how far it is, a whole launch at a time: an endless one
  // is stopped before it begins.
  const int last = test::simulated() && one.options.steps_per_launch == 0 ? 2 : 5;
  int looks = 0;
  const std::uint64_t done = run.run(kForever, [&] { return ++looks < last; });
  EXPECT_EQ(looks, last);
  EXPECT_EQ(run.state().step, 10 + done);
  EXPECT_EQ(run.published(), 10 + done);
  EXPECT_EQ(run.state().diverged, 0u);
  EXPECT_LT(done, 1u << 30);
  EXPECT_EQ(run.run(200), 200u);
  SmallRun whole(one, 1e-3);
  EXPECT_EQ(whole.run(210 + done), 210 + done);
  EXPECT_EQ(run.logit(), whole.logit());
}

/// A loop that misses the stop would keep the device for years: a process of its own, whose time is bounded,
/// takes it along.
TEST_P(RuntimeWatch, AWatchStopsARunThatWouldNotEnd) {
  constexpr unsigned kPatience = 60;  // seconds
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto child = [] {
    alarm(kPatience);
    stop_and_go_on(looking_often(GetParam()));
    std::exit(HasFailure() ? 1 : 0);
  };
  EXPECT_EXIT(child(), ::testing::ExitedWithCode(0), "");
}

TEST_P(RuntimeWatch, WhatAWatchThrowsStopsTheRunAndComesOut) {
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

TEST_P(RuntimeWatch, AWatchedRunStopsWhereItDiverges) {
  SmallRun run(looking_often(GetParam()), 1e37);
  EXPECT_EQ(run.run(1000, [] { return true; }), 35u);
  EXPECT_EQ(run.state().diverged, 1u);
}

}  // namespace watch_test
}  // namespace agon
