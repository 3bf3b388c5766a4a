// The next batch out of the table, by the threads of a block: it finds its rows, then copies them.
#pragma once

#include "kernels/cuda/device/device.cuh"
#include "kernels/formula/gather_batch.hpp"
#include "kernels/formula/permutation.hpp"
#include "kernels/gather_batch.hpp"
#include "kernels/random.hpp"

namespace agon::kernels::cuda {

inline constexpr int kGatherRows = 8;  ///< of a block

/// Of the row wanted by a GatherBatch, or what chooses its rows alike.
template <class Op>
__device__ __forceinline__ std::int64_t table_row(const Op& op, std::int64_t row) {
  const std::uint64_t position = formula::first_position(op, *op.step) + static_cast<std::uint64_t>(row);
  const auto rows = static_cast<std::uint64_t>(op.rows);
  const formula::Permutation order =
      formula::permutation(static_cast<std::uint32_t>(rows), op.seed,
                           static_cast<std::uint32_t>(RandomPurpose::row_order), position / rows);
  return formula::permute(order, static_cast<std::uint32_t>(position % rows));
}

/// Rows [kGatherRows block, ...) of the `count` that are wanted. Called by all Threads threads of the block.
template <int Threads>
__device__ __forceinline__ void gather_rows(const GatherBatch& op, std::int64_t count, std::int64_t block) {
  AGON_SHARED(std::int64_t, source, [kGatherRows]);
  const std::int64_t first = block * kGatherRows;
  const std::int64_t left = count - first;
  const int rows = left < kGatherRows ? static_cast<int>(left) : kGatherRows;
  if (static_cast<int>(threadIdx.x) < rows) source[threadIdx.x] = table_row(op, first + threadIdx.x);
  __syncthreads();
  for (std::int64_t i = threadIdx.x; i < rows * op.width; i += Threads) {
    const std::int64_t row = i / op.width;
    const std::int64_t from = source[row] * op.width + (i - row * op.width);
    const float value = op.bytes != nullptr ? formula::from_byte(op.bytes[from]) : op.table[from];
    op.out[first * op.width + i] = value;
    if (op.again != nullptr) op.again[first * op.width + i] = value;
  }
}

}  // namespace agon::kernels::cuda
