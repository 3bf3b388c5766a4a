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
  std::int64_t before = 0;
  bool vector = false;  // first's x and weight can be read 16 bytes at a time
};

/// Rows [row, row + rows) of `first`, to memory and to the waist.
__device__ __forceinline__ void narrow(Waist& waist, const LinearForward& first, bool vector,
                                       std::int64_t row, int rows) {
  const std::int64_t out = first.shape.out;
  Dots product = dots_of_rows(first, vector);
  product.left += row * product.k;
  product.rows = rows;
  const std::int64_t warps = (rows + kDotRows - 1) / kDotRows * ((out + kGroup - 1) / kGroup);
  for (std::int64_t warp = threadIdx.x / 32; warp < warps; warp += kThinWarps)
    dots(product, warp, [&](std::int64_t r, int column, float value) {
      const float y = formula::leaky_relu(value + first.bias[column], first.slope);
      waist[r][column] = y;
      first.y[(row + r) * out + column] = y;
    });
}

/// Rows [row, row + rows) of `second` from the waist.
__device__ __forceinline__ void widen(const Waist& waist, const LinearForward& second, std::int64_t row,
                                      int rows) {
  const std::int64_t in = second.shape.in, out = second.shape.out;
  for (std::int64_t column = threadIdx.x; column < out; column += kThinThreads) {
    float sum[kRows] = {};
    for (std::int64_t k = 0; k < in; ++k) {
      const float weight = second.weight[column * in + k];
#pragma unroll
      for (int r = 0; r < kRows; ++r) sum[r] = fmaf(waist[r][k], weight, sum[r]);
    }
#pragma unroll
    for (int r = 0; r < kRows; ++r)
      if (r < rows)
        second.y[(row + r) * out + column] = formula::leaky_relu(sum[r] + second.bias[column], second.slope);
  }
}

__device__ __forceinline__ int rows_left(std::int64_t row, std::int64_t end) {
  return static_cast<int>(end - row < kRows ? (end > row ? end - row : 0) : kRows);
}

__global__ void __launch_bounds__(kThinThreads, 1)
    pair_forward_kernel(LinearPairForward both, PairGrid pair, ReplicaGrid grid) {
  AGON_SHARED(float, waist, [kRows][kThin]);
  wait_for_previous_kernel();
  const LinearPairForward op = at_replica(both, grid.mine());
  const std::int64_t few = op.second.shape.in;
  for (int i = static_cast<int>(threadIdx.x); i < kRows * kThin; i += kThinThreads)
    waist[i / kThin][i % kThin] = 0.0f;
  __syncthreads();
  std::int64_t row = static_cast<std::int64_t>(blockIdx.x) * kRows;  // of `second`
  std::int64_t end = op.second.shape.batch;
  if (blockIdx.x < pair.before) {
    if (end > op.before) end = op.before;
    const int given = rows_left(row, end);
    for (std::int64_t i = threadIdx.x; i < given * few; i += kThinThreads)
      waist[i / few][i % few] = op.second.x[row * few + i];
  } else {
    const std::int64_t first_row = (blockIdx.x - pair.before) * std::int64_t{kRows};
    narrow(waist, op.first, pair.vector, first_row, rows_left(first_row, op.first.shape.batch));
    row = op.before + first_row;
    if (end > op.before + op.first.shape.batch) end = op.before + op.first.shape.batch;
  }
  __syncthreads();
  widen(waist, op.second, row, rows_left(row, end));
}

__global__ void __launch_bounds__(kThinThreads, 1)
    pair_backward_kernel(LinearPairBackward both, ReplicaGrid grid) {
  AGON_SHARED(float, waist, [kRows][kThin]);
  wait_for_previous_kernel();
  const LinearPairBackward op = at_replica(both, grid.mine());
  const std::int64_t few = op.second.shape.in, wide = op.first.shape.in;
  const std::int64_t row = static_cast<std::int64_t>(blockIdx.x) * kRows;
  const int rows = rows_left(row, op.second.shape.batch);
  for (int i = static_cast<int>(threadIdx.x); i < kRows * kThin; i += kThinThreads)
    waist[i / kThin][i % kThin] = 0.0f;
  __syncthreads();
  Dots product = dots_into_few(op.second);
  product.left += row * product.k;
  product.rows = rows;
  const std::int64_t warps = (rows + kDotRows - 1) / kDotRows * ((few + kGroup - 1) / kGroup);
  for (std::int64_t warp = threadIdx.x / 32; warp < warps; warp += kThinWarps)
    dots(product, warp, [&](std::int64_t r, int column, float value) {
      const std::int64_t i = (row + r) * few + column;
      const float dx = value * formula::leaky_relu_derivative(op.second.x[i], op.second.input_slope);
      waist[r][column] = dx;
      op.second.dx[i] = dx;
    });
  __syncthreads();
  for (std::int64_t column = threadIdx.x; column < wide; column += kThinThreads) {
    float sum[kRows] = {};
    for (std::int64_t k = 0; k < few; ++k) {
      const float weight = op.first.weight[k * wide + column];
#pragma unroll
      for (int r = 0; r < kRows; ++r) sum[r] = fmaf(waist[r][k], weight, sum[r]);
    }
#pragma unroll
    for (int r = 0; r < kRows; ++r)
      if (r < rows) {
        const std::int64_t i = (row + r) * wide + column;
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
  const PairGrid pair{.before = tiles(op.before, kRows),
                      .vector = first.shape.in % 4 == 0 && aligned(first.x) && aligned(first.weight)};
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
