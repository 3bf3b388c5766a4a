// How many rows of a table lie around given rows.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/backends.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/queue.hpp"
#include "kernels/row_distances.hpp"

namespace agon::kernels {

/// With d2(i, j) the squared distance of query i to reference j (row_distances.hpp),
///   count[i] = how many j have d2(i, j) <= radius2[i]
///   sum[i] = sum_j exp(-d2(i, j) scale), in double, one reference after the other
struct RowDensities {
  static constexpr std::string_view kName = "row_densities";
  RowDistances rows;
  float scale = 0;                 ///< 1 / (2 bandwidth^2)
  const float* radius2 = nullptr;  ///< (n), squared radii, a NaN counts nothing; or null: no count
  std::int32_t* count = nullptr;   ///< (n); null where radius2 is
  double* sum = nullptr;           ///< (n), or null: no sum
};

/// Of no replica's memory.
template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, RowDensities& op) {
  visit_rows(v, op.rows);
  v.reads(op.radius2, op.rows.n);
  v.writes(op.count, op.rows.n);
  v.writes(op.sum, op.rows.n);
}

/// Equal bits on every device. Not of replicas.
void row_densities(QueueView queue, const RowDensities& op);
AGON_ON_BACKENDS(void row_densities(QueueView queue, const RowDensities& op));

}  // namespace agon::kernels
