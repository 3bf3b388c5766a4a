// A layer's tangent, and beside it what the weight gradients of a gradient penalty are taken with.
#pragma once

#include <string_view>

#include "kernels/backends.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/linear.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

/// With a the layer's output after its activation, phi'(a) = a > 0 ? 1 : slope, and row r of the batch,
///   y = (x W^T) * phi'(a)        a_r = row_weight_r a_r + y_r
/// y is how a changes when the layer's input changes along x: the forward sweep without biases. Without
/// row_weight a is only read, and without an activation y = x W^T. Of the discriminator's deltas
/// (kernels/logit_loss.hpp) and the updated activations the penalised weight gradients are linear_backward's,
/// and with the row weights the bias gradients. All row-major; no output may overlap an input, or the other
/// one.
struct LinearTangent {
  static constexpr std::string_view kName = "linear_tangent";
  LinearShape shape;
  const float* x = nullptr;           ///< (batch, in)
  const float* weight = nullptr;      ///< (out, in)
  float* activation = nullptr;        ///< (batch, out), updated where there are row weights; or null
  const float* row_weight = nullptr;  ///< (batch) or null
  float* y = nullptr;                 ///< (batch, out), every element written
  float slope = 1.0f;                 ///< in [0, 1]
  Precision precision = Precision::fp32;
  LayerChoice choice{};  ///< LayerBackend::fused, which has no tangents, counts as automatic
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, LinearTangent& op) {
  v.reads(op.x, op.shape.batch * op.shape.in);
  v.reads(op.weight, op.shape.out * op.shape.in);
  v.updates_if(op.row_weight != nullptr, op.activation, op.shape.batch * op.shape.out);
  v.reads(op.row_weight, op.shape.batch);
  v.writes(op.y, op.shape.batch * op.shape.out);
  visit_product(v, op.shape, op.precision);
}

/// Source: Pearlmutter, "Fast exact multiplication by the Hessian" (1994), for a piecewise linear activation,
/// whose second derivative is zero.
void linear_tangent(QueueView queue, const LinearTangent& op);
AGON_ON_BACKENDS(void linear_tangent(QueueView queue, const LinearTangent& op));

}  // namespace agon::kernels
