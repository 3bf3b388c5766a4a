// A training step small enough to be followed by hand, and the ways in which the loop repeats it.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <ostream>
#include <string>

#include "engine/runtime/buffer.hpp"
#include "engine/runtime/cuda/runtime.hpp"
#include "engine/runtime/loop.hpp"
#include "engine/runtime/queue.hpp"
#include "kernels/adam.hpp"
#include "kernels/step.hpp"
#include "tests/test_device.hpp"

namespace agon::test {

using kernels::StepState;
using kernels::StepStatistics;

struct LoopCase {
  DeviceKind kind;
  LoopOptions options;

  std::string name() const {
    if (kind == DeviceKind::cpu) return "cpu";
    const std::string device = TestDevice{kind}.name();
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

inline std::ostream& operator<<(std::ostream& stream, const LoopCase& one) { return stream << one.name(); }

/// A step small enough to be followed by hand: one logit is both losses and is moved by Adam, whose every
/// step with a constant gradient of -1 adds the learning rate to it.
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
        seen_(device_, 64, MemoryKind::pinned),
        loop_(
            queue_, rows(), [this](QueueView queue) { step(queue); }, one.options) {
    StepState state{};
    state.optimiser[0] = {.rate = rate, .beta1 = 0.5, .beta2 = 0.999, .epsilon = 0.0};
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

  /// From now on a step works on memory that is nobody's.
  void lose_memory() { logit_ = {}; }

  /// Steps after one launch of a graph of WHILE nodes that may run `most`; with `stop`, each step writes the
  /// stop word. seen(i) is then what was published behind the i-th step of those captured, when it last ran.
  std::uint64_t launch_repeating(int unroll, std::uint64_t most, bool stop) {
    Buffer<std::uint32_t> word(device_, 1, MemoryKind::pinned);
    Buffer<kernels::LoopReport> report(device_, 1, MemoryKind::pinned);
    const std::uint64_t stop_at = 1000;
    queue_.upload(&state_.data()->stop_at, std::span<const std::uint64_t>(&stop_at, 1));
    step(queue_);
    int captured = 0;
    const auto body = [&](QueueView queue) {
      step(queue);
      queue_.copy(seen_.data() + captured++ % (unroll + 1), published_.data(), sizeof(std::uint64_t));
      if (stop) queue_.copy(word.data(), &state_.data()->step, sizeof(std::uint32_t));
    };
    cuda::StepGraph graph = cuda::StepGraph::repeating(device_.index(), queue_, body, unroll, rows(),
                                                       word.data(), most, report.data());
    graph.launch();
    queue_.wait();
    EXPECT_EQ(report.data()->count, 1u);
    EXPECT_EQ(report.data()->step, state().step);
    return report.data()->step;
  }

  std::uint64_t seen(int index) const { return seen_.data()[index]; }

  static constexpr std::int64_t kRing = 64;

 private:
  kernels::StepEnd rows() {
    return {.state = state_.data(), .ring = ring_.data(), .published = published_.data(), .ring_size = kRing};
  }
  void step(QueueView queue) {
    ++bodies_;
    StepState* const state = state_.data();
    kernels::step_begin(queue, {.state = state});
    kernels::adam(queue, {.n = 1,
                          .parameter = logit_.data(),
                          .gradient = gradient_.data(),
                          .moment1 = moments_.data(),
                          .moment2 = moments_.data() + 4,
                          .state = &state->optimiser[0]});
    const auto loss = [&](kernels::ObjectiveResult& result) -> kernels::ObjectiveLoss {
      return {.n = 1,
              .split = 1,
              .logits = logit_.data(),
              .result = &result,
              .term = {loss_term(kernels::Objective::minimax, kernels::RowRole::fake), {}}};
    };
    kernels::StepEnd end = rows();
    end.loss[0] = loss(state->result[0]);
    end.loss[1] = loss(state->result[1]);
    kernels::step_end(queue, end);
  }

  Device device_;
  Queue queue_;
  Buffer<StepState> state_;
  Buffer<float> logit_, gradient_, moments_;
  Buffer<StepStatistics> ring_;
  Buffer<std::uint64_t> published_, seen_;
  Loop loop_;
  int bodies_ = 0;
};

/// The processor; on CUDA, launches of all steps, of few and of many, and none at all.
inline auto loop_cases() {
  return ::testing::Values(LoopCase{DeviceKind::cpu, {0, 16}}, LoopCase{DeviceKind::cuda, {0, 16}},
                           LoopCase{DeviceKind::cuda, {0, 40}}, LoopCase{DeviceKind::cuda, {0, 3}},
                           LoopCase{DeviceKind::cuda, {0, 1}}, LoopCase{DeviceKind::cuda, {1, 16}},
                           LoopCase{DeviceKind::cuda, {5, 16}}, LoopCase{DeviceKind::cuda, {20, 3}},
                           LoopCase{DeviceKind::cuda, {LoopOptions::kByOperation, 16}});
}

}  // namespace agon::test
