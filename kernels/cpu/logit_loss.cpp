#include "kernels/logit_loss.hpp"

#include "kernels/formula/objective.hpp"
#include "kernels/linear.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

/// Rows [begin, end), which lie in one segment.
void segment_logits(QueueView queue, const LogitLoss& op, std::int64_t begin, std::int64_t end,
                    float* logits) {
  if (begin == end) return;
  AGON_CPU_VARIANT::linear_forward(queue, {.shape = {end - begin, op.in, 1},
                                           .x = op.x + begin * op.in,
                                           .weight = op.weight,
                                           .bias = op.bias,
                                           .y = logits});
}

template <LossShape shape, bool paired>
void segment_gradients(const LogitLoss& op, int s, float* dlogits, std::int64_t count) {
  const float* const logits = op.logits[s];
  const float* const partners = op.logits[1 - s];
  const LossTerm term = op.term[s];
  const float scale = op.scale[s];
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i)
    dlogits[i] =
        scale * formula::objective_element<shape, paired>(term, logits[i], paired ? partners[i] : 0.0f).slope;
}

void segment_gradients(const LogitLoss& op, int s, float* dlogits, std::int64_t count) {
  switch (op.term[s].shape) {
    case LossShape::logistic:
      return op.term[s].paired ? segment_gradients<LossShape::logistic, true>(op, s, dlogits, count)
                               : segment_gradients<LossShape::logistic, false>(op, s, dlogits, count);
    case LossShape::hinge:
      return segment_gradients<LossShape::hinge, false>(op, s, dlogits, count);
    case LossShape::square:
      return segment_gradients<LossShape::square, false>(op, s, dlogits, count);
    case LossShape::linear:
      return segment_gradients<LossShape::linear, false>(op, s, dlogits, count);
    case LossShape::none:
      return segment_gradients<LossShape::none, false>(op, s, dlogits, count);
  }
}

/// dlogits is there but for the bare rows.
void set_unit_rows(const LogitLoss& op) {
  const std::int64_t rows = op.judged(), end = op.unit_first + op.unit_rows;
  for (std::int64_t r = 0; r < rows; ++r) {
    const bool unit = r >= op.unit_first && r < end;
    op.row_weight[r] = !unit ? 1.0f : r < op.bare ? 0.0f : op.dlogits[r];
    if (unit) op.dlogits[r] = 1.0f;
  }
}

}  // namespace

void logit_loss(QueueView queue, const LogitLoss& op) {
  const std::int64_t second = op.bare + op.split;  // where segment 1 begins
  if (op.logits[1] == op.logits[0] + op.split) {
    segment_logits(queue, op, op.bare, op.rows, op.logits[0]);
  } else {
    segment_logits(queue, op, op.bare, second, op.logits[0]);
    segment_logits(queue, op, second, op.rows, op.logits[1]);
  }
  segment_gradients(op, 0, op.dlogits + op.bare, op.split);
  segment_gradients(op, 1, op.dlogits + second, op.judged() - second);
  if (op.row_weight != nullptr) set_unit_rows(op);
  if (op.dx == nullptr || op.judged() == 0) return;
  AGON_CPU_VARIANT::linear_backward(queue, {.shape = {op.judged(), op.in, 1},
                                            .x = op.x,
                                            .weight = op.weight,
                                            .dz = op.dlogits,
                                            .dx = op.dx,
                                            .input_slope = op.input_slope});
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
