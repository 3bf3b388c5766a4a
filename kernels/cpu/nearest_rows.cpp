#include "kernels/nearest_rows.hpp"

#include "kernels/cpu/parts.hpp"
#include "kernels/cpu/row_distances.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

/// Puts a reference into its place among the nearest k, of which the last is farther.
void insert_nearest(float* distance, std::int32_t* index, int k, float value, std::int64_t reference) {
  int place = k - 1;
  for (; place > 0 && distance[place - 1] > value; --place) {
    distance[place] = distance[place - 1];
    index[place] = index[place - 1];
  }
  distance[place] = value;
  index[place] = static_cast<std::int32_t>(reference);
}

/// Takes the nearest of a block into query i's k. References come in rising order: of equal ones the first
/// stays.
void take_nearest(const NearestRows& op, std::int64_t i, std::int64_t first, std::int64_t count,
                  const float* to) {
  float* const distance = op.distance + i * op.k;
  std::int32_t* const index = op.index + i * op.k;
  int any = 0;  // most blocks have none: one look, vectorised
  const float farthest = distance[op.k - 1];
  for (std::int64_t j = 0; j < count; ++j) any |= to[j] < farthest ? 1 : 0;
  if (any == 0) return;
  for (std::int64_t j = 0; j < count; ++j)
    if (to[j] < distance[op.k - 1] && (op.leave_out < 0 || first + j != op.leave_out + i))
      AGON_CPU_VARIANT::insert_nearest(distance, index, op.k, to[j], first + j);
}

void nearest_of_queries(const NearestRows& op, std::int64_t begin, std::int64_t end) {
  for (std::int64_t e = begin * op.k; e < end * op.k; ++e) {
    op.distance[e] = __builtin_inff();
    op.index[e] = -1;
  }
  alignas(64) float to[kRowsOfBlock];
  for (std::int64_t first = 0; first < op.rows.m; first += kRowsOfBlock) {
    const std::int64_t count = op.rows.m - first < kRowsOfBlock ? op.rows.m - first : kRowsOfBlock;
    for (std::int64_t i = begin; i < end; ++i) {
      AGON_CPU_VARIANT::distances_to_block(op.rows, i, first, count, to);
      AGON_CPU_VARIANT::take_nearest(op, i, first, count, to);
    }
  }
}

}  // namespace

void nearest_rows(QueueView queue, const NearestRows& op) {
  const std::int64_t n = op.rows.n;
  for_each(queue, (n + kQueriesOfBlock - 1) / kQueriesOfBlock, true, [&](std::int64_t block) {
    const std::int64_t begin = block * kQueriesOfBlock;
    AGON_CPU_VARIANT::nearest_of_queries(op, begin,
                                         begin + kQueriesOfBlock < n ? begin + kQueriesOfBlock : n);
  });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
