// The table's rows that a batch takes, a run at a time.
#pragma once

#include <cstdint>

#include "kernels/cpu/parts.hpp"
#include "kernels/formula/gather_batch.hpp"
#include "kernels/formula/permutation.hpp"
#include "kernels/queue.hpp"
#include "kernels/random.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {

constexpr std::int64_t kRowRun = 64;  ///< positions whose rows are worked out together, vectorised

/// Rows [first, first + count) of those wanted are these of the table.
struct RowRun {
  std::int64_t first, count;
  std::uint32_t row[kRowRun];
};

/// Calls use(run) for each run of rows [begin, end) of those wanted; `from` is the position of row 0.
template <class Op, class Use>
inline void each_row_run(const Op& op, std::uint64_t from, std::int64_t begin, std::int64_t end,
                         const Use& use) {
  const std::uint64_t rows = static_cast<std::uint64_t>(op.rows);
  while (begin < end) {
    const std::uint64_t position = from + static_cast<std::uint64_t>(begin);
    const std::uint64_t in_epoch = position % rows;
    const formula::Permutation order =
        formula::permutation(static_cast<std::uint32_t>(rows), op.seed,
                             static_cast<std::uint32_t>(RandomPurpose::row_order), position / rows);
    const std::int64_t left = op.rows - static_cast<std::int64_t>(in_epoch);
    RowRun run;
    run.first = begin;
    run.count = end - begin < left ? end - begin : left;
    if (run.count > kRowRun) run.count = kRowRun;
#pragma omp simd
    for (std::int64_t i = 0; i < run.count; ++i)
      run.row[i] =
          formula::permute(order, static_cast<std::uint32_t>(in_epoch) + static_cast<std::uint32_t>(i));
    use(run);
    begin += run.count;
  }
}

/// Calls use(run) for rows [begin, end) of those wanted, which `source` names.
template <class Use>
inline void each_named_run(const std::uint32_t* source, std::int64_t begin, std::int64_t end,
                           const Use& use) {
  for (; begin < end; begin += kRowRun) {
    RowRun run;
    run.first = begin;
    run.count = end - begin < kRowRun ? end - begin : kRowRun;
    for (std::int64_t i = 0; i < run.count; ++i) run.row[i] = source[begin + i];
    use(run);
  }
}

/// Calls use(run) for all rows wanted by a GatherBatch, or what chooses its rows alike; several threads take
/// some each where `parallel`.
template <class Op, class Use>
inline void for_row_runs(QueueView queue, const Op& op, bool parallel, const Use& use) {
  const std::uint64_t from = formula::first_position(op, *op.step);
  const std::int64_t count = op.wanted();
  for_ranges(queue, count, kRowRun, parallel,
             [&](std::int64_t begin, std::int64_t end) { each_row_run(op, from, begin, end, use); });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
