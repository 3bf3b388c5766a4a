// A block finds its rows as gather_batch does, and writes what they say.
#include "kernels/encode_records.hpp"

#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/gather_batch.cuh"
#include "kernels/cuda/random.cuh"
#include "kernels/cuda/record_columns.cuh"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 128;
constexpr int kRows = 4;  // of a block

/// Row `row` of those wanted is row `source` of the table; by a warp, for numbers [first, first + 32).
__device__ __forceinline__ void encode_numbers(const EncodeRecords& op, std::int64_t row, std::int64_t source,
                                               std::int64_t first) {
  const RecordShape& shape = op.shape;
  const std::int64_t q = first + threadIdx.x % 32;
  float u = 0.0f;
  if (q < shape.numbers) {
    const float* const range = op.cumulative + op.ranks[source * shape.numbers + q];
    const std::int64_t element = (op.number * op.batch + op.first + row) * shape.numbers + q;
    const RandomStream noise{op.seed, RandomPurpose::rank_noise, op.step};
    u = formula::mixed(uniform_number(noise, element), range[1], range[0]);
  }
  write_numbers(shape, op.out + row * shape.width(), first, u);
}

__global__ void __launch_bounds__(kThreads)
    encode_records_kernel(EncodeRecords all, std::int64_t count, ReplicaGrid grid) {
  AGON_SHARED(std::int64_t, source, [kRows]);
  const EncodeRecords op = at_replica(all, grid.mine());
  const RecordShape& shape = op.shape;
  const std::int64_t first = static_cast<std::int64_t>(blockIdx.x) * kRows, width = shape.width();
  const int rows = count - first < kRows ? static_cast<int>(count - first) : kRows;
  wait_for_previous_kernel();
  if (static_cast<int>(threadIdx.x) < rows) {
    const std::int64_t row = first + threadIdx.x;
    source[threadIdx.x] = op.source != nullptr ? op.source[row] : table_row(op, row);
  }
  for (int r = 0; r < rows; ++r)
    for (std::int64_t c = threadIdx.x; c < shape.levels; c += kThreads)
      op.out[(first + r) * width + c] = 0.0f;
  __syncthreads();
  for (int r = 0; r < rows; ++r)
    for (std::int64_t h = threadIdx.x; h < shape.heads; h += kThreads)
      op.out[(first + r) * width + shape.head_first[h] + op.codes[source[r] * shape.heads + h]] = 1.0f;
  __syncthreads();
  for (int r = 0; r < rows; ++r)
    for (std::int64_t q = threadIdx.x / 32 * 32; q < shape.numbers; q += kThreads)
      encode_numbers(op, first + r, source[r], q);
}

}  // namespace

void encode_records(QueueView queue, const EncodeRecords& op) {
  launch(queue, {.blocks = blocks_for(op.wanted(), kRows), .threads = kThreads}, encode_records_kernel, op,
         op.wanted(), ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
