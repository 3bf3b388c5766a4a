// Distances between the rows of two tables of mixed columns: what nearest_rows and row_densities share.
#pragma once

#include <cstdint>

#include "kernels/formula/annotate.hpp"

namespace agon::kernels {

/// Tables lie column by column: element (c, i) of `query_numbers` is query_numbers[c * n + i]. The squared
/// distance of a query row to a reference row is
///   sum over code columns c of weight[c] where the two codes differ
///   + sum over number columns of the squared difference,
/// added in this order, one column after the other, in float: equal bits on every device. A weight below 0
/// takes away: whoever encodes the rows sees to it that a distance stays 0 or above.
struct RowDistances {
  std::int64_t n = 0;                         ///< query rows
  std::int64_t m = 0;                         ///< reference rows, below 2^31
  std::int64_t numbers = 0;                   ///< number columns; no NaN
  std::int64_t codes = 0;                     ///< code columns
  const float* query_numbers = nullptr;       ///< (numbers, n)
  const std::int32_t* query_codes = nullptr;  ///< (codes, n)
  const float* numbers_of = nullptr;          ///< (numbers, m), the references'
  const std::int32_t* codes_of = nullptr;     ///< (codes, m), the references'
  const float* weight = nullptr;              ///< (codes)
};

template <class Visitor>
AGON_FORMULA void visit_rows(Visitor& v, RowDistances& rows) {
  v.reads(rows.query_numbers, rows.numbers * rows.n);
  v.reads(rows.query_codes, rows.codes * rows.n);
  v.reads(rows.numbers_of, rows.numbers * rows.m);
  v.reads(rows.codes_of, rows.codes * rows.m);
  v.reads(rows.weight, rows.codes);
}

}  // namespace agon::kernels
