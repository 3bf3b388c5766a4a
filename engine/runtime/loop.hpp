// Repeats a training step: by calling it on the processor, on the device itself on CUDA.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "engine/runtime/loop_options.hpp"
#include "engine/runtime/queue.hpp"
#include "kernels/step.hpp"

namespace agon {

/// The body enqueues exactly one step, ending with step_end, and takes everything that changes from `state`.
/// On the processor the Loop calls it. On CUDA it is captured once into graphs which the device repeats until
/// state->step reaches state->stop_at or state->diverged is set. The body must not allocate and must have run
/// once before (so that libraries have made their plans): the first run() sees to that by enqueueing its
/// first step directly.
class Loop {
 public:
  /// Of `rows`, the body's step_end, the loop looks at `state` (memory of `queue`'s device) and at what
  /// step_end publishes to. These and `queue` must outlive the loop and stay where they are. Throws
  /// ConfigurationError; `options.unroll` is at least 1 here.
  ///
  /// With several replicas (kernels/queue.hpp) `rows` is the first one's. The body's queue names all of them
  /// on CUDA; on the processor one, from as many threads of the host as there are threads.
  Loop(const Queue& queue, const kernels::StepEnd& rows, std::function<void(QueueView)> body,
       LoopOptions options, Replicas replicas = {});
  Loop(Loop&&) noexcept;
  Loop& operator=(Loop&&) noexcept;
  ~Loop();

  /// Runs `steps` further steps and waits for them; fewer where the run diverges or `watch` says false: on
  /// CUDA the device then ends at most a turn of steps later where a graph's WHILE node repeats them, else
  /// with what is launched, some 50 ms of work or one launch. Returns the steps completed, by the replica
  /// that got furthest. Throws DeviceError.
  std::uint64_t run(std::uint64_t steps, const Watch& watch = {});

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace agon
