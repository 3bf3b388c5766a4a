// The rows of a table that are nearest to given rows.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/backends.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/queue.hpp"
#include "kernels/row_distances.hpp"

namespace agon::kernels {

inline constexpr int kMostNearest = 8;

/// For each query row the k smallest squared distances to reference rows, in rising order, and the
/// references' indices; of equal distances the one with the smaller index first. Where there are fewer than k
/// references, infinity and -1 fill up. No expansion of the square: a row's distance to itself is exactly 0.
struct NearestRows {
  static constexpr std::string_view kName = "nearest_rows";
  RowDistances rows;
  int k = 1;  ///< 1 to kMostNearest
  /// 0 or above: query i is reference leave_out + i, which does not count; below 0: all count.
  std::int64_t leave_out = -1;
  float* distance = nullptr;      ///< (n, k)
  std::int32_t* index = nullptr;  ///< (n, k)
};

/// Of no replica's memory.
template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, NearestRows& op) {
  visit_rows(v, op.rows);
  v.writes(op.distance, op.rows.n * op.k);
  v.writes(op.index, op.rows.n * op.k);
}

/// n m (numbers + codes) steps, no memory of its own. Equal bits on every device. Not of replicas.
void nearest_rows(QueueView queue, const NearestRows& op);
AGON_ON_BACKENDS(void nearest_rows(QueueView queue, const NearestRows& op));

}  // namespace agon::kernels
