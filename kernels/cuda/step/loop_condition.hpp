// The kernels that decide on the device how far a launch of the Loop's graph goes, and tell the host of its
// end.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/loop_report.hpp"
#include "kernels/queue.hpp"
#include "kernels/step.hpp"

namespace agon::kernels::cuda {

/// A WHILE node whose body is `steps` steps in a row, of as many trainings side by side as there are
/// replicas: it goes on while one of them may. All pointers are the device's; `state` is the first replica's,
/// `ring` and `published`, as step_end has them, are the first's, too.
struct LoopCondition {
  cudaGraphConditionalHandle handle{};
  StepState* state = nullptr;
  const std::uint32_t* stop =
      nullptr;  ///< pinned host memory: the host writes 1 to end the loop, at any time
  int steps = 1;
  Replicas replicas{};
  StepStatistics* ring = nullptr;
  std::uint64_t* published = nullptr;
  std::int64_t ring_size = 0;
};

/// Before the loop: sets state->pause_at of each replica to `most` steps from now (0: as many as there are),
/// but not beyond stop_at. From here to loop_report() rows of statistics wait for loop_condition(). Only
/// inside a graph.
void loop_begin(QueueView queue, const LoopCondition& condition, std::uint64_t most);

/// Publishes the rows that wait, and sets the condition to whether another `steps` steps may run: so many are
/// left before pause_at, the run has not diverged, and the host has not asked it to stop. Only inside a
/// graph.
void loop_condition(QueueView queue, const LoopCondition& condition);

/// Counts report->count (pinned host memory) up and fills in the rest, once all before it on the queue has
/// been done; sets pause_at to 0. `state` is the first of the queue's replicas'. In a graph or outside.
void loop_report(QueueView queue, StepState* state, LoopReport* report);

/// Loads the kernels, which cannot be done under capture.
void load_loop_condition();

}  // namespace agon::kernels::cuda
