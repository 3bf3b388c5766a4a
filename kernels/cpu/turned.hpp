// Rows as columns: what lies in a row each becomes a vector across rows.
#pragma once

#include <cstdint>

namespace agon::kernels::AGON_CPU_VARIANT {

/// Four neighbours in memory, wherever they begin.
using Four [[gnu::vector_size(16), gnu::aligned(4), gnu::may_alias]] = float;

/// 4 x 4 numbers, of which `from` has a row every `from_stride`, turned.
inline void turn_four(const float* from, std::int64_t from_stride, float* to, std::int64_t to_stride) {
  Four row[4];
  for (int i = 0; i < 4; ++i) row[i] = *reinterpret_cast<const Four*>(from + i * from_stride);
  const Four a = __builtin_shufflevector(row[0], row[1], 0, 4, 1, 5);
  const Four b = __builtin_shufflevector(row[2], row[3], 0, 4, 1, 5);
  const Four c = __builtin_shufflevector(row[0], row[1], 2, 6, 3, 7);
  const Four d = __builtin_shufflevector(row[2], row[3], 2, 6, 3, 7);
  row[0] = __builtin_shufflevector(a, b, 0, 1, 4, 5);
  row[1] = __builtin_shufflevector(a, b, 2, 3, 6, 7);
  row[2] = __builtin_shufflevector(c, d, 0, 1, 4, 5);
  row[3] = __builtin_shufflevector(c, d, 2, 3, 6, 7);
  for (int i = 0; i < 4; ++i) *reinterpret_cast<Four*>(to + i * to_stride) = row[i];
}

/// `to` (columns, rows) from `from` (rows, columns), each with a stride between what it has in a row.
inline void turned(const float* from, std::int64_t from_stride, std::int64_t rows, std::int64_t columns,
                   float* to, std::int64_t to_stride) {
  const std::int64_t whole_rows = rows / 4 * 4, whole_columns = columns / 4 * 4;
  for (std::int64_t r = 0; r < whole_rows; r += 4) {
    for (std::int64_t c = 0; c < whole_columns; c += 4)
      turn_four(from + r * from_stride + c, from_stride, to + c * to_stride + r, to_stride);
  }
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t c = r < whole_rows ? whole_columns : 0; c < columns; ++c)
      to[c * to_stride + r] = from[r * from_stride + c];
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
