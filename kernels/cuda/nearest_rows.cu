// A thread for each query row; a block's threads share tiles of references.
#include "kernels/nearest_rows.hpp"

#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/row_distances.cuh"

namespace agon::kernels::cuda {
namespace {

/// The nearest k in the last k places, in rising order; before them places that nothing is smaller than, so
/// that no index depends on k and all stays in registers.
struct Nearest {
  float distance[kMostNearest];
  std::int32_t index[kMostNearest];

  __device__ __forceinline__ explicit Nearest(int k) {
#pragma unroll
    for (int p = 0; p < kMostNearest; ++p) {
      distance[p] = formula::float_of(p < kMostNearest - k ? 0xff800000u : 0x7f800000u);
      index[p] = -1;
    }
  }

  /// References come in rising order: of equal ones the first stays.
  __device__ __forceinline__ void take(float value, std::int32_t reference) {
#pragma unroll
    for (int p = kMostNearest - 1; p > 0; --p) {
      const bool above = value < distance[p - 1], here = value < distance[p];
      index[p] = above ? index[p - 1] : here ? reference : index[p];
      distance[p] = above ? distance[p - 1] : here ? value : distance[p];
    }
    index[0] = value < distance[0] ? reference : index[0];
    distance[0] = value < distance[0] ? value : distance[0];
  }
};

__global__ void __launch_bounds__(kQueriesOfBlock, 4) nearest_rows_kernel(NearestRows op) {
  AGON_SHARED(std::int32_t, codes, [kColumnsOfTile * kRowsOfTile]);
  AGON_SHARED(float, numbers, [kColumnsOfTile * kRowsOfTile]);
  const std::int64_t own = static_cast<std::int64_t>(blockIdx.x) * kQueriesOfBlock + threadIdx.x;
  const std::int64_t i =
      own < op.rows.n ? own : op.rows.n - 1;  // the last block's spare threads help to stage
  const std::int64_t left_out = op.leave_out < 0 ? -1 : op.leave_out + i;
  wait_for_previous_kernel();
  Nearest nearest(op.k);
  float to[kRowsOfTile];
#pragma unroll 1
  for (std::int64_t first = 0; first < op.rows.m; first += kRowsOfTile) {
    distances_to_tile(op.rows, i, first, codes, numbers, to);
#pragma unroll
    for (int r = 0; r < kRowsOfTile; ++r) {
      const bool counts = first + r < op.rows.m && first + r != left_out;
      if (counts && to[r] < nearest.distance[kMostNearest - 1])
        nearest.take(to[r], static_cast<std::int32_t>(first + r));
    }
  }
  if (own >= op.rows.n) return;
#pragma unroll
  for (int p = 0; p < kMostNearest; ++p) {
    const int place = p - (kMostNearest - op.k);
    if (place < 0) continue;
    op.distance[i * op.k + place] = nearest.distance[p];
    op.index[i * op.k + place] = nearest.index[p];
  }
}

}  // namespace

void nearest_rows(QueueView queue, const NearestRows& op) {
  if (op.rows.n == 0) return;
  launch(queue, {.blocks = blocks_for(op.rows.n, kQueriesOfBlock), .threads = kQueriesOfBlock},
         nearest_rows_kernel, op);
}

}  // namespace agon::kernels::cuda
