#include "kernels/gather_batch.hpp"

#include <cstring>

#include "kernels/cpu/batch_rows.hpp"
#include "kernels/formula/gather_batch.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kParallelFrom =
    64 * 1024;  // numbers copied; below, the other threads are not worth waking

void decode_run(const GatherBatch& op, const RowRun& run) {
  for (std::int64_t i = 0; i < run.count; ++i) {
    const std::uint8_t* const from = op.bytes + run.row[i] * op.width;
    float* const to = op.out + (run.first + i) * op.width;
    for (std::int64_t c = 0; c < op.width; ++c) to[c] = formula::from_byte(from[c]);
    if (op.again != nullptr)
      std::memcpy(op.again + (run.first + i) * op.width, to,
                  static_cast<std::size_t>(op.width) * sizeof(float));
  }
}

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
               [&](const RowRun& run) { op.bytes != nullptr ? decode_run(op, run) : copy_run(op, run); });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
