#include "kernels/gather_batch.hpp"

#include <cstring>

#include "kernels/formula/gather_batch.hpp"
#include "kernels/formula/permutation.hpp"
#include "kernels/random.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kRun = 64;  // positions whose rows are worked out together, vectorised
constexpr std::int64_t kParallelFrom =
    64 * 1024;  // numbers copied; below, the other threads are not worth waking

/// Copies `count` <= kRun rows at positions [begin, begin + count) of one epoch's order to rows [to, ...) of
/// what is written.
void copy_run(const GatherBatch& op, const formula::Permutation& order, std::uint32_t begin,
              std::int64_t count, std::int64_t to) {
  std::uint32_t row[kRun];
  const std::size_t bytes = static_cast<std::size_t>(op.width) * sizeof(float);
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i)
    row[i] = formula::permute(order, begin + static_cast<std::uint32_t>(i));
  float* const places[] = {op.out, op.again};
  for (float* const out : places) {
    if (out == nullptr) continue;
    for (std::int64_t i = 0; i < count; ++i)
      std::memcpy(out + (to + i) * op.width, op.table + row[i] * op.width, bytes);
  }
}

/// Rows [begin, end) of those wanted, whose first position is `first`.
void gather(const GatherBatch& op, std::uint64_t first, std::int64_t begin, std::int64_t end) {
  const std::uint64_t rows = static_cast<std::uint64_t>(op.rows);
  while (begin < end) {
    const std::uint64_t position = first + static_cast<std::uint64_t>(begin);
    const std::uint64_t in_epoch = position % rows;
    const formula::Permutation order =
        formula::permutation(static_cast<std::uint32_t>(rows), op.seed,
                             static_cast<std::uint32_t>(RandomPurpose::row_order), position / rows);
    const std::int64_t left = op.rows - static_cast<std::int64_t>(in_epoch);
    std::int64_t count = end - begin < left ? end - begin : left;
    if (count > kRun) count = kRun;
    copy_run(op, order, static_cast<std::uint32_t>(in_epoch), count, begin);
    begin += count;
  }
}

}  // namespace

void gather_batch(QueueView queue, const GatherBatch& op) {
  const std::uint64_t first = formula::first_position(op, *op.step);
  const std::int64_t count = op.wanted();
  if (queue.threads <= 1 || count * op.width < kParallelFrom) return gather(op, first, 0, count);
  const std::int64_t runs = (count + kRun - 1) / kRun;
#pragma omp parallel for schedule(static) num_threads(queue.threads)
  for (std::int64_t run = 0; run < runs; ++run) {
    const std::int64_t begin = run * kRun;
    gather(op, first, begin, begin + kRun < count ? begin + kRun : count);
  }
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
