// Layers with few inputs or few outputs (10 columns of a table, one logit), where a square tile would mostly
// hold nothing: dot products by a warp, rank-few products by a thread, sums over the batch by a block.
#include <algorithm>

#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/linear_plan.hpp"
#include "kernels/cuda/linear_routes.hpp"
#include "kernels/cuda/properties.hpp"
#include "kernels/cuda/reduce.cuh"
#include "kernels/formula/leaky_relu.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kWarps = kThreads / 32;
constexpr int kForwardThreads = 128;  // smaller blocks: more of the device at a small batch
constexpr int kGroup = 4;             // thin columns that one warp or block computes
constexpr int kDotRows = 2;           // batch rows of a warp's dot products
constexpr int kExpandRows = 4;        // batch rows of a thread's rank-few product
constexpr int kWide = 128;            // wide columns of a warp: 4 to a lane

__device__ __forceinline__ std::int64_t warp_index(int threads, std::int64_t block) {
  return block * (threads / 32) + threadIdx.x / 32;
}

__device__ __forceinline__ void read_four(float (&to)[4], const float* from, std::int64_t left, bool vector) {
  if (vector && left > 0) {
    const float4 v = *reinterpret_cast<const float4*>(from);
    to[0] = v.x, to[1] = v.y, to[2] = v.z, to[3] = v.w;
    return;
  }
#pragma unroll
  for (int e = 0; e < 4; ++e) to[e] = left > e ? from[e] : 0.0f;
}

/// left (rows, k) times right (k, columns), columns <= kThin: element (k, c) of right is right[c * column + k
/// * depth].
struct Dots {
  const float* left;
  const float* right;
  std::int64_t rows, k;
  int columns;
  std::int64_t column, depth;
  bool vector;  ///< both have their k's side by side, 16-byte aligned, and k is a multiple of 4
};

/// Warps that dots() takes.
std::int64_t dot_warps(std::int64_t rows, std::int64_t columns) {
  return tiles(rows, kDotRows) * tiles(columns, kGroup);
}

/// use(row, column, value) by lane 0 for the warp's kDotRows x kGroup elements.
template <class Use>
__device__ __forceinline__ void dots(const Dots& op, std::int64_t warp, const Use& use) {
  const int groups = (op.columns + kGroup - 1) / kGroup;
  const std::int64_t row = warp / groups * kDotRows;
  const int column = static_cast<int>(warp % groups) * kGroup;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  float sum[kDotRows][kGroup] = {};
  for (std::int64_t k = 4 * lane; k < op.k; k += kWide) {
    float left[kDotRows][4] = {}, right[kGroup][4] = {};
#pragma unroll
    for (int r = 0; r < kDotRows; ++r)
      if (row + r < op.rows) read_four(left[r], op.left + (row + r) * op.k + k, op.k - k, op.vector);
#pragma unroll
    for (int c = 0; c < kGroup; ++c) {
      if (column + c >= op.columns) continue;
      const float* const from = op.right + (column + c) * op.column + k * op.depth;
      if (op.vector) {
        read_four(right[c], from, op.k - k, true);
      } else {
#pragma unroll
        for (int e = 0; e < 4; ++e) right[c][e] = op.k - k > e ? from[e * op.depth] : 0.0f;
      }
    }
#pragma unroll
    for (int r = 0; r < kDotRows; ++r)
#pragma unroll
      for (int c = 0; c < kGroup; ++c)
#pragma unroll
        for (int e = 0; e < 4; ++e) sum[r][c] = fmaf(left[r][e], right[c][e], sum[r][c]);
  }
#pragma unroll
  for (int r = 0; r < kDotRows; ++r)
#pragma unroll
    for (int c = 0; c < kGroup; ++c) {
      const float total = warp_sum(sum[r][c]);
      if (lane == 0 && row + r < op.rows && column + c < op.columns) use(row + r, column + c, total);
    }
}

__global__ void __launch_bounds__(kForwardThreads) forward_thin_kernel(LinearForward op, Dots product) {
  dots(product, warp_index(kForwardThreads, blockIdx.x), [&](std::int64_t row, int column, float value) {
    op.y[row * op.shape.out + column] = formula::leaky_relu(value + op.bias[column], op.slope);
  });
}

/// dx where out is thin: a lane computes four columns of kExpandRows rows.
__device__ __forceinline__ void expand(const LinearBackward& op, bool vector, std::int64_t warp) {
  const auto& [batch, in, out] = op.shape;
  const std::int64_t wide_tiles = (in + kWide - 1) / kWide;
  const std::int64_t row = warp / wide_tiles * kExpandRows;
  const std::int64_t column = warp % wide_tiles * kWide + 4 * (threadIdx.x % 32);
  float sum[kExpandRows][4] = {};
  for (std::int64_t o = 0; o < out; ++o) {
    float weight[4];
    read_four(weight, op.weight + o * in + column, in - column, vector);
#pragma unroll
    for (int r = 0; r < kExpandRows; ++r) {
      const float dz = row + r < batch ? op.dz[(row + r) * out + o] : 0.0f;
#pragma unroll
      for (int e = 0; e < 4; ++e) sum[r][e] = fmaf(dz, weight[e], sum[r][e]);
    }
  }
#pragma unroll
  for (int r = 0; r < kExpandRows; ++r) {
    if (row + r >= batch) continue;
    const std::int64_t at = (row + r) * in + column;
    float x[4];
    read_four(x, op.x + at, in - column, vector);
#pragma unroll
    for (int e = 0; e < 4; ++e) sum[r][e] *= formula::leaky_relu_derivative(x[e], op.input_slope);
    if (vector && column < in) {
      *reinterpret_cast<float4*>(op.dx + at) = make_float4(sum[r][0], sum[r][1], sum[r][2], sum[r][3]);
    } else {
#pragma unroll
      for (int e = 0; e < 4; ++e)
        if (in - column > e) op.dx[at + e] = sum[r][e];
    }
  }
}

/// dweight and dbias as sums over the batch of wide (batch, wide_columns) times thin (batch, thin_columns):
/// one of the two is dz, the other x.
struct Outer {
  const float* wide;
  const float* thin;
  std::int64_t wide_columns;
  int thin_columns;
  std::int64_t wide_step, thin_step;  ///< of dweight
  bool thin_is_dz;
  bool vector;         ///< wide can be read 16 bytes at a time
  std::int64_t piece;  ///< batch rows of a split
  int splits;
  std::int64_t blocks;  ///< of all splits
};

constexpr int kOuterRows = kGroup + 1;  // the thin columns' sums, and one for the bias

/// The block's warps take batch rows in turn; their sums meet in shared memory, (kWarps, kOuterRows, kWide).
__device__ __forceinline__ void outer_sums(const Outer& product, std::int64_t column, int thin,
                                           std::int64_t first, std::int64_t end,
                                           float (&sum)[kOuterRows][4]) {
  const std::int64_t left = product.wide_columns - column;
  for (std::int64_t row = first + threadIdx.x / 32; row < end; row += kWarps) {
    float wide[4];
    read_four(wide, product.wide + row * product.wide_columns + column, left, product.vector);
#pragma unroll
    for (int t = 0; t < kGroup; ++t) {
      const float factor =
          thin + t < product.thin_columns ? product.thin[row * product.thin_columns + thin + t] : 0.0f;
#pragma unroll
      for (int e = 0; e < 4; ++e) sum[t][e] = fmaf(wide[e], factor, sum[t][e]);
      if (product.thin_is_dz) sum[kGroup][t] += factor;
    }
    if (!product.thin_is_dz) {
#pragma unroll
      for (int e = 0; e < 4; ++e) sum[kGroup][e] += wide[e];
    }
  }
}

__device__ __forceinline__ void outer_block(const LinearBackward& op, const Outer& product, float* partial,
                                            std::int64_t block) {
  AGON_SHARED(float, shared, [kWarps][kOuterRows][kWide]);
  const std::int64_t wide_tiles = (product.wide_columns + kWide - 1) / kWide;
  const int groups = (product.thin_columns + kGroup - 1) / kGroup;
  const std::int64_t split = block / (wide_tiles * groups), tile = block % (wide_tiles * groups);
  const std::int64_t first_column = tile / groups * kWide;
  const int thin = static_cast<int>(tile % groups) * kGroup;
  const std::int64_t first = split * product.piece;
  const std::int64_t end = first + product.piece < op.shape.batch ? first + product.piece : op.shape.batch;
  const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;

  float sum[kOuterRows][4] = {};
  outer_sums(product, first_column + 4 * lane, thin, first, end, sum);
#pragma unroll
  for (int t = 0; t < kOuterRows; ++t)
    *reinterpret_cast<float4*>(&shared[warp][t][4 * lane]) =
        make_float4(sum[t][0], sum[t][1], sum[t][2], sum[t][3]);
  __syncthreads();

  float* const own = partial + split * (op.shape.out * op.shape.in + op.shape.out);
  float* const dweight = product.splits == 1 ? op.dweight : own;
  float* const dbias = product.splits == 1 ? op.dbias : own + op.shape.out * op.shape.in;
  for (int i = static_cast<int>(threadIdx.x); i < kOuterRows * kWide; i += kThreads) {
    const int t = i / kWide, c = i % kWide;
    float total = shared[0][t][c];
#pragma unroll
    for (int w = 1; w < kWarps; ++w) total += shared[w][t][c];
    if (t < kGroup) {
      if (thin + t < product.thin_columns && first_column + c < product.wide_columns)
        dweight[(first_column + c) * product.wide_step + (thin + t) * product.thin_step] = total;
    } else if (product.thin_is_dz) {
      if (first_column == 0 && c < kGroup && thin + c < product.thin_columns) dbias[thin + c] = total;
    } else if (thin == 0 && first_column + c < product.wide_columns) {
      dbias[first_column + c] = total;
    }
  }
}

/// Blocks [0, product.blocks) compute dweight and dbias, the rest dx: from few outputs, or into few inputs.
__global__ void __launch_bounds__(kThreads)
    backward_thin_kernel(LinearBackward op, Outer product, float* partial, bool vector_rows, Dots into_few) {
  if (blockIdx.x < product.blocks) {
    outer_block(op, product, partial, blockIdx.x);
    return;
  }
  const std::int64_t warp = warp_index(kThreads, blockIdx.x - product.blocks);
  if (product.thin_is_dz) {
    expand(op, vector_rows, warp);
  } else {
    dots(into_few, warp, [&](std::int64_t row, int column, float value) {
      const std::int64_t i = row * op.shape.in + column;
      op.dx[i] = value * formula::leaky_relu_derivative(op.x[i], op.input_slope);
    });
  }
}

Outer outer_product(const LinearBackward& op, std::size_t workspace_bytes) {
  const auto& [batch, in, out] = op.shape;
  Outer product{};
  product.thin_is_dz = out <= kThin;
  product.wide = product.thin_is_dz ? op.x : op.dz;
  product.thin = product.thin_is_dz ? op.dz : op.x;
  product.wide_columns = product.thin_is_dz ? in : out;
  product.thin_columns = static_cast<int>(product.thin_is_dz ? out : in);
  product.wide_step = product.thin_is_dz ? 1 : in;
  product.thin_step = product.thin_is_dz ? in : 1;
  product.vector = product.wide_columns % 4 == 0 && aligned(product.wide);
  product.splits = 1;
  product.piece = batch;
  if (op.dweight == nullptr) return product;
  const std::int64_t tile_count = tiles(product.wide_columns, kWide) * tiles(product.thin_columns, kGroup);
  constexpr std::int64_t kLeastPiece =
      64 * kWarps;  // batch rows: below this a second launch costs more than it saves
  const std::int64_t wanted = std::min(tiles(batch, kLeastPiece), tiles(2 * multiprocessors(), tile_count));
  product.splits = feasible_splits(op.shape, wanted, workspace_bytes);
  product.piece = tiles(batch, product.splits);
  product.blocks = tile_count * product.splits;
  return product;
}

}  // namespace

void linear_forward_thin(QueueView queue, const LinearForward& op) {
  const auto& [batch, in, out] = op.shape;
  const Dots product{.left = op.x,
                     .right = op.weight,
                     .rows = batch,
                     .k = in,
                     .columns = static_cast<int>(out),
                     .column = in,
                     .depth = 1,
                     .vector = in % 4 == 0 && aligned(op.x) && aligned(op.weight)};
  const std::int64_t blocks = blocks_for(dot_warps(batch, out), kForwardThreads / 32);
  launch(queue, {.blocks = blocks, .threads = kForwardThreads}, forward_thin_kernel, op, product);
}

void linear_backward_thin(QueueView queue, const LinearBackward& op) {
  const auto& [batch, in, out] = op.shape;
  const Outer product = outer_product(op, queue.workspace_bytes);
  const Dots into_few{.left = op.dz,
                      .right = op.weight,
                      .rows = batch,
                      .k = out,
                      .columns = static_cast<int>(in),
                      .column = 1,
                      .depth = in,
                      .vector = false};
  std::int64_t blocks = product.blocks;
  if (op.dx != nullptr) {
    const std::int64_t warps =
        product.thin_is_dz ? tiles(batch, kExpandRows) * tiles(in, kWide) : dot_warps(batch, in);
    blocks += tiles(warps, kWarps);
  }
  const bool vector_rows = in % 4 == 0 && aligned(op.x) && aligned(op.weight) && aligned(op.dx);
  launch(queue, {.blocks = blocks, .threads = kThreads}, backward_thin_kernel, op, product,
         reinterpret_cast<float*>(queue.workspace), vector_rows, into_few);
  if (product.splits > 1) add_partial_gradients(queue, op, product.splits);
}

}  // namespace agon::kernels::cuda
