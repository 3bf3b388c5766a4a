#include "kernels/columns.hpp"

#include "kernels/cpu/parts.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kParallelFrom =
    64 * 1024;  // numbers; fewer are done before the other threads are awake

template <bool add>
void column_row(const Columns& op, std::int64_t r) {
  const float* const from = op.from + r * op.from_width + op.first_from;
  const float* const plus = add ? op.plus.at(op.to) + r * op.to_width + op.first_to : nullptr;
  float* const to = op.to + r * op.to_width + op.first_to;
#pragma omp simd
  for (std::int64_t c = 0; c < op.width; ++c) to[c] = add ? plus[c] + from[c] : from[c];
}

}  // namespace

void columns(QueueView queue, const Columns& op) {
  for_each(queue, op.rows, op.rows * op.width >= kParallelFrom,
           [&](std::int64_t r) { op.adds ? column_row<true>(op, r) : column_row<false>(op, r); });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
