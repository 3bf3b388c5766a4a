// The end of a generator of records: from scores to the row that the discriminator reads, and the way back.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/backends.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/queue.hpp"
#include "kernels/record_shape.hpp"

namespace agon::kernels {

/// Each head's levels as its choice says, each number's columns as its link says (kernels/record_kind.hpp);
/// 0 where its gate's level is 0.
struct RecordHeads {
  static constexpr std::string_view kName = "record_heads";
  std::int64_t rows = 0;
  RecordShape shape;
  const float* scores = nullptr;  ///< (rows, shape.scores())
  float* y = nullptr;             ///< (rows, shape.width()), all but what is beside the record written
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, RecordHeads& op) {
  visit_operands(v, op.shape);
  v.reads(op.scores, op.rows * op.shape.scores());
  v.writes(op.y, op.rows * op.shape.width());
}

/// The gradient by the scores, as if a head's levels were p = softmax(logits / t), t the temperature of its
/// choice: dlogit = p (d - sum p d) / t with d the gradient by the levels, to which a gate adds the gradient
/// by its number's columns times what they are ungated. A number's is exact: dscore = du du/dscore, 0 where
/// its gate's level is 0.
struct RecordHeadsBackward {
  static constexpr std::string_view kName = "record_heads_backward";
  std::int64_t rows = 0;
  RecordShape shape;
  const float* scores = nullptr;  ///< (rows, shape.scores())
  const float* dy = nullptr;      ///< (rows, shape.width())
  float* dscores = nullptr;       ///< (rows, shape.scores()), every element written
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, RecordHeadsBackward& op) {
  visit_operands(v, op.shape);
  v.reads(op.scores, op.rows * op.shape.scores());
  v.reads(op.dy, op.rows * op.shape.width());
  v.writes(op.dscores, op.rows * op.shape.scores());
}

void record_heads(QueueView queue, const RecordHeads& op);
void record_heads_backward(QueueView queue, const RecordHeadsBackward& op);
AGON_ON_BACKENDS(void record_heads(QueueView queue, const RecordHeads& op));
AGON_ON_BACKENDS(void record_heads_backward(QueueView queue, const RecordHeadsBackward& op));

}  // namespace agon::kernels
