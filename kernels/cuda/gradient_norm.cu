// The norm of a gradient: blocks' sums of squares, then their sum by one block.
#include "kernels/gradient_norm.hpp"

#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/device/reduce.cuh"
#include "kernels/formula/gradient_norm.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kBlocks = kMostNormBlocks;  // the last launch has a thread for each

/// partial (blocks), written where there are several blocks.
__global__ void __launch_bounds__(kThreads)
    gradient_norm_kernel(GradientNorm first, double* first_partial, ReplicaGrid grid) {
  AGON_SHARED(double, shared, [kBlockSumShared<kThreads, 1>]);
  const GradientNorm op = at_replica(first, grid.mine());
  wait_for_previous_kernel();
  double sum[1] = {};
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < op.n;
       i += static_cast<std::int64_t>(gridDim.x) * kThreads) {
    const double value = op.gradient[i];
    sum[0] += value * value;
  }
  block_sum<kThreads>(shared, sum);
  if (threadIdx.x != 0) return;
  if (gridDim.x == 1) {
    formula::set_gradient_norm(*op.state, op.clip, sum[0]);
  } else {
    grid.workspace(first_partial)[blockIdx.x] = sum[0];
  }
}

__global__ void __launch_bounds__(kBlocks)
    gradient_norm_finish_kernel(GradientNorm first, const double* first_partial, int blocks,
                                ReplicaGrid grid) {
  AGON_SHARED(double, shared, [kBlockSumShared<kBlocks, 1>]);
  const double* const partial = grid.workspace(first_partial);
  wait_for_previous_kernel();
  double sum[1] = {};
  if (static_cast<int>(threadIdx.x) < blocks) sum[0] = partial[threadIdx.x];
  block_sum<kBlocks>(shared, sum);
  if (threadIdx.x == 0) formula::set_gradient_norm(*grid.mine().at(first.state), first.clip, sum[0]);
}

}  // namespace

void gradient_norm(QueueView queue, const GradientNorm& op) {
  const std::int64_t blocks = norm_blocks(op);
  auto* const partial = reinterpret_cast<double*>(queue.workspace);
  launch(queue, {.blocks = blocks, .threads = kThreads}, gradient_norm_kernel, op, partial,
         ReplicaGrid(queue));
  if (blocks > 1)
    launch(queue, {.threads = kBlocks}, gradient_norm_finish_kernel, op, static_cast<const double*>(partial),
           static_cast<int>(blocks), ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
