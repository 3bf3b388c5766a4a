// One block's tile of a matrix product, C (rows, columns) = A (rows, k) B (k, columns), in fp32 or TF32.
//
// Global memory -> shared memory in stages of kDepth k's, copied asynchronously -> registers. The block's
// warps are laid out over the tile (kWarpRows, kWarpColumns) and over k (kWarpDepth): small tiles, which a
// small batch needs to fill the device, split each stage's k's between warps and add their sums at the end,
// in order.
#pragma once

#include <cstdint>

#include "kernels/cuda/device.cuh"

namespace agon::kernels::cuda {

/// How an operand lies in memory: element (r, k), r a row of A or a column of B, is data[r * stride + k]
/// where k is inner, data[k * stride + r] where it is outer.
enum class Order { k_inner, k_outer };

struct Operand {
  const float* data;
  std::int64_t stride;  ///< also the number of elements along the contiguous axis
  std::int64_t rows;    ///< of A, or columns of B
  bool vector;          ///< data is 16-byte aligned and stride a multiple of 4: copied 16 bytes at a time
};

inline Operand operand(const float* data, std::int64_t stride, std::int64_t rows) {
  return {data, stride, rows, reinterpret_cast<std::uintptr_t>(data) % 16 == 0 && stride % 4 == 0};
}

template <int Rows, int Columns, int Depth, int Stages, int WarpRows, int WarpColumns, int WarpDepth>
struct TileShape {
  static constexpr int kRows = Rows, kColumns = Columns, kDepth = Depth, kStages = Stages;
  static constexpr int kWarpRows = WarpRows, kWarpColumns = WarpColumns, kWarpDepth = WarpDepth;
  static constexpr int kThreads = 32 * WarpRows * WarpColumns * WarpDepth;
  static constexpr int kRowsPerWarp = Rows / WarpRows, kColumnsPerWarp = Columns / WarpColumns;
  static constexpr int kDepthPerWarp = Depth / WarpDepth;
  static_assert(kRowsPerWarp % 16 == 0 && kColumnsPerWarp % 32 == 0 && kDepthPerWarp % 8 == 0);
};

/// An operand's stage in shared memory. The padding spreads what a warp reads at once over all 32 banks.
template <Order O, int Rows, int Depth>
struct Stage {
  static constexpr int kStride = O == Order::k_inner ? Depth + 4 : Rows + 8;
  static constexpr int kSize = kStride * (O == Order::k_inner ? Rows : Depth);

  static __device__ __forceinline__ int at(int r, int k) {
    return O == Order::k_inner ? r * kStride + k : k * kStride + r;
  }

  /// The block's threads copy rows [row, row + Rows), k's [k, k + Depth); what lies outside becomes 0.
  template <int Threads>
  static __device__ __forceinline__ void fill(float* stage, const Operand& from, std::int64_t row,
                                              std::int64_t k, std::int64_t k_end) {
    constexpr int kAcross =
        (O == Order::k_inner ? Depth : Rows) / 4;  // groups of 4 along the contiguous axis
    constexpr int kGroups = Rows * Depth / 4;
    static_assert(kGroups % Threads == 0);
#pragma unroll
    for (int i = 0; i < kGroups / Threads; ++i) {
      const int group = static_cast<int>(threadIdx.x) + i * Threads;
      const int outer = group / kAcross, inner = group % kAcross * 4;
      const std::int64_t global_outer = (O == Order::k_inner ? row : k) + outer;
      const std::int64_t global_inner = (O == Order::k_inner ? k : row) + inner;
      const bool inside = global_outer < (O == Order::k_inner ? from.rows : k_end);
      const std::int64_t left = (O == Order::k_inner ? k_end : from.rows) - global_inner;
      const float* source = from.data + global_outer * from.stride + global_inner;
      float* target = stage + outer * kStride + inner;
      if (from.vector) {
        copy_async<16>(target, inside && left > 0 ? source : from.data, inside && left > 0);
      } else {
#pragma unroll
        for (int e = 0; e < 4; ++e)
          copy_async<4>(target + e, inside && left > e ? source + e : from.data, inside && left > e);
      }
    }
  }
};

/// What a lane of a warp holds of the warp's tile and how it multiplies: fused multiply-adds in fp32. Lanes
/// stand 4 by 8; a lane reads four k's of its rows and columns at a time, 16 bytes each.
template <class Shape, Order A, Order B>
class Fp32Product {
  using StageA = Stage<A, Shape::kRows, Shape::kDepth>;
  using StageB = Stage<B, Shape::kColumns, Shape::kDepth>;
  static constexpr int kRows = Shape::kRowsPerWarp / 4, kColumns = Shape::kColumnsPerWarp / 8;

 public:
  __device__ __forceinline__ Fp32Product(int row, int column) : row_(row), column_(column) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    lane_row_ = lane / 8;
    lane_column_ = lane % 8;
  }

  __device__ __forceinline__ void multiply(const float* a, const float* b, int k_begin) {
#pragma unroll
    for (int k = k_begin; k < k_begin + Shape::kDepthPerWarp; k += 4) {
      float left[kRows][4], right[kColumns][4];
      read<A, StageA, 4, kRows>(left, a, row_, lane_row_, k);
      read<B, StageB, 8, kColumns>(right, b, column_, lane_column_, k);
#pragma unroll
      for (int e = 0; e < 4; ++e)
#pragma unroll
        for (int i = 0; i < kRows; ++i)
#pragma unroll
          for (int j = 0; j < kColumns; ++j) sum_[i][j] = fmaf(left[i][e], right[j][e], sum_[i][j]);
    }
  }

  /// use(row, column, value) for each element the lane holds, relative to the block's tile.
  template <class Use>
  __device__ __forceinline__ void for_each(const Use& use) const {
#pragma unroll
    for (int i = 0; i < kRows; ++i)
#pragma unroll
      for (int j = 0; j < kColumns; ++j)
        use(row_ + place<A, 4>(lane_row_, i), column_ + place<B, 8>(lane_column_, j), sum_[i][j]);
  }

 private:
  /// Which of the warp's rows (columns) a lane's i-th one is: neighbours where a read of 16 bytes covers
  /// rows.
  template <Order O, int Lanes>
  static __device__ __forceinline__ int place(int lane, int i) {
    return O == Order::k_inner ? lane + Lanes * i : i / 4 * 4 * Lanes + 4 * lane + i % 4;
  }

  template <Order O, class From, int Lanes, int Count>
  static __device__ __forceinline__ void read(float (&to)[Count][4], const float* stage, int first, int lane,
                                              int k) {
    if constexpr (O == Order::k_inner) {
#pragma unroll
      for (int i = 0; i < Count; ++i) {
        const float4 v =
            *reinterpret_cast<const float4*>(stage + From::at(first + place<O, Lanes>(lane, i), k));
        to[i][0] = v.x, to[i][1] = v.y, to[i][2] = v.z, to[i][3] = v.w;
      }
    } else {
      static_assert(Count % 4 == 0);
#pragma unroll
      for (int e = 0; e < 4; ++e)
#pragma unroll
        for (int i = 0; i < Count; i += 4) {
          const float4 v =
              *reinterpret_cast<const float4*>(stage + From::at(first + place<O, Lanes>(lane, i), k + e));
          to[i][e] = v.x, to[i + 1][e] = v.y, to[i + 2][e] = v.z, to[i + 3][e] = v.w;
        }
    }
  }

  int row_, column_;            // of the warp's tile in the block's
  int lane_row_, lane_column_;  // of the lane among 4 x 8
  float sum_[kRows][kColumns] = {};
};

/// The same on tensor cores: 16 x 8 pieces, eight k's at a time.
template <class Shape, Order A, Order B>
class Tf32Product {
  using StageA = Stage<A, Shape::kRows, Shape::kDepth>;
  using StageB = Stage<B, Shape::kColumns, Shape::kDepth>;
  static constexpr int kRows = Shape::kRowsPerWarp / 16, kColumns = Shape::kColumnsPerWarp / 8;

 public:
  __device__ __forceinline__ Tf32Product(int row, int column) : row_(row), column_(column) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    group_ = lane / 4;
    thread_ = lane % 4;
  }

  __device__ __forceinline__ void multiply(const float* a, const float* b, int k_begin) {
#pragma unroll
    for (int k = k_begin; k < k_begin + Shape::kDepthPerWarp; k += 8) {
      std::uint32_t left[kRows][4], right[kColumns][2];
#pragma unroll
      for (int i = 0; i < kRows; ++i)
#pragma unroll
        for (int e = 0; e < 4; ++e)
          left[i][e] = to_tf32(a[StageA::at(row_ + 16 * i + group_ + e % 2 * 8, k + thread_ + e / 2 * 4)]);
#pragma unroll
      for (int j = 0; j < kColumns; ++j)
#pragma unroll
        for (int e = 0; e < 2; ++e)
          right[j][e] = to_tf32(b[StageB::at(column_ + 8 * j + group_, k + thread_ + e * 4)]);
#pragma unroll
      for (int i = 0; i < kRows; ++i)
#pragma unroll
        for (int j = 0; j < kColumns; ++j) multiply_tf32(sum_[i][j], left[i], right[j]);
    }
  }

  template <class Use>
  __device__ __forceinline__ void for_each(const Use& use) const {
#pragma unroll
    for (int i = 0; i < kRows; ++i)
#pragma unroll
      for (int j = 0; j < kColumns; ++j)
#pragma unroll
        for (int e = 0; e < 4; ++e)
          use(row_ + 16 * i + group_ + e / 2 * 8, column_ + 8 * j + 2 * thread_ + e % 2, sum_[i][j][e]);
  }

 private:
  int row_, column_;
  int group_, thread_;
  float sum_[kRows][kColumns][4] = {};
};

/// Nothing to do with a stage but multiply it.
struct NoWatch {
  __device__ __forceinline__ void operator()(const float*) const {}
};

/// Runs one block's tile. `Product` is Fp32Product or Tf32Product of the same Shape and orders.
template <class Shape, class Product, Order A, Order B>
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
    Product product(across / Shape::kWarpColumns * Shape::kRowsPerWarp,
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

// The tile shapes there are. Small ones fill the device at small batches and split k between warps to keep
// the latency down; large ones reuse each number read from shared memory most. Shared memory stays below 48
// KiB.
using SmallTile = TileShape<16, 32, 64, 3, 1, 1, 8>;
using MediumTile = TileShape<64, 64, 32, 2, 2, 2, 2>;
using LargeTile = TileShape<128, 128, 16, 2, 4, 2, 1>;

}  // namespace agon::kernels::cuda
