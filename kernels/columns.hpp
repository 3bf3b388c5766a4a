// Columns of one matrix, copied into another, with a third's added or not: how rows are put side by side, and
// how a gradient is divided between them.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/backends.hpp"
#include "kernels/formula/in_place.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

/// to[r, first_to + c] = from[r, first_from + c], or plus[r, first_to + c] + that, for r < rows and c <
/// width. All row-major; what is written overlaps nothing that is read, but for `plus` in place.
struct Columns {
  static constexpr std::string_view kName = "columns";
  std::int64_t rows = 0;
  std::int64_t width = 0;
  const float* from = nullptr;  ///< (rows, from_width)
  std::int64_t from_width = 0;
  std::int64_t first_from = 0;
  float* to = nullptr;  ///< (rows, to_width), the other columns left alone
  std::int64_t to_width = 0;
  std::int64_t first_to = 0;
  bool adds = false;                       ///< to `plus`
  formula::InPlaceOr<const float> plus{};  ///< (rows, to_width), or in place of `to`
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, Columns& op) {
  v.reads(op.from, op.rows * op.from_width);
  if (op.adds && op.plus.in_place()) {
    v.updates(op.to, op.rows * op.to_width);
  } else {
    if (op.adds) v.reads(op.plus.own, op.rows * op.to_width);
    v.writes(op.to, op.rows * op.to_width);
  }
}

void columns(QueueView queue, const Columns& op);
AGON_ON_BACKENDS(void columns(QueueView queue, const Columns& op));

}  // namespace agon::kernels
