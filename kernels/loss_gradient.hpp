// From logits to the gradient of the objective by them.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/backends.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/objective.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

/// Of z, logit i of segment s, with m = count[s] logits,
///   dlogits = scale[s] slope(z, partner), of term[s] (kernels/objective.hpp)      kept = z
/// With scale = 1 / rows of the whole batch that is the gradient of the mean losses of
/// kernels/step_losses.hpp. Where a term is paired both counts are the same, and logit i of one segment is
/// the partner of logit i of the other. A segment 1 whose term is none has no gradient: nothing is written
/// for it but `kept`. `bare` rows before these have no loss; their gradient is 0. No output may overlap an
/// input.
struct LossGradient {
  static constexpr std::string_view kName = "loss_gradient";
  std::int64_t bare = 0;
  std::int64_t count[2] = {0, 0};               ///< at least 0
  const float* logits[2] = {nullptr, nullptr};  ///< (count[s]); may follow each other
  float* kept[2] = {nullptr, nullptr};          ///< (count[s]), a copy for whoever reports the loss; or null
  float* dlogits = nullptr;                     ///< (judged()): bare rows', then segment 0's and 1's
  LossTerm term[2] = {};
  float scale[2] = {1.0f, 1.0f};

  /// The rows that have a gradient.
  AGON_MEMBER_FORMULA std::int64_t judged() const {
    return bare + count[0] + (term[1].shape == LossShape::none ? 0 : count[1]);
  }
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, LossGradient& op) {
  for (int s = 0; s < 2; ++s) v.reads(op.logits[s], op.count[s]);
  for (int s = 0; s < 2; ++s) v.writes(op.kept[s], op.count[s]);
  v.writes(op.dlogits, op.judged());
}

/// Lets a gradient penalty share the objective's sweep back (engine/gan/penalties.cpp): of rows [first,
/// first + count) row_weight becomes what dlogits is, and dlogits 1, so that what goes back is the logit's
/// own gradient. row_weight of every other row becomes 1.
struct UnitRows {
  static constexpr std::string_view kName = "unit_rows";
  std::int64_t rows = 0;
  std::int64_t first = 0;
  std::int64_t count = 0;
  float* dlogits = nullptr;     ///< (rows), updated
  float* row_weight = nullptr;  ///< (rows), every element written
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, UnitRows& op) {
  v.updates(op.dlogits, op.rows);
  v.writes(op.row_weight, op.rows);
}

/// x_r = row_weight_r x_r + y_r.
struct WeightedRows {
  static constexpr std::string_view kName = "weighted_rows";
  std::int64_t rows = 0;
  std::int64_t width = 0;
  const float* row_weight = nullptr;  ///< (rows)
  const float* y = nullptr;           ///< (rows, width)
  float* x = nullptr;                 ///< (rows, width), updated
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, WeightedRows& op) {
  v.reads(op.row_weight, op.rows);
  v.reads(op.y, op.rows * op.width);
  v.updates(op.x, op.rows * op.width);
}

void loss_gradient(QueueView queue, const LossGradient& op);
void unit_rows(QueueView queue, const UnitRows& op);
void weighted_rows(QueueView queue, const WeightedRows& op);
AGON_ON_BACKENDS(void loss_gradient(QueueView queue, const LossGradient& op));
AGON_ON_BACKENDS(void unit_rows(QueueView queue, const UnitRows& op));
AGON_ON_BACKENDS(void weighted_rows(QueueView queue, const WeightedRows& op));

}  // namespace agon::kernels
