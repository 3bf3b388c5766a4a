// Sigmoid-BCE: gradients and sums in one launch; a second adds the blocks' sums up where one block is not
// enough.
#include "kernels/cuda/sigmoid_bce.cuh"

#include <algorithm>

#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/operations.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 512;
constexpr std::int64_t kOneBlock = 16384;  // logits: below this a second launch costs more than it saves
constexpr std::int64_t kBlocks = 256;      // at most

/// partial (blocks, kBceSums), written where there are several blocks.
__global__ void __launch_bounds__(kThreads)
    sigmoid_bce_kernel(SigmoidBce first, BceScales scale, float* first_partial, ReplicaGrid grid) {
  wait_for_previous_kernel();
  const SigmoidBce op = formula::at_replica(first, grid.mine());
  float sum[kBceSums] = {};
  add_bce(op, scale, static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x,
          static_cast<std::int64_t>(gridDim.x) * kThreads, sum);
  block_sum<kThreads>(sum);
  if (threadIdx.x == 0) {
    if (gridDim.x == 1) {
      write_bce(op.result, scale, sum);
    } else {
      float* const partial = grid.workspace(first_partial) + blockIdx.x * kBceSums;
      for (int i = 0; i < kBceSums; ++i) partial[i] = sum[i];
    }
  }
}

__global__ void __launch_bounds__(kBlocks)
    sigmoid_bce_finish_kernel(SigmoidBceResult* result, BceScales scale, const float* first_partial,
                              int blocks, ReplicaGrid grid) {
  wait_for_previous_kernel();
  const float* const partial = grid.workspace(first_partial);
  float sum[kBceSums] = {};
  if (static_cast<int>(threadIdx.x) < blocks)
    for (int i = 0; i < kBceSums; ++i) sum[i] = partial[threadIdx.x * kBceSums + i];
  block_sum<kBlocks>(sum);
  if (threadIdx.x == 0) write_bce(grid.mine().at(result), scale, sum);
}

}  // namespace

void sigmoid_bce(QueueView queue, const SigmoidBce& op) {
  const std::int64_t blocks = op.n <= kOneBlock ? 1 : std::min(kBlocks, blocks_for(op.n, 2 * kThreads));
  const BceScales scale = bce_scales(op);
  auto* const partial = reinterpret_cast<float*>(queue.workspace);
  launch(queue, {.blocks = blocks, .threads = kThreads}, sigmoid_bce_kernel, op, scale, partial,
         ReplicaGrid(queue));
  if (blocks > 1) {
    launch(queue, {.blocks = 1, .threads = kBlocks}, sigmoid_bce_finish_kernel, op.result, scale, partial,
           static_cast<int>(blocks), ReplicaGrid(queue));
  }
}

}  // namespace agon::kernels::cuda
