// Columns of one matrix, copied into another or added to it: how rows are put side by side, and how a
// gradient is divided between them.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/backends.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

/// to[r, c] = from[r, c], or to[r, c] + from[r, c], for r < rows and c < width. Row r begins r strides behind
/// the first; strides are at least `width`. What is written overlaps nothing that is read.
struct Columns {
  static constexpr std::string_view kName = "columns";
  std::int64_t rows = 0;
  std::int64_t width = 0;
  const float* from = nullptr;
  std::int64_t from_stride = 0;
  float* to = nullptr;
  std::int64_t to_stride = 0;
  bool add = false;
};

/// Elements from the first to the last of a matrix.
AGON_FORMULA std::int64_t strided(std::int64_t rows, std::int64_t width, std::int64_t stride) {
  return rows == 0 ? 0 : (rows - 1) * stride + width;
}

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, Columns& op) {
  v.reads(op.from, strided(op.rows, op.width, op.from_stride));
  v.writes_or_adds(op.add, op.to, strided(op.rows, op.width, op.to_stride));
}

void columns(QueueView queue, const Columns& op);
AGON_ON_BACKENDS(void columns(QueueView queue, const Columns& op));

}  // namespace agon::kernels
