#include "kernels/gather_batch.hpp"

#include <cstring>

#include "kernels/cpu/batch_rows.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kParallelFrom =
    64 * 1024;  // numbers copied; below, the other threads are not worth waking

void copy_run(const GatherBatch& op, const RowRun& run) {
  const std::size_t bytes = static_cast<std::size_t>(op.width) * sizeof(float);
  float* const places[] = {op.out, op.again};
  for (float* const out : places) {
    if (out == nullptr) continue;
    for (std::int64_t i = 0; i < run.count; ++i)
      std::memcpy(out + (run.first + i) * op.width, op.table + run.row[i] * op.width, bytes);
  }
}

}  // namespace

void gather_batch(QueueView queue, const GatherBatch& op) {
  for_row_runs(queue, op, op.wanted() * op.width >= kParallelFrom,
               [&](const RowRun& run) { copy_run(op, run); });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
