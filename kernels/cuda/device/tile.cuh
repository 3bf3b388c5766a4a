// One block's tile of a matrix product, C (rows, columns) = A (rows, k) B (k, columns), in any precision.
//
// Global memory -> shared memory in stages of kDepth k's, copied asynchronously -> registers. The block's
// warps are laid out over the tile (kWarpRows, kWarpColumns) and over k (kWarpDepth): small tiles, which a
// small batch needs to fill the device, split each stage's k's between warps and add their sums at the end,
// in order.
#pragma once

#include <cstdint>

#include "kernels/cuda/device/product.cuh"
#include "kernels/cuda/device/stage.cuh"
#include "kernels/linear.hpp"

namespace agon::kernels::cuda {

/// Nothing to do with a stage but multiply it.
struct NoWatch {
  __device__ __forceinline__ void operator()(const float*) const {}
};

/// Runs one block's tile. `Multiply` is a ProductIn (product.cuh) of the same Shape and orders.
template <class Shape, class Multiply, Order A, Order B>
struct TileProduct {
  using StageA = Stage<A, Shape::kRows, Shape::kDepth>;
  using StageB = Stage<B, Shape::kColumns, Shape::kDepth>;
  static constexpr int kStageSize = StageA::kSize + StageB::kSize;
  static constexpr int kSumStride = Shape::kColumns + 8;
  static constexpr int kSumSize = Shape::kWarpDepth == 1 ? 0 : Shape::kWarpDepth * Shape::kRows * kSumStride;
  /// Floats of shared memory.
  static constexpr int kShared =
      kSumSize > Shape::kStages* kStageSize ? kSumSize : Shape::kStages* kStageSize;

  /// Multiplies rows [row, row + kRows) of a with columns [column, column + kColumns) of b over k's [k,
  /// k_end). watch(A's stage) is called once a stage by every thread; use(row, column, value) once for every
  /// element of the tile, also those outside of C, by one thread each. Every thread of the block calls;
  /// `shared` may be used for something else after a barrier.
  template <class Watch, class Use>
  static __device__ __forceinline__ void run(float* shared, const Operand& a, std::int64_t row,
                                             const Operand& b, std::int64_t column, std::int64_t k,
                                             std::int64_t k_end, Watch& watch, const Use& use) {
    const auto fill = [&](int stage) {
      float* const at = shared + stage % Shape::kStages * kStageSize;
      const std::int64_t from = k + static_cast<std::int64_t>(stage) * Shape::kDepth;
      if (from < k_end) {
        StageA::template fill<Shape::kThreads>(at, a, row, from, k_end);
        StageB::template fill<Shape::kThreads>(at + StageA::kSize, b, column, from, k_end);
      }
      copy_async_commit();  // a group for every stage, even an empty one: the wait below counts groups
    };
    const int warp = static_cast<int>(threadIdx.x) / 32;
    const int depth = warp % Shape::kWarpDepth, across = warp / Shape::kWarpDepth;
    Multiply product(across / Shape::kWarpColumns * Shape::kRowsPerWarp,
                     across % Shape::kWarpColumns * Shape::kColumnsPerWarp);

    const int stages = static_cast<int>((k_end - k + Shape::kDepth - 1) / Shape::kDepth);
    for (int stage = 0; stage < Shape::kStages - 1; ++stage) fill(stage);
    for (int stage = 0; stage < stages; ++stage) {
      copy_async_wait<Shape::kStages - 2>();
      __syncthreads();  // the stage is there for all, and nobody reads the one that is filled next
      fill(stage + Shape::kStages - 1);
      const float* const at = shared + stage % Shape::kStages * kStageSize;
      product.multiply(at, at + StageA::kSize, depth * Shape::kDepthPerWarp);
      watch(at);
    }

    if constexpr (Shape::kWarpDepth == 1) {
      product.for_each(use);
    } else {
      __syncthreads();
      product.for_each(
          [&](int r, int c, float value) { shared[(depth * Shape::kRows + r) * kSumStride + c] = value; });
      __syncthreads();
#pragma unroll 4
      for (int e = static_cast<int>(threadIdx.x); e < Shape::kRows * Shape::kColumns; e += Shape::kThreads) {
        const int r = e / Shape::kColumns, c = e % Shape::kColumns;
        float sum = shared[r * kSumStride + c];
#pragma unroll
        for (int d = 1; d < Shape::kWarpDepth; ++d) sum += shared[(d * Shape::kRows + r) * kSumStride + c];
        use(r, c, sum);
      }
    }
  }
};

/// The tile in precision P.
template <class Shape, Precision P, Order A, Order B>
using TileIn = TileProduct<Shape, ProductIn<Shape, P, A, B>, A, B>;

// The tile shapes there are. Small ones fill the device at small batches and split k between warps to keep
// the latency down; large ones reuse each number read from shared memory most. Shared memory stays below 48
// KiB.
using SmallTile = TileShape<16, 32, 64, 3, 1, 1, 8>;
using MediumTile = TileShape<64, 64, 32, 2, 2, 2, 2>;
using LargeTile = TileShape<128, 128, 16, 2, 4, 2, 1>;

/// launch.operator()<Shape, P>() with the shape of `kind` and the precision of `precision`.
template <class F>
void with_tile(TileKind kind, Precision precision, const F& launch) {
  const auto in = [&]<class Shape>() {
    switch (precision) {
      case Precision::fp32:
        return launch.template operator()<Shape, Precision::fp32>();
      case Precision::tf32:
        return launch.template operator()<Shape, Precision::tf32>();
      case Precision::bf16:
        return launch.template operator()<Shape, Precision::bf16>();
    }
  };
  switch (kind) {
    case TileKind::small:
      return in.template operator()<SmallTile>();
    case TileKind::medium:
      return in.template operator()<MediumTile>();
    case TileKind::large:
      return in.template operator()<LargeTile>();
  }
}

}  // namespace agon::kernels::cuda
