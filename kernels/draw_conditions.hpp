// What the generator is asked for: a level of one head for each row, and a row of the table that has it.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/backends.hpp"
#include "kernels/condition_shape.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/queue.hpp"
#include "kernels/random.hpp"

namespace agon::kernels {

/// For row r, of the words w of block first + r of the stream (modulo 2^32): the head floor(w0 heads / 2^32),
/// each as probable; its level, the first with floor(w1 / 2) < threshold; and row floor(w n / 2^64) of the n
/// rows of the table with that level, w = 2^32 w2 + w3. Source of such training by sampling: Xu et al.,
/// "Modeling tabular data using conditional GAN" (2019), section 4.3.
struct DrawConditions {
  static constexpr std::string_view kName = "draw_conditions";
  std::int64_t rows = 0;
  ConditionShape shape;
  float* out = nullptr;  ///< (rows, width): the last shape.levels columns of each become one-hot
  std::int64_t width = 0;
  std::int32_t* chosen = nullptr;   ///< (rows): the level; or null
  RowsByLevel table{};              ///< looked at where `source` is wanted
  std::uint32_t* source = nullptr;  ///< (rows): the row of the table; or null
  std::int64_t first = 0;
  RandomStream random;
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, DrawConditions& op) {
  visit_operands(v, op.shape);
  v.writes(op.out, op.rows * op.width);
  v.writes(op.chosen, op.rows);
  v.reads_own(op.table.own, op.table.first, op.shape.levels + 1);
  v.reads_own(op.table.own, op.table.rows, op.table.size);
  v.writes(op.source, op.rows);
  visit_operands(v, op.random);
}

void draw_conditions(QueueView queue, const DrawConditions& op);
AGON_ON_BACKENDS(void draw_conditions(QueueView queue, const DrawConditions& op));

}  // namespace agon::kernels
