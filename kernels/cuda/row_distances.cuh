// Distances of a block's query rows, one for each thread, to a tile of reference rows in shared memory.
#pragma once

#include <cstdint>

#include "kernels/cuda/device/device.cuh"
#include "kernels/row_distances.hpp"

namespace agon::kernels::cuda {

inline constexpr int kQueriesOfBlock = 128;  ///< threads of a block
inline constexpr int kRowsOfTile = 32;
inline constexpr int kColumnsOfTile = 32;  ///< that are staged at once

/// tile[c * kRowsOfTile + r] = table[(column + c) * rows + first + r]; 0 past the last row. Every thread of
/// the block calls it; barriers before and behind.
template <class T>
__device__ __forceinline__ void stage_rows(const T* table, std::int64_t rows, std::int64_t first,
                                           std::int64_t column, int columns, T* tile) {
  __syncthreads();
  for (int e = static_cast<int>(threadIdx.x); e < columns * kRowsOfTile; e += kQueriesOfBlock) {
    const std::int64_t row = first + e % kRowsOfTile;
    tile[e] = row < rows ? table[(column + e / kRowsOfTile) * rows + row] : T{0};
  }
  __syncthreads();
}

__device__ __forceinline__ int columns_left(std::int64_t all, std::int64_t done) {
  return all - done < kColumnsOfTile ? static_cast<int>(all - done) : kColumnsOfTile;
}

/// to[r] = squared distance of query i to reference first + r; without meaning past the last reference. The
/// tiles have room for kColumnsOfTile * kRowsOfTile elements. Every thread of the block calls it, i below n.
__device__ __forceinline__ void distances_to_tile(const RowDistances& rows, std::int64_t i,
                                                  std::int64_t first, std::int32_t* codes, float* numbers,
                                                  float (&to)[kRowsOfTile]) {
#pragma unroll
  for (int r = 0; r < kRowsOfTile; ++r) to[r] = 0;
#pragma unroll 1
  for (std::int64_t column = 0; column < rows.codes; column += kColumnsOfTile) {
    const int columns = columns_left(rows.codes, column);
    stage_rows(rows.codes_of, rows.m, first, column, columns, codes);
#pragma unroll 1
    for (int c = 0; c < columns; ++c) {
      const std::int32_t query = rows.query_codes[(column + c) * rows.n + i];
      const float weight = rows.weight[column + c];
#pragma unroll
      for (int r = 0; r < kRowsOfTile; ++r) to[r] += codes[c * kRowsOfTile + r] != query ? weight : 0.0f;
    }
  }
#pragma unroll 1
  for (std::int64_t column = 0; column < rows.numbers; column += kColumnsOfTile) {
    const int columns = columns_left(rows.numbers, column);
    stage_rows(rows.numbers_of, rows.m, first, column, columns, numbers);
#pragma unroll 1
    for (int c = 0; c < columns; ++c) {
      const float query = rows.query_numbers[(column + c) * rows.n + i];
#pragma unroll
      for (int r = 0; r < kRowsOfTile; ++r) {
        const float difference = query - numbers[c * kRowsOfTile + r];
        to[r] = formula::fused(difference, difference, to[r]);
      }
    }
  }
}

}  // namespace agon::kernels::cuda
