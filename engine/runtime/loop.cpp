#include "engine/runtime/loop.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "engine/runtime/cuda/runtime.hpp"
#include "kernels/error.hpp"

namespace agon {

using kernels::StepState;

struct Loop::Implementation {
  const Queue* queue;
  StepState* state;
  std::function<void(QueueView)> body;
  LoopOptions options;
  bool has_run = false;
  std::optional<cuda::StepGraph> graph;

  std::uint64_t repeat_on_processor(std::uint64_t steps) const {
    const std::uint64_t first = state->step;
    state->stop_at = first + steps;
    while (state->step < state->stop_at && state->diverged == 0) body(*queue);
    return state->step - first;
  }

  StepState read() const {
    StepState copy;
    queue->download(std::span(&copy, 1), static_cast<const StepState*>(state));
    return copy;
  }
  bool diverged() const { return read().diverged != 0; }

  void enqueue_from_host(std::uint64_t steps) const {
    constexpr std::uint64_t kStepsPerLook =
        256;  // how soon divergence is noticed; nothing is counted after it
    while (steps > 0 && !diverged()) {
      const std::uint64_t now = std::min(steps, kStepsPerLook);
      for (std::uint64_t i = 0; i < now; ++i) body(*queue);
      steps -= now;
    }
  }

  void enqueue_on_device(std::uint64_t steps) {
    if (steps == 0 || diverged()) return;
    if (!graph) graph.emplace(queue->device().index(), *queue, state, body, options.unroll);
    const auto unroll = static_cast<std::uint64_t>(options.unroll);
    if (steps >= unroll) graph->repeat();
    if (steps % unroll == 0 || diverged()) return;
    for (std::uint64_t i = 0; i < steps % unroll; ++i) graph->step();
  }

  std::uint64_t repeat_on_cuda(std::uint64_t steps) {
    const StepState before = read();
    if (steps == 0 || before.diverged != 0) return 0;
    const std::uint64_t stop_at = before.step + steps;
    queue->upload(&state->stop_at, std::span<const std::uint64_t>(&stop_at, 1));
    if (!std::exchange(has_run, true)) {
      body(*queue);
      --steps;
    }
    if (options.on_device) {
      enqueue_on_device(steps);
    } else {
      enqueue_from_host(steps);
    }
    return read().step - before.step;
  }
};

Loop::Loop(const Queue& queue, StepState* state, std::function<void(QueueView)> body, LoopOptions options)
    : implementation_(new Implementation{&queue, state, std::move(body), options, false, std::nullopt}) {
  if (options.unroll < 1)
    throw ConfigurationError("unroll must be at least 1, not " + std::to_string(options.unroll));
}
Loop::Loop(Loop&&) noexcept = default;
Loop& Loop::operator=(Loop&&) noexcept = default;
Loop::~Loop() = default;

std::uint64_t Loop::run(std::uint64_t steps) {
  Implementation& self = *implementation_;
  return self.queue->device().kind() == DeviceKind::cuda ? self.repeat_on_cuda(steps)
                                                         : self.repeat_on_processor(steps);
}

}  // namespace agon
