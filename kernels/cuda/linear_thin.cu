// Linear layers with few outputs, forward.
#include "kernels/cuda/linear_thin.cuh"

#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/linear_routes.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 128;  // small blocks: more of the device at a small batch

__global__ void __launch_bounds__(kThreads)
    forward_thin_kernel(LinearForward first, bool vector, ReplicaGrid grid) {
  wait_for_previous_kernel();
  const LinearForward op = formula::at_replica(first, grid.mine());
  dots(dots_of_rows(op, vector), warp_index(kThreads, blockIdx.x),
       [&](std::int64_t row, int column, float value) {
         op.y[row * op.shape.out + column] = formula::leaky_relu(value + op.bias[column], op.slope);
       });
}

}  // namespace

void linear_forward_thin(QueueView queue, const LinearForward& op) {
  const std::int64_t blocks = blocks_for(dot_warps(op.shape.batch, op.shape.out), kThreads / 32);
  const bool vector = op.shape.in % 4 == 0 && aligned(op.x) && aligned(op.weight);
  launch(queue, {.blocks = blocks, .threads = kThreads}, forward_thin_kernel, op, vector, ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
