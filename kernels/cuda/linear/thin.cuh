// Layers with few inputs or few outputs (10 columns of a table, one logit), where a square tile would mostly
// hold nothing: dot products by a warp, rank-few products by a thread, sums over the batch by a block.
#pragma once

#include "kernels/cuda/device/reduce.cuh"
#include "kernels/cuda/device/stage.cuh"
#include "kernels/cuda/linear/estimate.hpp"
#include "kernels/cuda/linear/gradient_sink.cuh"
#include "kernels/formula/leaky_relu.hpp"

namespace agon::kernels::cuda {

inline constexpr int kDotRows = 2;     // batch rows of a warp's dot products
inline constexpr int kExpandRows = 4;  // batch rows of a thread's rank-few product

/// Of the thread's warp among those of all blocks, of which the host has seen that there are fewer than 2^31.
__device__ __forceinline__ int warp_index(int threads, int block) {
  return block * (threads / 32) + static_cast<int>(threadIdx.x / 32);
}

__device__ __forceinline__ void read_four(float (&to)[4], const float* from, int left, bool vector) {
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
  int rows, k;
  int columns;
  int column, depth;
  bool vector;  ///< both have their k's side by side, 16-byte aligned, and k is a multiple of 4
};

/// Warps that a Dots takes.
inline std::int64_t dot_warps(std::int64_t rows, std::int64_t columns) {
  return tiles(rows, kDotRows) * tiles(columns, kGroup);
}

/// A warp's kDotRows x kGroup elements of the product. It is made before anything may be read.
class WarpDots {
 public:
  __device__ __forceinline__ WarpDots(const Dots& of, int warp) : op_(of) {
    const int groups = (op_.columns + kGroup - 1) / kGroup;
    row_ = warp / groups * kDotRows;
    column_ = warp % groups * kGroup;
    op_.left += element(row_, op_.k, 4 * lane());
    op_.right += element(column_, op_.column, 0) + element(4 * lane(), op_.depth, 0);
  }

  /// use(row, column, value) by lane 0.
  template <class Use>
  __device__ __forceinline__ void run(const Use& use) const {
    float sum[kDotRows][kGroup] = {};
    for (int k = 0; k < op_.k - 4 * lane(); k += kWide) add(k, op_.k - 4 * lane() - k, sum);
#pragma unroll
    for (int r = 0; r < kDotRows; ++r)
#pragma unroll
      for (int c = 0; c < kGroup; ++c) {
        const float total = warp_sum(sum[r][c]);
        if (lane() == 0 && row_ + r < op_.rows && column_ + c < op_.columns)
          use(row_ + r, column_ + c, total);
      }
  }

 private:
  static __device__ __forceinline__ int lane() { return static_cast<int>(threadIdx.x % 32); }

  /// The lane's products of four k's, k behind its first; `left`: k's from there on.
  __device__ __forceinline__ void add(int k, int left, float (&sum)[kDotRows][kGroup]) const {
    float a[kDotRows][4] = {}, b[kGroup][4] = {};
#pragma unroll
    for (int r = 0; r < kDotRows; ++r)
      if (row_ + r < op_.rows) read_four(a[r], op_.left + element(r, op_.k, k), left, op_.vector);
#pragma unroll
    for (int c = 0; c < kGroup; ++c) {
      if (column_ + c >= op_.columns) continue;
      const float* const from = op_.right + element(c, op_.column, 0) + element(k, op_.depth, 0);
      if (op_.vector) {
        read_four(b[c], from, left, true);
      } else {
#pragma unroll
        for (int e = 0; e < 4; ++e) b[c][e] = left > e ? from[element(e, op_.depth, 0)] : 0.0f;
      }
    }
#pragma unroll
    for (int r = 0; r < kDotRows; ++r)
#pragma unroll
      for (int c = 0; c < kGroup; ++c)
#pragma unroll
        for (int e = 0; e < 4; ++e) sum[r][c] = fmaf(a[r][e], b[c][e], sum[r][c]);
  }

  Dots op_;
  int row_, column_;
};

/// x W^T where out is thin, of a LinearForward or a LinearTangent. `vector`: x and weight can be read 16
/// bytes at a time.
template <class Operation>
__device__ __forceinline__ Dots dots_of_rows(const Operation& op, bool vector) {
  return {.left = op.x,
          .right = op.weight,
          .rows = static_cast<int>(op.shape.batch),
          .k = static_cast<int>(op.shape.in),
          .columns = static_cast<int>(op.shape.out),
          .column = static_cast<int>(op.shape.in),
          .depth = 1,
          .vector = vector};
}

/// dx where out is thin: a lane computes four columns of kExpandRows rows.
__device__ __forceinline__ void expand(const LinearBackward& op, bool vector, int warp) {
  const int batch = static_cast<int>(op.shape.batch), in = static_cast<int>(op.shape.in),
            out = static_cast<int>(op.shape.out);
  const int wide_tiles = (in + kWide - 1) / kWide;
  const int row = warp / wide_tiles * kExpandRows;
  const int column = warp % wide_tiles * kWide + static_cast<int>(threadIdx.x % 32 * 4);
  const float* weights = op.weight + column;
  const float* const dz_from = op.dz + element(row, out, 0);
  const std::int64_t first = element(row, in, column);
  wait_for_previous_kernel();
  float sum[kExpandRows][4] = {};
  for (int o = 0; o < out; ++o, weights += in) {
    float weight[4];
    read_four(weight, weights, in - column, vector);
#pragma unroll
    for (int r = 0; r < kExpandRows; ++r) {
      const float dz = row + r < batch ? dz_from[r * out + o] : 0.0f;
#pragma unroll
      for (int e = 0; e < 4; ++e) sum[r][e] = fmaf(dz, weight[e], sum[r][e]);
    }
  }
#pragma unroll
  for (int r = 0; r < kExpandRows; ++r) {
    if (row + r >= batch) continue;
    const std::int64_t at = first + element(r, in, 0);
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
  int wide_columns = 0;
  int thin_columns = 0;
  bool thin_is_dz = false;
  bool vector = false;       ///< wide can be read 16 bytes at a time
  bool vector_rows = false;  ///< x, weight and dx can, along their rows
  int piece = 0;             ///< batch rows of a split
  int splits = 1;
  int blocks = 0;  ///< of dweight, all splits
};

inline constexpr int kOuterRows = kGroup + 1;  // the thin columns' sums, and one for the bias

/// Floats of shared memory that outer_block() takes: the warps' sums, (kThinWarps, kOuterRows, kWide).
inline constexpr int kThinShared = kThinWarps * kOuterRows * kWide;

/// The block's warps take batch rows in turn. Waits for the kernel before.
__device__ __forceinline__ void outer_sums(const LinearBackward& op, const ThinBackward& product, int column,
                                           int thin, int first, int end, float (&sum)[kOuterRows][4]) {
  const int left = product.wide_columns - column, begin = first + static_cast<int>(threadIdx.x / 32);
  const float* wide_from = (product.thin_is_dz ? op.x : op.dz) + element(begin, product.wide_columns, column);
  const float* thin_from = (product.thin_is_dz ? op.dz : op.x) + element(begin, product.thin_columns, thin);
  wait_for_previous_kernel();
  for (int row = begin; row < end; row += kThinWarps) {
    float wide[4];
    read_four(wide, wide_from, left, product.vector);
    const float weight = op.row_weight == nullptr ? 1.0f : op.row_weight[row];
#pragma unroll
    for (int t = 0; t < kGroup; ++t) {
      const float factor = thin + t < product.thin_columns ? thin_from[t] : 0.0f;
#pragma unroll
      for (int e = 0; e < 4; ++e) sum[t][e] = fmaf(wide[e], factor, sum[t][e]);
      if (product.thin_is_dz) sum[kGroup][t] = fmaf(weight, factor, sum[kGroup][t]);
    }
    if (!product.thin_is_dz) {
#pragma unroll
      for (int e = 0; e < 4; ++e) sum[kGroup][e] = fmaf(weight, wide[e], sum[kGroup][e]);
    }
    wide_from += element(kThinWarps, product.wide_columns, 0);
    thin_from += kThinWarps * product.thin_columns;
  }
}

/// `partial` (splits, out * in + out) takes the pieces' sums where there are several.
__device__ __forceinline__ void outer_block(float* shared, const LinearBackward& op,
                                            const ThinBackward& product, float* partial, int block) {
  const int in = static_cast<int>(op.shape.in), out = static_cast<int>(op.shape.out),
            batch = static_cast<int>(op.shape.batch);
  const int wide_tiles = (product.wide_columns + kWide - 1) / kWide;
  const int groups = (product.thin_columns + kGroup - 1) / kGroup;
  const int split = block / (wide_tiles * groups), tile = block % (wide_tiles * groups);
  const int first_column = tile / groups * kWide;
  const int thin = tile % groups * kGroup;
  const int first = split * product.piece;
  const int end = batch - first > product.piece ? first + product.piece : batch;
  const int lane = static_cast<int>(threadIdx.x % 32), warp = static_cast<int>(threadIdx.x / 32);

  float sum[kOuterRows][4] = {};
  outer_sums(op, product, first_column + 4 * lane, thin, first, end, sum);
#pragma unroll
  for (int t = 0; t < kOuterRows; ++t)
    *reinterpret_cast<float4*>(&shared[(warp * kOuterRows + t) * kWide + 4 * lane]) =
        make_float4(sum[t][0], sum[t][1], sum[t][2], sum[t][3]);
  __syncthreads();

  float* const own = partial + split * (element(out, in, 0) + out);
  const bool whole = product.splits == 1;
  const GradientSink dweight = whole ? GradientSink(op, op.dweight) : GradientSink(own);
  const GradientSink dbias = whole ? GradientSink(op, op.dbias) : GradientSink(own + element(out, in, 0));
  for (int i = static_cast<int>(threadIdx.x); i < kOuterRows * kWide; i += kThinThreads) {
    const int t = i / kWide, c = i % kWide;
    float total = shared[t * kWide + c];
#pragma unroll
    for (int w = 1; w < kThinWarps; ++w) total += shared[(w * kOuterRows + t) * kWide + c];
    if (t < kGroup) {
      if (thin + t < product.thin_columns && first_column + c < product.wide_columns)
        dweight.put(product.thin_is_dz ? element(thin + t, in, first_column + c)
                                       : element(first_column + c, in, thin + t),
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
          .rows = static_cast<int>(op.shape.batch),
          .k = static_cast<int>(op.shape.out),
          .columns = static_cast<int>(op.shape.in),
          .column = 1,
          .depth = static_cast<int>(op.shape.in),
          .vector = false};
}

__device__ __forceinline__ void thin_backward_block(float* shared, const LinearBackward& op,
                                                    const ThinBackward& product, float* partial, int block) {
  if (block < product.blocks) return outer_block(shared, op, product, partial, block);
  const int warp = warp_index(kThinThreads, block - product.blocks);
  if (product.thin_is_dz) return expand(op, product.vector_rows, warp);
  const WarpDots products(dots_into_few(op), warp);
  wait_for_previous_kernel();
  products.run([&](int row, int column, float value) {
    const std::int64_t i = element(row, op.shape.in, column);
    op.dx[i] = value * formula::leaky_relu_derivative(op.x[i], op.input_slope);
  });
}

}  // namespace agon::kernels::cuda
