// Sums of a matrix's columns: a bias's gradient.
#pragma once

#include <cstdint>

#include "kernels/cpu/linear/gemm.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {

/// sums(c) = sum_r weight(r / rows_per_weight) rows(r, c)
struct ColumnSums {
  const float* rows = nullptr;  ///< (count, columns)
  std::int64_t count = 0, columns = 0;
  const float* weight = nullptr;  ///< (count / rows_per_weight), or null: 1
  std::int64_t rows_per_weight = 1;
  bool accumulate = false;  ///< added to what sums holds
  float* sums = nullptr;    ///< (columns)
};

/// V vectors of columns from column n on. The sum is cut every kDepth rows as the products' are.
template <int V, bool weighted>
void sum_vectors(const ColumnSums& op, std::int64_t n, int lanes) {
  float* const sums = op.sums + n;
  Vector total[V] = {};
  if (op.accumulate) {
    for (int v = 0; v < V; ++v) total[v] = load_first(sums + v * kLanes, lanes);
  }
  std::int64_t image = 0, in_image = 0;
  for (std::int64_t r0 = 0; r0 < op.count; r0 += kDepth) {
    const std::int64_t r1 = smaller(op.count, r0 + kDepth);
    Vector sum[V] = {};
    for (std::int64_t r = r0; r < r1; ++r) {
      const Vector weight = broadcast(weighted ? op.weight[image] : 1.0f);
      for (int v = 0; v < V; ++v) {
        const Vector row = load_first(op.rows + r * op.columns + n + v * kLanes, lanes);
        sum[v] = weighted ? multiply_add(weight, row, sum[v]) : sum[v] + row;
      }
      if (++in_image == op.rows_per_weight) in_image = 0, ++image;
    }
    for (int v = 0; v < V; ++v) total[v] += sum[v];
  }
  for (int v = 0; v < V; ++v) store_first(sums + v * kLanes, total[v], lanes);
}

template <bool weighted>
void sum_columns(const ColumnSums& op, int threads, int index) {
  std::int64_t n = part_begin(op.columns, kLanes, threads, index);
  const std::int64_t end = part_begin(op.columns, kLanes, threads, index + 1);
  for (; n + 4 * kLanes <= end; n += 4 * kLanes) sum_vectors<4, weighted>(op, n, kLanes);
  for (; n < end; n += kLanes) sum_vectors<1, weighted>(op, n, static_cast<int>(smaller(kLanes, end - n)));
}

/// A thread's share of the columns.
inline void sum_columns(const ColumnSums& op, int threads, int index) {
  op.weight == nullptr ? sum_columns<false>(op, threads, index) : sum_columns<true>(op, threads, index);
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
