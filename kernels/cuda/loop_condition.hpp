// The kernel that ends the body of the Loop's WHILE node.
#pragma once

#include <cuda_runtime_api.h>

#include "kernels/queue.hpp"
#include "kernels/step.hpp"

namespace agon::kernels::cuda {

/// Sets `condition` to whether another `unroll` steps may run: at least so many are left before stop_at, and
/// the run has not diverged. Only inside a graph.
void loop_condition(QueueView queue, cudaGraphConditionalHandle condition, const StepState* state,
                    int unroll);

/// Loads the kernel, which cannot be done under capture.
void load_loop_condition();

}  // namespace agon::kernels::cuda
