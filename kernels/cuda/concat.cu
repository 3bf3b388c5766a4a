// A thread takes an element of the wide rows.
#include "kernels/concat.hpp"

#include "kernels/cuda/device/launch.cuh"
#include "kernels/formula/leaky_relu.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 256;

/// Those of y that are written: all, or the last columns.
__global__ void __launch_bounds__(kThreads) concat_kernel(Concat all, ReplicaGrid grid) {
  wait_for_previous_kernel();
  const Concat op = at_replica(all, grid.mine());
  const std::int64_t before = op.first == nullptr ? op.first_width : 0;
  const std::int64_t width = op.first_width + op.second_width, written = width - before;
  const std::int64_t index = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  const std::int64_t row = index / written, column = index % written + before;
  if (row >= op.rows) return;
  op.y[row * width + column] = column < op.first_width
                                   ? op.first[row * op.first_width + column]
                                   : op.second[row * op.second_width + column - op.first_width];
}

__global__ void __launch_bounds__(kThreads) concat_backward_kernel(ConcatBackward all, ReplicaGrid grid) {
  wait_for_previous_kernel();
  const ConcatBackward op = at_replica(all, grid.mine());
  const std::int64_t width = op.first_width + op.second_width;
  const std::int64_t index = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  const std::int64_t row = index / width, column = index % width;
  if (row >= op.rows) return;
  float gradient = op.gradient[index];
  if (op.later != nullptr) {
    gradient += op.later[(row + 1) * op.later_width - width + column];
    op.gradient[index] = gradient;
  }
  if (column < op.first_width)
    op.du[row * op.first_width + column] = gradient * formula::leaky_relu_derivative(op.y[index], op.slope);
}

}  // namespace

void concat(QueueView queue, const Concat& op) {
  const std::int64_t written = op.first == nullptr ? op.second_width : op.width();
  launch(queue, {.blocks = blocks_for(op.rows * written, kThreads), .threads = kThreads}, concat_kernel, op,
         ReplicaGrid(queue));
}

void concat_backward(QueueView queue, const ConcatBackward& op) {
  launch(queue, {.blocks = blocks_for(op.rows * op.width(), kThreads), .threads = kThreads},
         concat_backward_kernel, op, ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
