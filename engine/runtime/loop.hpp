// Repeats a training step: by calling it on the processor, on the device itself on CUDA.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "engine/runtime/queue.hpp"
#include "kernels/step.hpp"

namespace agon {

struct LoopOptions {
  /// CUDA: copies of the step in the body of the WHILE node; more amortise the node's own cost.
  int unroll = 16;
  /// CUDA: false enqueues every step from the host instead (for tests and comparison). Bits do not change.
  bool on_device = true;
};

/// The body enqueues exactly one step, ending with step_end, and takes everything that changes from `state`.
/// On the processor the Loop calls it. On CUDA it is captured once into a graph whose WHILE node repeats it until
/// state->step reaches state->stop_at or state->diverged is set, without the host; the last few steps, fewer than
/// `unroll`, run through a one-step graph. The body must not allocate and must have run once before (so that
/// libraries have made their plans): the first run() sees to that by enqueueing its first step directly.
class Loop {
 public:
  /// `queue` and `state` (device memory of `queue`'s device) must outlive the loop and stay where they are.
  Loop(const Queue& queue, kernels::StepState* state, std::function<void(QueueView)> body, LoopOptions options = {});
  Loop(Loop&&) noexcept;
  Loop& operator=(Loop&&) noexcept;
  ~Loop();

  /// Runs `steps` further steps and waits for them; fewer where the run diverges. Returns the steps completed.
  /// Throws DeviceError.
  std::uint64_t run(std::uint64_t steps);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace agon
