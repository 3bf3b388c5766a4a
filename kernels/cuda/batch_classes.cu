// A warp takes a row: all its lanes find the same class, then write it one-hot together.
#include "kernels/batch_classes.hpp"

#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/gather_batch.cuh"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 128;

__global__ void __launch_bounds__(kThreads) batch_classes_kernel(BatchClasses first, ReplicaGrid grid) {
  const BatchClasses op = at_replica(first, grid.mine());
  const std::int64_t row = (static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x) / 32;
  const int lane = static_cast<int>(threadIdx.x % 32);
  wait_for_previous_kernel();
  if (row >= op.wanted()) return;
  const std::int32_t its = op.classes[table_row(op, row)];
  const std::int64_t before = (row + 1) * op.width - op.levels;
  for (std::int64_t l = lane; l < op.levels; l += 32) {
    op.out[before + l] = l == its ? 1.0f : 0.0f;
    if (op.again != nullptr) op.again[before + l] = l == its ? 1.0f : 0.0f;
  }
  if (lane != 0) return;
  op.chosen[row] = its;
  if (op.again != nullptr) op.chosen_again[row] = its;
}

}  // namespace

void batch_classes(QueueView queue, const BatchClasses& op) {
  launch(queue, {.blocks = blocks_for(op.wanted(), kThreads / 32), .threads = kThreads}, batch_classes_kernel,
         op, ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
