// Element-wise activations, and the gradient through them, read off the output.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/activation_kind.hpp"
#include "kernels/backends.hpp"
#include "kernels/formula/in_place.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

/// y = phi(x) (kernels/activation_kind.hpp), in place of x.
struct Activation {
  static constexpr std::string_view kName = "activation";
  std::int64_t n = 0;
  float* y = nullptr;  ///< (n): x, overwritten by y
  ActivationKind kind = ActivationKind::leaky_relu;
  float slope = 1.0f;  ///< leaky_relu's, in [0, 1]
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, Activation& op) {
  v.updates(op.y, op.n);
}

/// gradient = dy * phi'(x), with phi' written in y = phi(x). Also the tangent through it: phi is applied to
/// each element alone.
struct ActivationBackward {
  static constexpr std::string_view kName = "activation_backward";
  std::int64_t n = 0;
  const float* y = nullptr;              ///< (n)
  formula::InPlaceOr<const float> dy{};  ///< (n), or in place of `gradient`
  float* gradient = nullptr;             ///< (n), every element written
  ActivationKind kind = ActivationKind::leaky_relu;
  float slope = 1.0f;
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, ActivationBackward& op) {
  v.reads(op.y, op.n);
  if (op.dy.in_place()) {
    v.scales(op.gradient, op.n);
  } else {
    v.reads(op.dy.own, op.n);
    v.writes(op.gradient, op.n);
  }
}

void activation(QueueView queue, const Activation& op);
void activation_backward(QueueView queue, const ActivationBackward& op);
AGON_ON_BACKENDS(void activation(QueueView queue, const Activation& op));
AGON_ON_BACKENDS(void activation_backward(QueueView queue, const ActivationBackward& op));

}  // namespace agon::kernels
