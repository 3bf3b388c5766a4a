// A tiled product's shape, its operands in memory, and their stages in shared memory.
#pragma once

#include <cstdint>

#include "kernels/cuda/device/device.cuh"
#include "kernels/cuda/device/launch.cuh"

namespace agon::kernels::cuda {

/// How an operand lies in memory: element (r, k), r a row of A or a column of B, is data[r * stride + k]
/// where k is inner, data[k * stride + r] where it is outer.
enum class Order { k_inner, k_outer };

/// Rows and columns are counted in 32 bits, which the host checks (narrow()); elements in 64.
struct Operand {
  const float* data;
  int stride;   ///< also the number of elements along the contiguous axis
  int rows;     ///< of A, or columns of B
  bool vector;  ///< data is 16-byte aligned and stride a multiple of 4: copied 16 bytes at a time
};

inline Operand operand(const float* data, std::int64_t stride, std::int64_t rows) {
  return {data, narrow(stride), narrow(rows), aligned(data) && stride % 4 == 0};
}

/// Where (row, column) lies in rows of `width` elements, which are fewer than 2^31.
__device__ __forceinline__ std::int64_t element(int row, std::int64_t width, int column) {
  return std::int64_t{row} * static_cast<int>(width) + column;
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

  /// A thread's share of copying rows [row, row + Rows) of an operand, one stage after the other from k on;
  /// what lies outside becomes 0. It is made before anything may be read: all indices are worked out there.
  template <int Threads>
  class Copies {
    static constexpr bool kInner = O == Order::k_inner;
    static constexpr int kAcross = (kInner ? Depth : Rows) / 4;  // groups of 4 along the contiguous axis
    static constexpr int kEach = Rows * Depth / 4 / Threads;     // groups of a thread
    static constexpr int kStep = Threads / kAcross;              // across that axis, from one to the next
    static_assert(Rows * Depth / 4 % Threads == 0 && Threads % kAcross == 0);

   public:
    __device__ __forceinline__ Copies(const Operand& from, int row, int k)
        : outer_(static_cast<int>(threadIdx.x / kAcross)),
          inner_(static_cast<int>(threadIdx.x % kAcross * 4)),
          rows_(from.rows - row),
          stride_(from.stride),
          vector_(from.vector),
          next_(from.data + element((kInner ? row : k) + outer_, from.stride, (kInner ? k : row) + inner_)) {}

    /// The next stage, with so many k's left.
    __device__ __forceinline__ void fill(float* stage, int left) {
      float* const target = stage + outer_ * kStride + inner_;
      if (vector_) {
#pragma unroll
        for (int i = 0; i < kEach; ++i)
          copy_async<16>(target + i * kStep * kStride, next_ + element(i * kStep, stride_, 0),
                         across(i, left) > 0);
      } else {
        // Not unrolled: nobody waits for a copy, and the code of four each would be most of a kernel's.
#pragma unroll 1
        for (int i = 0; i < kEach; ++i)
#pragma unroll
          for (int e = 0; e < 4; ++e)
            copy_async<4>(target + i * kStep * kStride + e, next_ + element(i * kStep, stride_, e),
                          across(i, left) > e);
      }
      next_ += kInner ? Depth : element(Depth, stride_, 0);
    }

   private:
    /// Elements of group i and behind it that are inside; 0 or less: none.
    __device__ __forceinline__ int across(int i, int left) const {
      const bool inside = (kInner ? rows_ : left) > outer_ + i * kStep;
      return inside ? (kInner ? left : rows_) - inner_ : 0;
    }

    int outer_, inner_;
    int rows_, stride_;
    bool vector_;
    const float* next_;
  };
};

}  // namespace agon::kernels::cuda
