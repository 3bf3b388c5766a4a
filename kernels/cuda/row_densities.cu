// A thread for each query row; a block's threads share tiles of references.
#include "kernels/row_densities.hpp"

#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/row_distances.cuh"
#include "kernels/formula/elementary.hpp"

namespace agon::kernels::cuda {
namespace {

__global__ void __launch_bounds__(kQueriesOfBlock, 4) row_densities_kernel(RowDensities op) {
  AGON_SHARED(std::int32_t, codes, [kColumnsOfTile * kRowsOfTile]);
  AGON_SHARED(float, numbers, [kColumnsOfTile * kRowsOfTile]);
  const std::int64_t own = static_cast<std::int64_t>(blockIdx.x) * kQueriesOfBlock + threadIdx.x;
  const std::int64_t i =
      own < op.rows.n ? own : op.rows.n - 1;  // the last block's spare threads help to stage
  wait_for_previous_kernel();
  const float radius2 = op.radius2 == nullptr ? -1.0f : op.radius2[i];
  std::int32_t inside = 0;
  double sum = 0;
  float to[kRowsOfTile];
#pragma unroll 1
  for (std::int64_t first = 0; first < op.rows.m; first += kRowsOfTile) {
    distances_to_tile(op.rows, i, first, codes, numbers, to);
    const std::int64_t left = op.rows.m - first;
    const int rows = left < kRowsOfTile ? static_cast<int>(left) : kRowsOfTile;
#pragma unroll
    for (int r = 0; r < kRowsOfTile; ++r) inside += r < rows && to[r] <= radius2 ? 1 : 0;
    if (op.sum == nullptr) continue;
#pragma unroll
    for (int r = 0; r < kRowsOfTile; ++r)
      if (r < rows) sum += static_cast<double>(formula::exponential_of_nonpositive(-op.scale * to[r]));
  }
  if (own >= op.rows.n) return;
  if (op.count != nullptr) op.count[i] = inside;
  if (op.sum != nullptr) op.sum[i] = sum;
}

}  // namespace

void row_densities(QueueView queue, const RowDensities& op) {
  if (op.rows.n == 0) return;
  launch(queue, {.blocks = blocks_for(op.rows.n, kQueriesOfBlock), .threads = kQueriesOfBlock},
         row_densities_kernel, op);
}

}  // namespace agon::kernels::cuda
