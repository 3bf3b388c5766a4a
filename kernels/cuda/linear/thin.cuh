// Layers with few inputs or few outputs (10 columns of a table, one logit), where a square tile would mostly
// hold nothing: dot products by a warp, rank-few products by a thread, sums over the batch by a block.
#pragma once

#include "kernels/cuda/device/reduce.cuh"
#include "kernels/cuda/linear/estimate.hpp"
#include "kernels/cuda/linear/gradient_sink.cuh"
#include "kernels/formula/leaky_relu.hpp"

namespace agon::kernels::cuda {

inline constexpr int kThinThreads = 256;
inline constexpr int kThinWarps = kThinThreads / 32;
inline constexpr int kGroup = 4;       // thin columns that one warp or block computes
inline constexpr int kDotRows = 2;     // batch rows of a warp's dot products
inline constexpr int kExpandRows = 4;  // batch rows of a thread's rank-few product
inline constexpr int kWide = 128;      // wide columns of a warp: 4 to a lane

/// Of the thread's warp among those of all blocks.
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
inline std::int64_t dot_warps(std::int64_t rows, std::int64_t columns) {
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

/// x W^T where out is thin, of a LinearForward or a LinearTangent. `vector`: x and weight can be read 16
/// bytes at a time.
template <class Operation>
__device__ __forceinline__ Dots dots_of_rows(const Operation& op, bool vector) {
  return {.left = op.x,
          .right = op.weight,
          .rows = op.shape.batch,
          .k = op.shape.in,
          .columns = static_cast<int>(op.shape.out),
          .column = op.shape.in,
          .depth = 1,
          .vector = vector};
}

/// dx where out is thin: a lane computes four columns of kExpandRows rows.
__device__ __forceinline__ void expand(const LinearBackward& op, bool vector, std::int64_t warp) {
  const std::int64_t batch = op.shape.batch, in = op.shape.in, out = op.shape.out;
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

/// How a thin layer's gradients are computed. dweight and dbias are sums over the batch of wide (batch,
/// wide_columns) times thin (batch, thin_columns): one of the two is dz, the other x. Blocks [0, blocks)
/// compute them, the rest dx.
struct ThinBackward {
  std::int64_t wide_columns = 0;
  int thin_columns = 0;
  bool thin_is_dz = false;
  bool vector = false;       ///< wide can be read 16 bytes at a time
  bool vector_rows = false;  ///< x, weight and dx can, along their rows
  std::int64_t piece = 0;    ///< batch rows of a split
  int splits = 1;
  std::int64_t blocks = 0;  ///< of dweight, all splits
};

inline constexpr int kOuterRows = kGroup + 1;  // the thin columns' sums, and one for the bias

/// Floats of shared memory that outer_block() takes: the warps' sums, (kThinWarps, kOuterRows, kWide).
inline constexpr int kThinShared = kThinWarps * kOuterRows * kWide;

/// The block's warps take batch rows in turn.
__device__ __forceinline__ void outer_sums(const LinearBackward& op, const ThinBackward& product,
                                           std::int64_t column, int thin, std::int64_t first,
                                           std::int64_t end, float (&sum)[kOuterRows][4]) {
  const float* const wide_from = product.thin_is_dz ? op.x : op.dz;
  const float* const thin_from = product.thin_is_dz ? op.dz : op.x;
  const std::int64_t left = product.wide_columns - column;
  for (std::int64_t row = first + threadIdx.x / 32; row < end; row += kThinWarps) {
    float wide[4];
    read_four(wide, wide_from + row * product.wide_columns + column, left, product.vector);
    const float weight = op.row_weight == nullptr ? 1.0f : op.row_weight[row];
#pragma unroll
    for (int t = 0; t < kGroup; ++t) {
      const float factor =
          thin + t < product.thin_columns ? thin_from[row * product.thin_columns + thin + t] : 0.0f;
#pragma unroll
      for (int e = 0; e < 4; ++e) sum[t][e] = fmaf(wide[e], factor, sum[t][e]);
      if (product.thin_is_dz) sum[kGroup][t] = fmaf(weight, factor, sum[kGroup][t]);
    }
    if (!product.thin_is_dz) {
#pragma unroll
      for (int e = 0; e < 4; ++e) sum[kGroup][e] = fmaf(weight, wide[e], sum[kGroup][e]);
    }
  }
}

/// `partial` (splits, out * in + out) takes the pieces' sums where there are several.
__device__ __forceinline__ void outer_block(float* shared, const LinearBackward& op,
                                            const ThinBackward& product, float* partial, std::int64_t block) {
  const std::int64_t in = op.shape.in, out = op.shape.out, batch = op.shape.batch;
  const std::int64_t wide_tiles = (product.wide_columns + kWide - 1) / kWide;
  const int groups = (product.thin_columns + kGroup - 1) / kGroup;
  const std::int64_t split = block / (wide_tiles * groups), tile = block % (wide_tiles * groups);
  const std::int64_t first_column = tile / groups * kWide;
  const int thin = static_cast<int>(tile % groups) * kGroup;
  const std::int64_t first = split * product.piece;
  const std::int64_t end = first + product.piece < batch ? first + product.piece : batch;
  const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;

  float sum[kOuterRows][4] = {};
  outer_sums(op, product, first_column + 4 * lane, thin, first, end, sum);
#pragma unroll
  for (int t = 0; t < kOuterRows; ++t)
    *reinterpret_cast<float4*>(&shared[(warp * kOuterRows + t) * kWide + 4 * lane]) =
        make_float4(sum[t][0], sum[t][1], sum[t][2], sum[t][3]);
  __syncthreads();

  float* const own = partial + split * (out * in + out);
  const bool whole = product.splits == 1;
  const GradientSink dweight = whole ? GradientSink(op, op.dweight) : GradientSink(own);
  const GradientSink dbias = whole ? GradientSink(op, op.dbias) : GradientSink(own + out * in);
  for (int i = static_cast<int>(threadIdx.x); i < kOuterRows * kWide; i += kThinThreads) {
    const int t = i / kWide, c = i % kWide;
    float total = shared[t * kWide + c];
#pragma unroll
    for (int w = 1; w < kThinWarps; ++w) total += shared[(w * kOuterRows + t) * kWide + c];
    if (t < kGroup) {
      if (thin + t < product.thin_columns && first_column + c < product.wide_columns)
        dweight.put(
            product.thin_is_dz ? (thin + t) * in + first_column + c : (first_column + c) * in + thin + t,
            total);
    } else if (op.dbias == nullptr) {
      continue;
    } else if (product.thin_is_dz) {
      if (first_column == 0 && c < kGroup && thin + c < product.thin_columns) dbias.put(thin + c, total);
    } else if (thin == 0 && first_column + c < product.wide_columns) {
      dbias.put(first_column + c, total);
    }
  }
}

/// dx where in is thin.
__device__ __forceinline__ Dots dots_into_few(const LinearBackward& op) {
  return {.left = op.dz,
          .right = op.weight,
          .rows = op.shape.batch,
          .k = op.shape.out,
          .columns = static_cast<int>(op.shape.in),
          .column = 1,
          .depth = op.shape.in,
          .vector = false};
}

__device__ __forceinline__ void thin_backward_block(float* shared, const LinearBackward& op,
                                                    const ThinBackward& product, float* partial,
                                                    std::int64_t block) {
  if (block < product.blocks) return outer_block(shared, op, product, partial, block);
  const std::int64_t warp = warp_index(kThinThreads, block - product.blocks);
  if (product.thin_is_dz) return expand(op, product.vector_rows, warp);
  dots(dots_into_few(op), warp, [&](std::int64_t row, int column, float value) {
    const std::int64_t i = row * op.shape.in + column;
    op.dx[i] = value * formula::leaky_relu_derivative(op.x[i], op.input_slope);
  });
}

}  // namespace agon::kernels::cuda
