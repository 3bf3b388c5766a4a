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

/// How a tile's operands are copied out of matrices.
template <class Shape, Order O>
using CopiesOfA = typename Stage<O, Shape::kRows, Shape::kDepth>::template Copies<Shape::kThreads>;
template <class Shape, Order O>
using CopiesOfB = typename Stage<O, Shape::kColumns, Shape::kDepth>::template Copies<Shape::kThreads>;

/// One block's tile: rows [row, row + kRows) of a times columns [column, column + kColumns) of b over k's [k,
/// k_end). It is made before anything may be read. `Multiply` is a ProductIn (product.cuh) of the same Shape
/// and orders. What FillA and FillB put into a stage (Stage::Copies says how) is the operand: they may take
/// it from elsewhere than a matrix.
template <class Shape, class Multiply, Order A, Order B, class FillA = CopiesOfA<Shape, A>,
          class FillB = CopiesOfB<Shape, B>>
class TileProduct {
  using StageA = Stage<A, Shape::kRows, Shape::kDepth>;
  using StageB = Stage<B, Shape::kColumns, Shape::kDepth>;
  static constexpr int kStageSize = StageA::kSize + StageB::kSize;
  static constexpr int kSumStride = Shape::kColumns + 8;
  static constexpr int kSumSize = Shape::kWarpDepth == 1 ? 0 : Shape::kWarpDepth * Shape::kRows * kSumStride;

 public:
  /// Floats of shared memory.
  static constexpr int kShared =
      kSumSize > Shape::kStages* kStageSize ? kSumSize : Shape::kStages* kStageSize;

  __device__ __forceinline__ TileProduct(const Operand& a, int row, const Operand& b, int column, int k,
                                         int k_end)
      : a_(a, row, k), b_(b, column, k), left_(k_end - k) {}
  /// Of `k` k's.
  __device__ __forceinline__ TileProduct(const FillA& a, const FillB& b, int k) : a_(a), b_(b), left_(k) {}

  /// Elements of the tile that a thread finishes, where warps add up their sums: its i-th is place(i).
  static constexpr int kOwn = Shape::kRows * Shape::kColumns / Shape::kThreads;
  struct Place {
    int row, column;
  };
  static __device__ __forceinline__ Place place(int i) {
    const int e = static_cast<int>(threadIdx.x) + i * Shape::kThreads;
    return {e / Shape::kColumns, e % Shape::kColumns};
  }

  /// Multiplies. watch(A's stage) is called once a stage by every thread; use(i, row, column, value) once for
  /// every element of the tile, also those outside of C, by one thread each (i: of place(), 0 where warps
  /// have no sums to add up). Every thread of the block calls; `shared` may be used for something else after
  /// a barrier.
  template <class Watch, class Use>
  __device__ __forceinline__ void run(float* shared, Watch& watch, const Use& use) {
    const auto fill = [&](int stage) {
      float* const at = shared + stage % Shape::kStages * kStageSize;
      const int left = left_ - stage * Shape::kDepth;
      if (left > 0) {
        a_.fill(at, left);
        b_.fill(at + StageA::kSize, left);
      }
      copy_async_commit();  // a group for every stage, even an empty one: the wait below counts groups
    };
    const unsigned warp = threadIdx.x / 32;
    const int depth = static_cast<int>(warp % Shape::kWarpDepth);
    const unsigned across = warp / Shape::kWarpDepth;
    Multiply product(static_cast<int>(across / Shape::kWarpColumns * Shape::kRowsPerWarp),
                     static_cast<int>(across % Shape::kWarpColumns * Shape::kColumnsPerWarp));

    const int stages = (left_ + Shape::kDepth - 1) / Shape::kDepth;
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
      product.for_each([&](int r, int c, float value) { use(0, r, c, value); });
    } else {
      __syncthreads();
      product.for_each(
          [&](int r, int c, float value) { shared[(depth * Shape::kRows + r) * kSumStride + c] = value; });
      __syncthreads();
#pragma unroll 4
      for (int i = 0; i < kOwn; ++i) {
        const auto [r, c] = place(i);
        float sum = shared[r * kSumStride + c];
#pragma unroll
        for (int d = 1; d < Shape::kWarpDepth; ++d) sum += shared[(d * Shape::kRows + r) * kSumStride + c];
        use(i, r, c, sum);
      }
    }
  }

 private:
  FillA a_;
  FillB b_;
  int left_;  // k's
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
