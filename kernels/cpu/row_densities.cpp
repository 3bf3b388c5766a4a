#include "kernels/row_densities.hpp"

#include "kernels/cpu/parts.hpp"
#include "kernels/cpu/row_distances.hpp"
#include "kernels/formula/elementary.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

std::int32_t within(const float* to, std::int64_t count, float radius2) {
  std::int32_t inside = 0;
  for (std::int64_t j = 0; j < count; ++j) inside += to[j] <= radius2 ? 1 : 0;
  return inside;
}

/// The sum goes on one row after the other, as on every device; `to` is overwritten.
double kernel_of_block(float* to, std::int64_t count, float scale, double sum) {
  for (std::int64_t j = 0; j < count; ++j) to[j] = formula::exponential_of_nonpositive(-scale * to[j]);
  for (std::int64_t j = 0; j < count; ++j) sum += static_cast<double>(to[j]);
  return sum;
}

void densities_of_queries(const RowDensities& op, std::int64_t begin, std::int64_t end) {
  for (std::int64_t i = begin; i < end; ++i) {
    if (op.count != nullptr) op.count[i] = 0;
    if (op.sum != nullptr) op.sum[i] = 0;
  }
  alignas(64) float to[kRowsOfBlock];
  for (std::int64_t first = 0; first < op.rows.m; first += kRowsOfBlock) {
    const std::int64_t count = op.rows.m - first < kRowsOfBlock ? op.rows.m - first : kRowsOfBlock;
    for (std::int64_t i = begin; i < end; ++i) {
      AGON_CPU_VARIANT::distances_to_block(op.rows, i, first, count, to);
      if (op.count != nullptr) op.count[i] += AGON_CPU_VARIANT::within(to, count, op.radius2[i]);
      if (op.sum != nullptr) op.sum[i] = AGON_CPU_VARIANT::kernel_of_block(to, count, op.scale, op.sum[i]);
    }
  }
}

}  // namespace

void row_densities(QueueView queue, const RowDensities& op) {
  const std::int64_t n = op.rows.n;
  for_each(queue, (n + kQueriesOfBlock - 1) / kQueriesOfBlock, true, [&](std::int64_t block) {
    const std::int64_t begin = block * kQueriesOfBlock;
    AGON_CPU_VARIANT::densities_of_queries(op, begin,
                                           begin + kQueriesOfBlock < n ? begin + kQueriesOfBlock : n);
  });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
