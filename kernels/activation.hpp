// Element-wise activations, and the gradient through them, read off the output.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/activation_kind.hpp"
#include "kernels/backends.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

/// y = phi(x) (kernels/activation_kind.hpp).
struct Activation {
  static constexpr std::string_view kName = "activation";
  std::int64_t n = 0;
  const float* x = nullptr;  ///< (n)
  float* y = nullptr;        ///< (n), every element written; may be x itself, else does not overlap it
  ActivationKind kind = ActivationKind::leaky_relu;
  float slope = 1.0f;  ///< leaky_relu's, in [0, 1]
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, Activation& op) {
  if (op.y == op.x) {
    v.updates(op.y, op.n);
    op.x = op.y;
  } else {
    v.reads(op.x, op.n);
    v.writes(op.y, op.n);
  }
}

/// gradient = dy * phi'(x), with phi' written in y = phi(x). Also the tangent through it: phi is applied to
/// each element alone. Nothing overlaps, but for dy that is the gradient's own memory.
struct ActivationBackward {
  static constexpr std::string_view kName = "activation_backward";
  std::int64_t n = 0;
  const float* y = nullptr;   ///< (n)
  const float* dy = nullptr;  ///< (n); may be `gradient` itself
  float* gradient = nullptr;  ///< (n), every element written
  ActivationKind kind = ActivationKind::leaky_relu;
  float slope = 1.0f;
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, ActivationBackward& op) {
  v.reads(op.y, op.n);
  if (op.dy == op.gradient) {
    v.scales(op.gradient, op.n);
    op.dy = op.gradient;
  } else {
    v.reads(op.dy, op.n);
    v.writes(op.gradient, op.n);
  }
}

void activation(QueueView queue, const Activation& op);
void activation_backward(QueueView queue, const ActivationBackward& op);
AGON_ON_BACKENDS(void activation(QueueView queue, const Activation& op));
AGON_ON_BACKENDS(void activation_backward(QueueView queue, const ActivationBackward& op));

}  // namespace agon::kernels
