// Two layers with few columns between them, a few rows to a block: the rows' few columns stay in shared
// memory.
#include "kernels/linear_pair.hpp"

#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/linear/estimate.hpp"
#include "kernels/cuda/linear/thin.cuh"

namespace agon::kernels::cuda {
namespace {

constexpr int kRows = 4;  // of a block

/// The few columns of the block's rows.
using Waist = float[kRows][kThin];

/// Blocks [0, before) take rows that `first` does not write, the rest those that it does.
struct PairGrid {
  int before = 0;
  bool vector = false;  // first's x and weight can be read 16 bytes at a time
};

static_assert(kRows / kDotRows * (kThin / kGroup) <= kThinWarps);  // a warp's dot products are one WarpDots

/// The thread's warp's of rows [row, row + rows).
__device__ __forceinline__ WarpDots dots_of_block(Dots product, int row, int rows) {
  product.left += element(row, product.k, 0);
  product.rows = rows;
  return WarpDots(product, static_cast<int>(threadIdx.x / 32));
}

/// Rows [row, row + rows) of `second` from the waist.
__device__ __forceinline__ void widen(const Waist& waist, const LinearForward& second, int row, int rows) {
  const int in = static_cast<int>(second.shape.in), out = static_cast<int>(second.shape.out);
  for (int column = static_cast<int>(threadIdx.x); column < out; column += kThinThreads) {
    const float* const weights = second.weight + element(column, in, 0);
    float sum[kRows] = {};
    for (int k = 0; k < in; ++k) {
      const float weight = weights[k];
#pragma unroll
      for (int r = 0; r < kRows; ++r) sum[r] = fmaf(waist[r][k], weight, sum[r]);
    }
#pragma unroll
    for (int r = 0; r < kRows; ++r)
      if (r < rows)
        second.y[element(row + r, out, column)] =
            formula::leaky_relu(sum[r] + second.bias[column], second.slope);
  }
}

__device__ __forceinline__ int rows_left(int row, int end) {
  return end - row < kRows ? (end > row ? end - row : 0) : kRows;
}

__device__ __forceinline__ void clear(Waist& waist) {
  for (int i = static_cast<int>(threadIdx.x); i < kRows * kThin; i += kThinThreads)
    waist[i / kThin][i % kThin] = 0.0f;
  __syncthreads();
}

__global__ void __launch_bounds__(kThinThreads, 1)
    pair_forward_kernel(const __grid_constant__ LinearPairForward both, PairGrid pair, ReplicaGrid grid) {
  AGON_SHARED(float, waist, [kRows][kThin]);
  const LinearPairForward op = at_replica(both, grid.mine());
  const LinearForward &first = op.first, &second = op.second;
  const int few = static_cast<int>(second.shape.in), block = static_cast<int>(blockIdx.x);
  const int before = static_cast<int>(op.before), computed = static_cast<int>(first.shape.batch);
  const bool given = block < pair.before;
  const int first_row = (given ? 0 : block - pair.before) * kRows;  // of `first`
  const int row = given ? block * kRows : before + first_row;       // of `second`
  int end = given ? before : before + computed;
  if (end > second.shape.batch) end = static_cast<int>(second.shape.batch);
  const int rows = rows_left(row, end);
  const WarpDots dots =
      dots_of_block(dots_of_rows(first, pair.vector), first_row, rows_left(first_row, computed));
  clear(waist);
  wait_for_previous_kernel();
  if (given) {
    for (int i = static_cast<int>(threadIdx.x); i < rows * few; i += kThinThreads)
      waist[i / few][i % few] = second.x[element(row, few, i)];
  } else {
    dots.run([&](int r, int column, float value) {
      const float y = formula::leaky_relu(value + first.bias[column], first.slope);
      waist[r][column] = y;
      first.y[element(first_row + r, few, column)] = y;
    });
  }
  __syncthreads();
  widen(waist, second, row, rows);
}

__global__ void __launch_bounds__(kThinThreads, 1)
    pair_backward_kernel(const __grid_constant__ LinearPairBackward both, ReplicaGrid grid) {
  AGON_SHARED(float, waist, [kRows][kThin]);
  const LinearPairBackward op = at_replica(both, grid.mine());
  const LinearBackward& second = op.second;
  const int few = static_cast<int>(second.shape.in), wide = static_cast<int>(op.first.shape.in);
  const int row = static_cast<int>(blockIdx.x) * kRows;
  const int rows = rows_left(row, static_cast<int>(second.shape.batch));
  const WarpDots dots = dots_of_block(dots_into_few(second), row, rows);
  clear(waist);
  wait_for_previous_kernel();
  dots.run([&](int r, int column, float value) {
    const std::int64_t i = element(row + r, few, column);
    const float dx = value * formula::leaky_relu_derivative(second.x[i], second.input_slope);
    waist[r][column] = dx;
    second.dx[i] = dx;
  });
  __syncthreads();
  for (int column = static_cast<int>(threadIdx.x); column < wide; column += kThinThreads) {
    const float* weights = op.first.weight + column;
    float sum[kRows] = {};
    for (int k = 0; k < few; ++k, weights += wide) {
      const float weight = *weights;
#pragma unroll
      for (int r = 0; r < kRows; ++r) sum[r] = fmaf(waist[r][k], weight, sum[r]);
    }
#pragma unroll
    for (int r = 0; r < kRows; ++r)
      if (r < rows) {
        const std::int64_t i = element(row + r, wide, column);
        op.first.dx[i] = sum[r] * formula::leaky_relu_derivative(op.first.x[i], op.first.input_slope);
      }
  }
}

}  // namespace

void linear_pair_forward(QueueView queue, const LinearPairForward& op) {
  const LinearForward &first = op.first, &second = op.second;
  if (!in_one_launch(op)) {
    cuda::linear_forward(queue, first);
    cuda::linear_forward(queue, second);
    return;
  }
  const PairGrid pair{.before = narrow(tiles(op.before, kRows)),
                      .vector = narrow(first.shape.in) % 4 == 0 && aligned(first.x) && aligned(first.weight)};
  launch(queue, {.blocks = pair.before + tiles(first.shape.batch, kRows), .threads = kThinThreads},
         pair_forward_kernel, op, pair, ReplicaGrid(queue));
}

void linear_pair_backward(QueueView queue, const LinearPairBackward& op) {
  if (!in_one_launch(op)) {
    cuda::linear_backward(queue, op.second, {});
    cuda::linear_backward(queue, op.first, {});
    return;
  }
  launch(queue, {.blocks = blocks_for(op.second.shape.batch, kRows), .threads = kThinThreads},
         pair_backward_kernel, op, ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
