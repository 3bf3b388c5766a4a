// A block for each direction: it projects both samples into shared memory, sorts them there, and sums.
#include "kernels/sliced_wasserstein.hpp"

#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/operations.hpp"
#include "kernels/cuda/reduce.cuh"
#include "kernels/formula/distance.hpp"
#include "kernels/formula/sorting_network.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 256;

/// Both at once: the first `size` / 2 comparators are x's.
__device__ __forceinline__ void sort_both(float* x, float* y, std::int64_t size) {
#pragma unroll 1
  for (std::int64_t run = 2; run <= size; run *= 2) {
#pragma unroll 1
    for (std::int64_t distance = run / 2; distance > 0; distance /= 2) {
      __syncthreads();
#pragma unroll 1
      for (std::int64_t i = threadIdx.x; i < size; i += kThreads)
        formula::compare_exchange(i < size / 2 ? x : y, i < size / 2 ? i : i - size / 2, run, distance);
    }
  }
  __syncthreads();
}

__global__ void __launch_bounds__(kThreads) sliced_wasserstein_kernel(SlicedWasserstein op) {
  AGON_SHARED(float, x, [kMostRanked]);
  AGON_SHARED(float, y, [kMostRanked]);
  wait_for_previous_kernel();
  const float* const direction = op.direction + blockIdx.x * op.width;
  const std::int64_t size = formula::power_of_two_from(op.n);
  for (std::int64_t i = threadIdx.x; i < size; i += kThreads) {
    const bool there = i < op.n;
    x[i] = there ? formula::dot(op.x + i / op.times * op.width, direction, op.width)
                 : formula::float_of(0x7f800000u);
    y[i] = there ? formula::dot(op.y + i * op.width, direction, op.width) : formula::float_of(0x7f800000u);
  }
  sort_both(x, y, size);
  float sum[1] = {};
  for (std::int64_t i = threadIdx.x; i < op.n; i += kThreads) {
    const float difference = x[i] - y[i];
    sum[0] = formula::fused(difference, difference, sum[0]);
  }
  block_sum<kThreads>(sum);
  if (threadIdx.x == 0) op.out[blockIdx.x] = formula::quotient(sum[0], static_cast<float>(op.n));
}

}  // namespace

void sliced_wasserstein(QueueView queue, const SlicedWasserstein& op) {
  launch(queue, {.blocks = op.projections, .threads = kThreads}, sliced_wasserstein_kernel, op);
}

}  // namespace agon::kernels::cuda
