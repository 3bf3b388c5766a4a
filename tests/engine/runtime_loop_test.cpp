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
    return device + (options.on_device ? "_unroll" + std::to_string(options.unroll) : "_from_host");
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
            queue_, state_.data(), [this](QueueView queue) { step(queue); }, one.options) {
    StepState state{};
    state.generator = {.rate = rate, .beta1 = 0.5, .beta2 = 0.999, .epsilon = 0.0};
    state.discriminator = state.generator;
    queue_.upload(state_.data(), std::span<const StepState>(&state, 1));
    const float pull = -1.0f;
    queue_.upload(gradient_.data(), std::span<const float>(&pull, 1));
  }

  std::uint64_t run(std::uint64_t steps) { return loop_.run(steps); }
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
                         ::testing::Values(LoopCase{DeviceKind::cpu, {}},
                                           LoopCase{DeviceKind::cuda, {16, true}},
                                           LoopCase{DeviceKind::cuda, {3, true}},
                                           LoopCase{DeviceKind::cuda, {1, true}},
                                           LoopCase{DeviceKind::cuda, {16, false}}),
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
  const bool captured = one.kind == DeviceKind::cuda && one.options.on_device;
  EXPECT_EQ(run.bodies(), captured ? 1 + one.options.unroll + 1 : 200);  // direct, in the WHILE body, single
}

TEST(LoopOptions, RefuseAnUnrollBelowOne) {
  const Queue queue(Device::cpu(1));
  StepState state;
  EXPECT_THROW(Loop(queue, &state, [](QueueView) {}, {.unroll = 0}), ConfigurationError);
}

}  // namespace
}  // namespace agon
