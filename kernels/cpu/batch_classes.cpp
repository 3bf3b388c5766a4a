#include "kernels/batch_classes.hpp"

#include <cstring>

#include "kernels/cpu/batch_rows.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kParallelFrom = 64 * 1024;  // numbers; below, the other threads are not worth waking

void name_row(const BatchClasses& op, std::int64_t row, std::int32_t its, std::int32_t* chosen, float* out) {
  chosen[row] = its;
  float* const levels = out + (row + 1) * op.width - op.levels;
  std::memset(levels, 0, static_cast<std::size_t>(op.levels) * sizeof(float));
  levels[its] = 1.0f;
}

void name_run(const BatchClasses& op, const RowRun& run) {
  for (std::int64_t i = 0; i < run.count; ++i) {
    const std::int32_t its = op.classes[run.row[i]];
    name_row(op, run.first + i, its, op.chosen, op.out);
    if (op.again != nullptr) name_row(op, run.first + i, its, op.chosen_again, op.again);
  }
}

}  // namespace

void batch_classes(QueueView queue, const BatchClasses& op) {
  for_row_runs(queue, op, op.wanted() * op.levels >= kParallelFrom,
               [&](const RowRun& run) { name_run(op, run); });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
