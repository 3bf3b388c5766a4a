// A tiled product's shape, its operands in memory, and their stages in shared memory.
#pragma once

#include <cstdint>

#include "kernels/cuda/device/device.cuh"

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

}  // namespace agon::kernels::cuda
