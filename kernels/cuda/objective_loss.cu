// An objective: gradients and sums in one launch; a second adds the blocks' sums up where one block is not
// enough.
#include "kernels/cuda/objective_loss.cuh"

#include <algorithm>

#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/operations.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 512;
constexpr std::int64_t kOneBlock = 16384;  // logits: below this a second launch costs more than it saves
constexpr std::int64_t kBlocks = 256;      // at most

/// partial (blocks, kLossSums), written where there are several blocks.
__global__ void __launch_bounds__(kThreads)
    objective_loss_kernel(ObjectiveLoss first, SegmentScales scale, float* first_partial, ReplicaGrid grid) {
  wait_for_previous_kernel();
  const ObjectiveLoss op = formula::at_replica(first, grid.mine());
  float sum[kLossSums] = {};
  add_losses(op, scale, static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x,
             static_cast<std::int64_t>(gridDim.x) * kThreads, sum);
  block_sum<kThreads>(sum);
  if (threadIdx.x == 0) {
    if (gridDim.x == 1) {
      write_losses(op.result, scale, sum);
    } else {
      float* const partial = grid.workspace(first_partial) + blockIdx.x * kLossSums;
      for (int i = 0; i < kLossSums; ++i) partial[i] = sum[i];
    }
  }
}

__global__ void __launch_bounds__(kBlocks)
    objective_loss_finish_kernel(ObjectiveResult* result, SegmentScales scale, const float* first_partial,
                                 int blocks, ReplicaGrid grid) {
  wait_for_previous_kernel();
  const float* const partial = grid.workspace(first_partial);
  float sum[kLossSums] = {};
  if (static_cast<int>(threadIdx.x) < blocks)
    for (int i = 0; i < kLossSums; ++i) sum[i] = partial[threadIdx.x * kLossSums + i];
  block_sum<kBlocks>(sum);
  if (threadIdx.x == 0) write_losses(grid.mine().at(result), scale, sum);
}

}  // namespace

void objective_loss(QueueView queue, const ObjectiveLoss& op) {
  const std::int64_t blocks = op.n <= kOneBlock ? 1 : std::min(kBlocks, blocks_for(op.n, 2 * kThreads));
  const SegmentScales scale = segment_scales(op);
  auto* const partial = reinterpret_cast<float*>(queue.workspace);
  launch(queue, {.blocks = blocks, .threads = kThreads}, objective_loss_kernel, op, scale, partial,
         ReplicaGrid(queue));
  if (blocks > 1) {
    launch(queue, {.blocks = 1, .threads = kBlocks}, objective_loss_finish_kernel, op.result, scale, partial,
           static_cast<int>(blocks), ReplicaGrid(queue));
  }
}

}  // namespace agon::kernels::cuda
