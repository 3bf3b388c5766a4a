// How a warp multiplies its part of two stages, in each precision: TileProduct's innermost step.
#pragma once

#include <cstdint>
#include <type_traits>

#include "kernels/cuda/device/stage.cuh"
#include "kernels/formula/rounding.hpp"

namespace agon::kernels::cuda {

/// What a lane of a warp holds of the warp's tile and how it multiplies: fused multiply-adds in fp32, of
/// factors rounded to P as they are read from shared memory. Lanes stand 4 by 8; a lane reads four k's of its
/// rows and columns at a time, 16 bytes each.
template <class Shape, Precision P, Order A, Order B>
class ScalarProduct {
  using StageA = Stage<A, Shape::kRows, Shape::kDepth>;
  using StageB = Stage<B, Shape::kColumns, Shape::kDepth>;
  static constexpr int kRows = Shape::kRowsPerWarp / 4, kColumns = Shape::kColumnsPerWarp / 8;

 public:
  __device__ __forceinline__ ScalarProduct(int row, int column) : row_(row), column_(column) {
    lane_row_ = static_cast<int>(threadIdx.x % 32 / 8);
    lane_column_ = static_cast<int>(threadIdx.x % 8);
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

  static __device__ __forceinline__ float round(float value) { return formula::rounded<P>(value); }

  template <Order O, class From, int Lanes, int Count>
  static __device__ __forceinline__ void read(float (&to)[Count][4], const float* stage, int first, int lane,
                                              int k) {
    if constexpr (O == Order::k_inner) {
#pragma unroll
      for (int i = 0; i < Count; ++i) {
        const float4 v =
            *reinterpret_cast<const float4*>(stage + From::at(first + place<O, Lanes>(lane, i), k));
        to[i][0] = round(v.x), to[i][1] = round(v.y), to[i][2] = round(v.z), to[i][3] = round(v.w);
      }
    } else {
      static_assert(Count % 4 == 0);
#pragma unroll
      for (int e = 0; e < 4; ++e)
#pragma unroll
        for (int i = 0; i < Count; i += 4) {
          const float4 v =
              *reinterpret_cast<const float4*>(stage + From::at(first + place<O, Lanes>(lane, i), k + e));
          to[i][e] = round(v.x), to[i + 1][e] = round(v.y);
          to[i + 2][e] = round(v.z), to[i + 3][e] = round(v.w);
        }
    }
  }

  int row_, column_;            // of the warp's tile in the block's
  int lane_row_, lane_column_;  // of the lane among 4 x 8
  float sum_[kRows][kColumns] = {};
};

/// A warp's product of (16, kDepth) and (kDepth, 8) on tensor cores. A lane's register r of the left operand
/// holds row r % 2 * 8 + lane / 4 and the k's of group r / 2, one of the right operand column lane / 4 and
/// the k's of group r. Which k of the product stands for which k of the matrices does not matter where both
/// operands have it alike: k's are dealt out so that a warp's reads of a stage meet every bank once.
struct Tf32Mma {
  static constexpr int kDepth = 8, kGroups = 2;

  /// `thread` is lane % 4.
  template <class From>
  static __device__ __forceinline__ std::uint32_t read(const float* stage, int r, int k, int thread,
                                                       int group) {
    return to_tf32(stage[From::at(r, k + 4 * group + thread)]);
  }
  static __device__ __forceinline__ void multiply(float (&d)[4], const std::uint32_t (&a)[4],
                                                  const std::uint32_t (&b)[2]) {
    multiply_tf32(d, a, b);
  }
};

template <int Depth>
struct Bf16Mma {
  static constexpr int kDepth = Depth, kGroups = Depth / 8;

  template <class From>
  static __device__ __forceinline__ std::uint32_t read(const float* stage, int r, int k, int thread,
                                                       int group) {
    return to_bf16_pair(stage[From::at(r, k + 8 * group + thread)],
                        stage[From::at(r, k + 8 * group + 4 + thread)]);
  }
  static __device__ __forceinline__ void multiply(float (&d)[4], const std::uint32_t (&a)[Depth / 4],
                                                  const std::uint32_t (&b)[Depth / 8]) {
    multiply_bf16(d, a, b);
  }
};

/// The same on tensor cores, 16 x 8 pieces at a time.
template <class Shape, class Mma, Order A, Order B>
class TensorProduct {
  using StageA = Stage<A, Shape::kRows, Shape::kDepth>;
  using StageB = Stage<B, Shape::kColumns, Shape::kDepth>;
  static constexpr int kRows = Shape::kRowsPerWarp / 16, kColumns = Shape::kColumnsPerWarp / 8;
  static constexpr int kGroups = Mma::kGroups;  // of k's
  static_assert(Shape::kDepthPerWarp % Mma::kDepth == 0);

 public:
  __device__ __forceinline__ TensorProduct(int row, int column) : row_(row), column_(column) {
    group_ = static_cast<int>(threadIdx.x % 32 / 4);
    thread_ = static_cast<int>(threadIdx.x % 4);
  }

  __device__ __forceinline__ void multiply(const float* a, const float* b, int k_begin) {
#pragma unroll
    for (int k = k_begin; k < k_begin + Shape::kDepthPerWarp; k += Mma::kDepth) {
      std::uint32_t left[kRows][2 * kGroups], right[kColumns][kGroups];
#pragma unroll
      for (int i = 0; i < kRows; ++i)
#pragma unroll
        for (int e = 0; e < 2 * kGroups; ++e)
          left[i][e] = Mma::template read<StageA>(a, row_ + 16 * i + e % 2 * 8 + group_, k, thread_, e / 2);
#pragma unroll
      for (int j = 0; j < kColumns; ++j)
#pragma unroll
        for (int e = 0; e < kGroups; ++e)
          right[j][e] = Mma::template read<StageB>(b, column_ + 8 * j + group_, k, thread_, e);
#pragma unroll
      for (int i = 0; i < kRows; ++i)
#pragma unroll
        for (int j = 0; j < kColumns; ++j) Mma::multiply(sum_[i][j], left[i], right[j]);
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

template <Precision P, int DepthPerWarp>
struct MmaIn {
  using type = Tf32Mma;
};
template <int DepthPerWarp>
struct MmaIn<Precision::bf16, DepthPerWarp> {
  using type = Bf16Mma<DepthPerWarp % 16 == 0 ? 16 : 8>;
};

/// The product in precision P: on tensor cores where the device's take its operands.
template <class Shape, Precision P, Order A, Order B>
using ProductIn =
    std::conditional_t<P == Precision::fp32 || !kTensorCoresTakeFloats, ScalarProduct<Shape, P, A, B>,
                       TensorProduct<Shape, typename MmaIn<P, Shape::kDepthPerWarp>::type, A, B>>;

}  // namespace agon::kernels::cuda
