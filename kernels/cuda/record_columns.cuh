// Numbers' columns of the row that networks read, by a warp.
#pragma once

#include <cstdint>

#include "kernels/cuda/device/device.cuh"
#include "kernels/formula/record_heads.hpp"
#include "kernels/record_shape.hpp"

namespace agon::kernels::cuda {

/// Columns of numbers [first, first + 32), as far as they exist, into a row that has its levels, and that the
/// warp may read: lane i has the rank u of number first + i. Called by the whole warp.
__device__ __forceinline__ void write_numbers(const RecordShape& shape, float* row, std::int64_t first,
                                              float u) {
  constexpr int kRankWidth = static_cast<int>(kNumberHats) + 1;
  const bool hats = shape.link == NumberLink::rank;
  const int lane = static_cast<int>(threadIdx.x % 32);
  const std::int64_t left = shape.numbers - first;
  const int columns = (hats ? kRankWidth : 1) * (left < 32 ? static_cast<int>(left) : 32);
  const std::int32_t gate = lane < left ? shape.gate[first + lane] : -1;
  const int open = gate < 0 || row[gate] != 0.0f ? 1 : 0;
  float* const to = row + shape.levels + first * number_width(shape.link);
  for (int base = 0; base < columns; base += 32) {
    const int i = base + lane, number = hats ? i / kRankWidth : i;
    const float rank = __shfl_sync(0xffffffffu, u, number);
    const int shown = __shfl_sync(0xffffffffu, open, number);
    const float value = hats
                            ? formula::number_column(rank, formula::rank_place(rank), i - number * kRankWidth)
                            : formula::centred_rank(rank);
    if (i < columns) to[i] = shown != 0 ? value : 0.0f;
  }
}

}  // namespace agon::kernels::cuda
