// A block for each direction: it projects both samples into shared memory, sorts them there, and sums.
#include "kernels/sliced_wasserstein.hpp"

#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/device/reduce.cuh"
#include "kernels/formula/distance.hpp"
#include "kernels/formula/sorting_network.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 256;

/// value[0, size): the n rows' products with `direction`, then infinities.
__device__ __forceinline__ void project(const float* rows, std::int64_t n, const float* direction,
                                        std::int64_t width, float* value, std::int64_t size) {
#pragma unroll 1
  for (std::int64_t i = threadIdx.x; i < size; i += kThreads)
    value[i] = i < n ? formula::dot(rows + i * width, direction, width) : formula::float_of(0x7f800000u);
}

/// Both at once, of which x is no longer than y: behind y's comparators come x's, until it is sorted.
__device__ __forceinline__ void sort_both(float* x, std::int64_t x_size, float* y, std::int64_t y_size) {
#pragma unroll 1
  for (std::int64_t run = 2; run <= y_size; run *= 2) {
    const std::int64_t of_y = y_size / 2, all = of_y + (run <= x_size ? x_size / 2 : 0);
#pragma unroll 1
    for (std::int64_t distance = run / 2; distance > 0; distance /= 2) {
      __syncthreads();
#pragma unroll 1
      for (std::int64_t i = threadIdx.x; i < all; i += kThreads)
        formula::compare_exchange(i < of_y ? y : x, i < of_y ? i : i - of_y, run, distance);
    }
  }
  __syncthreads();
}

__global__ void __launch_bounds__(kThreads) sliced_wasserstein_kernel(SlicedWasserstein op) {
  AGON_SHARED(float, x, [kMostRanked]);
  AGON_SHARED(float, y, [kMostRanked]);
  const float* const direction = op.direction + blockIdx.x * op.width;
  const std::int64_t rows = op.n / op.times;
  wait_for_previous_kernel();
  const std::int64_t x_size = formula::power_of_two_from(rows), y_size = formula::power_of_two_from(op.n);
  project(op.x, rows, direction, op.width, x, x_size);
  project(op.y, op.n, direction, op.width, y, y_size);
  sort_both(x, x_size, y, y_size);
  float sum[1] = {};
  for (std::int64_t i = threadIdx.x; i < op.n; i += kThreads) {
    const float difference = x[i / op.times] - y[i];
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
