// The next batch out of the table: a block finds its rows, then copies them.
#include "kernels/gather_batch.hpp"

#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/operations.hpp"
#include "kernels/formula/permutation.hpp"
#include "kernels/random.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 128;
constexpr int kRowsPerBlock = 8;

__device__ __forceinline__ std::int64_t table_row(const GatherBatch& op, std::int64_t row) {
  const std::uint64_t position =
      *op.step * static_cast<std::uint64_t>(op.batch) + static_cast<std::uint64_t>(row);
  const auto rows = static_cast<std::uint64_t>(op.rows);
  const formula::Permutation order =
      formula::permutation(static_cast<std::uint32_t>(rows), op.seed,
                           static_cast<std::uint32_t>(RandomPurpose::row_order), position / rows);
  return formula::permute(order, static_cast<std::uint32_t>(position % rows));
}

__global__ void __launch_bounds__(kThreads) gather_batch_kernel(GatherBatch op) {
  AGON_SHARED(std::int64_t, source, [kRowsPerBlock]);
  const std::int64_t first = static_cast<std::int64_t>(blockIdx.x) * kRowsPerBlock;
  const std::int64_t left = op.batch - first;
  const int rows = left < kRowsPerBlock ? static_cast<int>(left) : kRowsPerBlock;
  if (static_cast<int>(threadIdx.x) < rows) source[threadIdx.x] = table_row(op, first + threadIdx.x);
  __syncthreads();
  for (std::int64_t i = threadIdx.x; i < rows * op.width; i += kThreads) {
    const std::int64_t row = i / op.width;
    op.out[first * op.width + i] = op.table[source[row] * op.width + (i - row * op.width)];
  }
}

}  // namespace

void gather_batch(QueueView queue, const GatherBatch& op) {
  launch(queue, {.blocks = blocks_for(op.batch, kRowsPerBlock), .threads = kThreads}, gather_batch_kernel,
         op);
}

}  // namespace agon::kernels::cuda
