// Batches: a block takes a few columns, whose rows its threads share, from the statistics to the result: one
// launch, no sum across blocks. Rows: a warp takes one.
#include "kernels/norm.hpp"

#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/device/reduce.cuh"
#include "kernels/formula/norm.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 512;
constexpr int kColumns = 8;  // of a block: a sector of 32 bytes of each row
constexpr int kRows = kThreads / kColumns;
constexpr int kWarps = kThreads / 32;
constexpr int kRowThreads = 128;  // of a block of rows
constexpr int kRowWarps = kRowThreads / 32;

/// The sum over all threads of the thread's column, the same for each of them. Called by every thread; a
/// barrier parts one call from the next.
__device__ __forceinline__ float column_sum(float (*shared)[kColumns], float value) {
#pragma unroll
  for (int distance = 16; distance >= kColumns; distance /= 2)
    value += __shfl_xor_sync(0xffffffffu, value, distance);
  const int column = static_cast<int>(threadIdx.x % kColumns), warp = static_cast<int>(threadIdx.x / 32);
  if (threadIdx.x % 32 < kColumns) shared[warp][column] = value;
  __syncthreads();
  float sum = 0.0f;
#pragma unroll
  for (int w = 0; w < kWarps; ++w) sum += shared[w][column];
  __syncthreads();
  return sum;
}

/// Rows [first, first + rows) of one column, every kRows-th by this thread.
struct Column {
  const NormForward& op;
  std::int64_t column;
  bool there;  // the last block's columns may end before it does

  /// Mean and inverse deviation of a group; its first thread notes them.
  __device__ __forceinline__ void statistics(float (*shared)[kColumns], std::int64_t first, float& mean,
                                             float& inverse) const {
    const float n = static_cast<float>(op.group);
    float sum = 0.0f, squares = 0.0f;
    if (there)
      for (std::int64_t r = first + threadIdx.x / kColumns; r < first + op.group; r += kRows)
        sum += op.x[r * op.width + column];
    mean = formula::quotient(column_sum(shared, sum), n);
    if (there)
      for (std::int64_t r = first + threadIdx.x / kColumns; r < first + op.group; r += kRows) {
        const float off = op.x[r * op.width + column] - mean;
        squares = formula::fused(off, off, squares);
      }
    squares = column_sum(shared, squares);
    inverse = formula::inverse_deviation(formula::quotient(squares, n));
    if (!there || threadIdx.x >= kColumns) return;
    op.inverse_deviation[first / op.group * op.width + column] = inverse;
    op.running_mean[column] = formula::running_statistic(op.running_mean[column], mean);
    op.running_variance[column] = formula::running_statistic(op.running_variance[column],
                                                             formula::unbiased_variance(squares, op.group));
  }

  __device__ __forceinline__ void write(std::int64_t first, std::int64_t rows, float mean,
                                        float inverse) const {
    if (!there) return;
    const float gamma = op.gamma[column], beta = op.beta[column];
    for (std::int64_t r = first + threadIdx.x / kColumns; r < first + rows; r += kRows) {
      const std::int64_t i = r * op.width + column;
      const float normal = formula::normalised(op.x[i], mean, inverse);
      op.y[i] = formula::norm_output(normal, gamma, beta, op.slope);
      if (op.training()) op.kept()[i] = normal;
    }
  }
};

__global__ void __launch_bounds__(kThreads, 2) batch_forward_kernel(NormForward all, ReplicaGrid grid) {
  AGON_SHARED(float, shared, [kWarps][kColumns]);
  const NormForward op = at_replica(all, grid.mine());
  const std::int64_t number = static_cast<std::int64_t>(blockIdx.x) * kColumns + threadIdx.x % kColumns;
  const Column column{op, number, number < op.width};
  wait_for_previous_kernel();
  for (std::int64_t first = 0; first < op.rows; first += op.group) {
    float mean, inverse;
    column.statistics(shared, first, mean, inverse);
    column.write(first, op.group, mean, inverse);
  }
}

/// By the running statistics. A block has kRows rows.
__global__ void __launch_bounds__(kThreads) batch_evaluation_kernel(NormForward all, ReplicaGrid grid) {
  const NormForward op = at_replica(all, grid.mine());
  const std::int64_t tiles = (op.width + kColumns - 1) / kColumns;
  const std::int64_t number = blockIdx.x % tiles * kColumns + threadIdx.x % kColumns;
  wait_for_previous_kernel();
  if (number >= op.width) return;
  const std::int64_t first = blockIdx.x / tiles * kRows;
  const std::int64_t rows = op.rows - first < kRows ? op.rows - first : kRows;
  Column{op, number, true}.write(first, rows, op.running_mean[number],
                                 formula::inverse_deviation(op.running_variance[number]));
}

__global__ void __launch_bounds__(kRowThreads) layer_forward_kernel(NormForward all, ReplicaGrid grid) {
  const NormForward op = at_replica(all, grid.mine());
  const int lane = static_cast<int>(threadIdx.x % 32);
  const std::int64_t row = static_cast<std::int64_t>(blockIdx.x) * kRowWarps + threadIdx.x / 32;
  wait_for_previous_kernel();
  if (row >= op.rows) return;  // the whole warp
  const float* const x = op.x + row * op.width;
  float* const y = op.y + row * op.width;
  float* const kept = op.training() ? op.kept() + row * op.width : nullptr;
  const float n = static_cast<float>(op.width);
  float sum = 0.0f, squares = 0.0f;
  for (std::int64_t c = lane; c < op.width; c += 32) sum += x[c];
  const float mean = formula::quotient(warp_sum(sum), n);
  for (std::int64_t c = lane; c < op.width; c += 32)
    squares = formula::fused(x[c] - mean, x[c] - mean, squares);
  const float inverse = formula::inverse_deviation(formula::quotient(warp_sum(squares), n));
  if (op.inverse_deviation != nullptr && lane == 0) op.inverse_deviation[row] = inverse;
  for (std::int64_t c = lane; c < op.width; c += 32) {
    const float normal = formula::normalised(x[c], mean, inverse);
    y[c] = formula::norm_output(normal, op.gamma[c], op.beta[c], op.slope);
    if (kept != nullptr) kept[c] = normal;
  }
}

/// dgamma and dbeta, and with Whole the columns' dx.
template <bool Whole>
__global__ void __launch_bounds__(kThreads) columns_backward_kernel(NormBackward all, ReplicaGrid grid) {
  AGON_SHARED(float, shared, [kWarps][kColumns]);
  const NormBackward op = at_replica(all, grid.mine());
  const std::int64_t column = static_cast<std::int64_t>(blockIdx.x) * kColumns + threadIdx.x % kColumns;
  const bool there = column < op.width;
  wait_for_previous_kernel();
  float sum = 0.0f, product = 0.0f;
  if (there)
    for (std::int64_t r = threadIdx.x / kColumns; r < op.rows; r += kRows) {
      const float du = op.gradient[r * op.width + column];
      sum += du;
      product = formula::fused(du, op.normalised[r * op.width + column], product);
    }
  sum = column_sum(shared, sum);
  product = column_sum(shared, product);
  if (!there) return;
  if (threadIdx.x < kColumns) {
    op.dbeta[column] = op.accumulate ? op.dbeta[column] + sum : sum;
    op.dgamma[column] = op.accumulate ? op.dgamma[column] + product : product;
  }
  if (!Whole) return;
  const float gamma = op.gamma[column], inverse = op.inverse_deviation[column];
  const float scale = formula::quotient(gamma, static_cast<float>(op.rows));
  for (std::int64_t r = threadIdx.x / kColumns; r < op.rows; r += kRows) {
    float& du = op.gradient[r * op.width + column];
    du = formula::norm_gradient(gamma * du, op.normalised[r * op.width + column], scale * sum,
                                scale * product, inverse);
  }
}

__global__ void __launch_bounds__(kRowThreads) rows_backward_kernel(NormBackward all, ReplicaGrid grid) {
  const NormBackward op = at_replica(all, grid.mine());
  const int lane = static_cast<int>(threadIdx.x % 32);
  const std::int64_t row = static_cast<std::int64_t>(blockIdx.x) * kRowWarps + threadIdx.x / 32;
  wait_for_previous_kernel();
  if (row >= op.rows) return;  // the whole warp
  float* const du = op.gradient + row * op.width;
  const float* const normal = op.normalised + row * op.width;
  float sum = 0.0f, product = 0.0f;
  for (std::int64_t c = lane; c < op.width; c += 32) {
    const float g = op.gamma[c] * du[c];
    sum += g;
    product = formula::fused(g, normal[c], product);
  }
  const float n = static_cast<float>(op.width);
  const float mean_g = formula::quotient(warp_sum(sum), n);
  const float mean_product = formula::quotient(warp_sum(product), n);
  const float inverse = op.inverse_deviation[row];
  for (std::int64_t c = lane; c < op.width; c += 32)
    du[c] = formula::norm_gradient(op.gamma[c] * du[c], normal[c], mean_g, mean_product, inverse);
}

}  // namespace

void norm_forward(QueueView queue, const NormForward& op) {
  const std::int64_t tiles = blocks_for(op.width, kColumns);
  if (op.kind == NormKind::layer) {
    launch(queue, {.blocks = blocks_for(op.rows, kRowWarps), .threads = kRowThreads}, layer_forward_kernel,
           op, ReplicaGrid(queue));
  } else if (op.inverse_deviation != nullptr) {
    launch(queue, {.blocks = tiles, .threads = kThreads}, batch_forward_kernel, op, ReplicaGrid(queue));
  } else {
    launch(queue, {.blocks = tiles * blocks_for(op.rows, kRows), .threads = kThreads},
           batch_evaluation_kernel, op, ReplicaGrid(queue));
  }
}

void norm_backward(QueueView queue, const NormBackward& op) {
  const Launch columns{.blocks = blocks_for(op.width, kColumns), .threads = kThreads};
  if (op.kind == NormKind::batch)
    return launch(queue, columns, columns_backward_kernel<true>, op, ReplicaGrid(queue));
  launch(queue, columns, columns_backward_kernel<false>, op, ReplicaGrid(queue));
  launch(queue, {.blocks = blocks_for(op.rows, kRowWarps), .threads = kRowThreads}, rows_backward_kernel, op,
         ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
