// Forward a thread takes a row. Backward a warp does, whose lanes write its scores' gradients together.
#include "kernels/class_logit.hpp"

#include "kernels/cuda/device/launch.cuh"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 128;

__global__ void __launch_bounds__(kThreads) class_logit_kernel(ClassLogit first, ReplicaGrid grid) {
  const ClassLogit op = at_replica(first, grid.mine());
  const std::int64_t row = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  wait_for_previous_kernel();
  if (row >= op.rows) return;
  const float* const scores = op.scores + row * (1 + op.classes);
  op.logits[row] = scores[0] + scores[1 + op.chosen[row % op.segment]];
}

__global__ void __launch_bounds__(kThreads)
    class_logit_backward_kernel(ClassLogitBackward first, ReplicaGrid grid) {
  const ClassLogitBackward op = at_replica(first, grid.mine());
  const std::int64_t row = (static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x) / 32;
  const std::int64_t width = 1 + op.classes;
  wait_for_previous_kernel();
  if (row >= op.rows) return;
  const std::int64_t its = 1 + op.chosen[row % op.segment];
  const float dlogit = op.dlogits[row];
  for (std::int64_t c = threadIdx.x % 32; c < width; c += 32)
    op.dscores[row * width + c] = c == 0 || c == its ? dlogit : 0.0f;
}

}  // namespace

void class_logit(QueueView queue, const ClassLogit& op) {
  launch(queue, {.blocks = blocks_for(op.rows, kThreads), .threads = kThreads}, class_logit_kernel, op,
         ReplicaGrid(queue));
}

void class_logit_backward(QueueView queue, const ClassLogitBackward& op) {
  launch(queue, {.blocks = blocks_for(op.rows, kThreads / 32), .threads = kThreads},
         class_logit_backward_kernel, op, ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
