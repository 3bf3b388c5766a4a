// Tiles of a layer's gradients, for linear_backward.cu.
#pragma once

#include "kernels/cuda/device/tile.cuh"
#include "kernels/cuda/linear/estimate.hpp"
#include "kernels/cuda/linear/gradient_sink.cuh"
#include "kernels/formula/leaky_relu.hpp"

namespace agon::kernels::cuda {

/// Blocks [0, weight_tiles * splits) compute dweight with dbias, the rest dx.
struct TiledBackward {
  int column_tiles = 0;  // of dweight and of dx: both have `in` columns
  int weight_tiles = 0;  // 0 where dweight is not asked for
  int input_tiles = 0;   // 0 where dx is not
  int piece = 0;         // batch rows of a split
  int splits = 1;
  bool x_vector = false, dz_vector = false, weight_vector = false;  // can be read 16 bytes at a time
};

template <class Shape, Precision P>
using WeightTile = TileIn<Shape, P, Order::k_outer, Order::k_outer>;
template <class Shape, Precision P>
using InputTile = TileIn<Shape, P, Order::k_inner, Order::k_outer>;

/// Floats of shared memory.
template <class Shape, Precision P>
inline constexpr int kTiledBackwardShared =
    WeightTile<Shape, P>::kShared > InputTile<Shape, P>::kShared ? WeightTile<Shape, P>::kShared
                                                                 : InputTile<Shape, P>::kShared;

/// Sums dz, its rows weighted, over the batch from the stages of dz^T that pass by: dbias comes with
/// dweight's first column of tiles. Each of kParts threads of a row takes its share of a stage's k's.
template <class Shape>
struct BiasSum {
  using Dz = Stage<Order::k_outer, Shape::kRows, Shape::kDepth>;
  static constexpr int kParts = Shape::kThreads / Shape::kRows;
  static constexpr int kShare = Shape::kDepth / kParts;
  bool wanted;
  const float* weight;  ///< of the next stage's first k; null: 1
  int left;             ///< k's from there on
  float sum = 0.0f;

  __device__ __forceinline__ void operator()(const float* dz) {
    if (!wanted) return;
    const int row = static_cast<int>(threadIdx.x % Shape::kRows),
              first = static_cast<int>(threadIdx.x / Shape::kRows) * kShare;
    if (weight == nullptr) {
#pragma unroll
      for (int k = 0; k < kShare; ++k) sum += dz[Dz::at(row, first + k)];
      return;
    }
    const int there = left < Shape::kDepth ? left : Shape::kDepth;
    // Not unrolled: its loads would take registers from the products, and a block from the multiprocessor.
#pragma unroll 1
    for (int k = 0; k < kShare; ++k)
      sum = fmaf(first + k < there ? weight[first + k] : 0.0f, dz[Dz::at(row, first + k)], sum);
    weight += Shape::kDepth;
    left -= Shape::kDepth;
  }

  /// Puts the sums of the tile's rows; `shared` is free after a barrier.
  __device__ __forceinline__ void finish(float* shared, const GradientSink& sink, int row, int rows) const {
    __syncthreads();
    if (wanted) shared[threadIdx.x] = sum;
    __syncthreads();
    const int r = static_cast<int>(threadIdx.x);
    if (wanted && r < Shape::kRows && row + r < rows) {
      float total = shared[r];
#pragma unroll
      for (int part = 1; part < kParts; ++part) total += shared[part * Shape::kRows + r];
      sink.put(row + r, total);
    }
  }
};

/// `partial` (splits, out * in + out) takes the pieces' sums where there are several.
template <class Shape, Precision P>
__device__ __forceinline__ void weight_block(float* shared, const LinearBackward& op,
                                             const TiledBackward& grid, float* partial, int block) {
  const int batch = static_cast<int>(op.shape.batch), in = static_cast<int>(op.shape.in),
            out = static_cast<int>(op.shape.out);
  const int split = block / grid.weight_tiles, tile = block % grid.weight_tiles;
  const int row = tile / grid.column_tiles * Shape::kRows;
  const int column = tile % grid.column_tiles * Shape::kColumns;
  const int k = split * grid.piece;
  const int k_end = batch - k > grid.piece ? k + grid.piece : batch;
  float* const own = partial + split * (element(out, in, 0) + out);
  const bool whole = grid.splits == 1;
  BiasSum<Shape> bias{.wanted = column == 0,
                      .weight = op.row_weight == nullptr ? nullptr : op.row_weight + k,
                      .left = k_end - k};
  WeightTile<Shape, P> products(Operand{op.dz, out, out, grid.dz_vector}, row,
                                Operand{op.x, in, in, grid.x_vector}, column, k, k_end);
  wait_for_previous_kernel();
  {
    const GradientSink sink = whole ? GradientSink(op, op.dweight) : GradientSink(own);
    const auto inside = [&](int r, int c) { return row + r < out && column + c < in; };
    // A few elements are read ahead of the products; of a larger tile they would take too many registers.
    constexpr bool kAhead = Shape::kWarpDepth > 1 && WeightTile<Shape, P>::kOwn <= 2;
    GradientSink::Element there[kAhead ? WeightTile<Shape, P>::kOwn : 1]{};
    if constexpr (kAhead) {
#pragma unroll
      for (int i = 0; i < WeightTile<Shape, P>::kOwn; ++i) {
        const auto [r, c] = WeightTile<Shape, P>::place(i);
        if (inside(r, c)) there[i] = sink.read(element(row + r, in, column + c));
      }
    }
    products.run(shared, bias, [&](int i, int r, int c, float value) {
      if (!inside(r, c)) return;
      const std::int64_t at = element(row + r, in, column + c);
      sink.put(at, value, kAhead ? there[i] : sink.read(at));
    });
  }
  bias.finish(shared, whole ? GradientSink(op, op.dbias) : GradientSink(own + element(out, in, 0)), row, out);
}

template <class Shape, Precision P>
__device__ __forceinline__ void input_block(float* shared, const LinearBackward& op,
                                            const TiledBackward& grid, int block) {
  const int batch = static_cast<int>(op.shape.batch), in = static_cast<int>(op.shape.in),
            out = static_cast<int>(op.shape.out);
  const int row = block / grid.column_tiles * Shape::kRows;
  const int column = block % grid.column_tiles * Shape::kColumns;
  InputTile<Shape, P> products(Operand{op.dz, out, batch, grid.dz_vector}, row,
                               Operand{op.weight, in, in, grid.weight_vector}, column, 0, out);
  wait_for_previous_kernel();
  NoWatch nothing;
  products.run(shared, nothing, [&](int, int r, int c, float value) {
    if (row + r < batch && column + c < in) {
      const std::int64_t i = element(row + r, in, column + c);
      op.dx[i] = value * formula::leaky_relu_derivative(op.x[i], op.input_slope);
    }
  });
}

template <class Shape, Precision P>
__device__ __forceinline__ void tiled_backward_block(float* shared, const LinearBackward& op,
                                                     const TiledBackward& grid, float* partial, int block) {
  const int weight_blocks = grid.weight_tiles * grid.splits;
  if (block < weight_blocks) {
    weight_block<Shape, P>(shared, op, grid, partial, block);
  } else {
    input_block<Shape, P>(shared, op, grid, block - weight_blocks);
  }
}

}  // namespace agon::kernels::cuda
