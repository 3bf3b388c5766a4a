// How well a generator's heads keep to what they were asked for.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/backends.hpp"
#include "kernels/condition_shape.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

/// Adds to dscores the gradient of scale times the sum of the rows' cross-entropies -log p[chosen], p the
/// softmax of the scores of the chosen level's head: in that head's columns scale (p - one-hot), in no other.
struct ConditionGradient {
  static constexpr std::string_view kName = "condition_gradient";
  std::int64_t rows = 0;
  std::int64_t width = 0;
  ConditionShape shape;
  const std::int32_t* chosen = nullptr;  ///< (rows), levels as the shape counts them
  const float* scores = nullptr;         ///< (rows, width)
  float* dscores = nullptr;              ///< (rows, width), updated
  float scale = 1.0f;
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, ConditionGradient& op) {
  visit_operands(v, op.shape);
  v.reads(op.chosen, op.rows);
  v.reads(op.scores, op.rows * op.width);
  v.updates(op.dscores, op.rows * op.width);
}

void condition_gradient(QueueView queue, const ConditionGradient& op);
AGON_ON_BACKENDS(void condition_gradient(QueueView queue, const ConditionGradient& op));

}  // namespace agon::kernels
