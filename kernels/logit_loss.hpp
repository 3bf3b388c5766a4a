// A discriminator's last layer with the objective behind it: logits, their gradient, and its way back.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/backends.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/objective.hpp"
#include "kernels/precision.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

/// Behind `bare` rows that have no logit `split` rows are segment 0 (real, or the generator's), the rest
/// segment 1. For row r of segment s, of term[s] (kernels/objective.hpp),
///   z = x_r . weight + bias        dlogits_r = scale[s] slope(z, partner)
///   dx_r = dlogits_r weight * phi'(x_r),    phi'(x) = x > 0 ? 1 : input_slope
/// With scale = 1 / rows of the whole batch that is the gradient of the mean losses of
/// kernels/step_losses.hpp. Where a term is paired rows is 2 split, and row r of one segment is the
/// partner of row r of the other. A segment 1 whose term is none gets logits and nothing else. No output may
/// overlap an input.
///
/// For a gradient penalty at rows [unit_first, unit_first + unit_rows), bare ones among them, row_weight is
/// not null: these rows' dlogits is 1, so that what goes back is the logit's own gradient, and their
/// row_weight what dlogits would have been, 0 of a bare row; the other rows' row_weight is 1.
struct LogitLoss {
  static constexpr std::string_view kName = "logit_loss";
  std::int64_t rows = 0;                  ///< at least 1
  std::int64_t in = 0;                    ///< columns of x, at least 1
  std::int64_t bare = 0;                  ///< all of them unit rows
  std::int64_t split = 0;                 ///< 0 <= bare + split <= rows
  const float* x = nullptr;               ///< (rows, in)
  const float* weight = nullptr;          ///< (1, in)
  const float* bias = nullptr;            ///< (1)
  float* logits[2] = {nullptr, nullptr};  ///< (split) and (rows - bare - split), every element written
  float* dlogits = nullptr;               ///< (judged()), every element written
  float* dx = nullptr;                    ///< (judged(), in), every element written; or null
  float input_slope = 1.0f;               ///< slope of the activation behind x; 1 where x came out of none
  LossTerm term[2] = {};
  float scale[2] = {1.0f, 1.0f};
  std::int64_t unit_first = 0;
  std::int64_t unit_rows = 0;
  float* row_weight = nullptr;  ///< (judged()), every element written; or null: no unit rows

  /// The rows that a gradient goes back through.
  AGON_MEMBER_FORMULA std::int64_t judged() const {
    return term[1].shape == LossShape::none ? bare + split : rows;
  }
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, LogitLoss& op) {
  v.reads(op.x, op.rows * op.in);
  v.reads(op.weight, op.in);
  v.reads(op.bias, 1);
  v.writes(op.logits[0], op.split);
  v.writes(op.logits[1], op.rows - op.bare - op.split);
  v.writes(op.dlogits, op.judged());
  v.writes(op.dx, op.judged() * op.in);
  v.writes(op.row_weight, op.judged());
  v.product(op.rows, op.in, 1, Precision::fp32);
  if (op.dx != nullptr) v.product(op.judged(), op.in, 1, Precision::fp32);
}

/// On CUDA one launch; on the processor linear_forward, loss_gradient, unit_rows and linear_backward.
void logit_loss(QueueView queue, const LogitLoss& op);
AGON_ON_CUDA(void logit_loss(QueueView queue, const LogitLoss& op));

}  // namespace agon::kernels
