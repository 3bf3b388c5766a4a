// A block for each row.
#include "kernels/kernel_sums.hpp"

#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/device/reduce.cuh"
#include "kernels/formula/distance.hpp"
#include "kernels/formula/elementary.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 128;

__device__ __forceinline__ float sum_over(const KernelSums& op, const float* row, const float* others,
                                          std::int64_t count) {
  float sum = 0;
#pragma unroll 1
  for (std::int64_t j = threadIdx.x; j < count; j += kThreads) {
    const float* const other = others + j * op.width;
    const float square = formula::squared_distance(row, other, op.width);
    sum += other == row ? 0.0f : formula::exponential_of_nonpositive(-op.scale * square);
  }
  return sum;
}

__global__ void __launch_bounds__(kThreads) kernel_sums_kernel(KernelSums op) {
  const std::int64_t i = blockIdx.x;
  const bool first = i < op.n;
  const float* const row = first ? op.x + i * op.width : op.y + (i - op.n) * op.width;
  wait_for_previous_kernel();
  float sums[2] = {first ? sum_over(op, row, op.x, op.n) : 0.0f, sum_over(op, row, op.y, op.m)};
  block_sum<kThreads>(sums);
  if (threadIdx.x != 0) return;
  op.own[i] = first ? sums[0] : sums[1];
  if (first) op.cross[i] = sums[1];
}

}  // namespace

void kernel_sums(QueueView queue, const KernelSums& op) {
  launch(queue, {.blocks = op.n + op.m, .threads = kThreads}, kernel_sums_kernel, op);
}

}  // namespace agon::kernels::cuda
