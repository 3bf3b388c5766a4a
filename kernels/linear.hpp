// Fully connected layer with its LeakyReLU, forward and backward.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "kernels/adam.hpp"
#include "kernels/backends.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/layer_choice.hpp"
#include "kernels/linear_shape.hpp"
#include "kernels/precision.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

/// Layers with at most this many inputs or outputs are thin: their products are fp32's in every precision.
/// They are a percent of a network's work, and a table's rows and the logits go through them.
inline constexpr std::int64_t kThin = 16;

/// The precision of the layer's products where `wanted` is asked for.
AGON_FORMULA constexpr Precision precision_of(const LinearShape& shape, Precision wanted) {
  return shape.in <= kThin || shape.out <= kThin ? Precision::fp32 : wanted;
}

/// The layer with its products' precision instead of the network's: one rule for every device.
template <class Layer>
Layer in_its_precision(Layer op) {
  op.precision = precision_of(op.shape, op.precision);
  return op;
}

template <class Visitor>
AGON_FORMULA void visit_product(Visitor& v, const LinearShape& shape, Precision wanted) {
  v.product(shape.batch, shape.in, shape.out, precision_of(shape, wanted));
}

/// y = phi(x W^T + b), phi(z) = z > 0 ? z : slope z. All row-major. No output may overlap an input.
struct LinearForward {
  static constexpr std::string_view kName = "linear_forward";
  LinearShape shape;
  const float* x = nullptr;       ///< (batch, in)
  const float* weight = nullptr;  ///< (out, in)
  const float* bias = nullptr;    ///< (out)
  float* y = nullptr;             ///< (batch, out), every element written
  float slope = 1.0f;             ///< in [0, 1]; 1 leaves the output linear
  Precision precision = Precision::fp32;
  LayerChoice choice{};
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, LinearForward& op) {
  v.reads(op.x, op.shape.batch * op.shape.in);
  v.reads(op.weight, op.shape.out * op.shape.in);
  v.reads(op.bias, op.shape.out);
  v.writes(op.y, op.shape.batch * op.shape.out);
  visit_product(v, op.shape, op.precision);
}

/// From dz, the gradient before this layer's activation, to the gradients of its parameters and, with the
/// activation that produced this layer's *input* folded in, to the dz of the layer before:
///   dweight = dz^T x        dbias = column sums of dz        dx = (dz W) * phi'(x)
/// phi'(x) = x > 0 ? 1 : input_slope: LeakyReLU keeps the sign, so its derivative is read off its output and
/// no mask is stored. Any of dx and (dweight, dbias) may be null and is then not computed; dweight and dbias
/// are null together. dx is overwritten; dweight and dbias are, too, or added to. No output may overlap an
/// input. With row_weight, dbias is the column sums of row_weight_r dz_r.
///
/// With update.state set, the finished gradients go through Adam at once: update.gradient is dweight, and
/// dbias lies behind it with at most 15 zeroes between. dx is of the weight as it was; so the two may not be
/// asked for together then.
struct LinearBackward {
  static constexpr std::string_view kName = "linear_backward";
  LinearShape shape;
  const float* x = nullptr;           ///< (batch, in), this layer's input
  const float* weight = nullptr;      ///< (out, in); not read when dx is null
  const float* dz = nullptr;          ///< (batch, out)
  float* dx = nullptr;                ///< (batch, in) or null
  float* dweight = nullptr;           ///< (out, in) or null
  float* dbias = nullptr;             ///< (out) or null
  const float* row_weight = nullptr;  ///< (batch), or null: 1
  bool accumulate = false;            ///< dweight and dbias are added to what is there
  Adam update{};                      ///< applied where update.state is set
  float input_slope = 1.0f;           ///< slope of the activation behind x; 1 where x came out of none
  Precision precision = Precision::fp32;
  LayerChoice choice{};
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, LinearBackward& op) {
  v.reads(op.x, op.shape.batch * op.shape.in);
  v.reads(op.weight, op.dx == nullptr ? 0 : op.shape.out * op.shape.in);
  v.reads(op.dz, op.shape.batch * op.shape.out);
  v.writes(op.dx, op.shape.batch * op.shape.in);
  v.writes_or_adds(op.accumulate, op.dweight, op.shape.out * op.shape.in);
  v.writes_or_adds(op.accumulate, op.dbias, op.shape.out);
  v.reads(op.row_weight, op.shape.batch);
  if (op.dx != nullptr) visit_product(v, op.shape, op.precision);
  if (op.dweight != nullptr) visit_product(v, op.shape, op.precision);
  visit_operands(v, op.update);
}

/// Two that know nothing of each other: no output or updated parameter of one is read by the other.
struct LinearBackwardBeside {
  static constexpr std::string_view kName = "linear_backward_beside";
  LinearBackward op;
  LinearBackward beside;
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, LinearBackwardBeside& both) {
  visit_operands(v, both.op);
  v.at_once();
  visit_operands(v, both.beside);
}

/// With the launches that add up a dweight in pieces.
std::int64_t launch_count(const LinearBackward& op, int multiprocessors);
std::int64_t launch_count(const LinearBackwardBeside& both, int multiprocessors);

/// Source: Maas, Hannun, Ng, "Rectifier nonlinearities improve neural network acoustic models" (2013) for
/// LeakyReLU; the gradients are the chain rule.
void linear_forward(QueueView queue, const LinearForward& op);
void linear_backward(QueueView queue, const LinearBackward& op);
/// Either may be without outputs, and is then nothing. On CUDA one launch where their shapes and choices
/// allow: both by our kernels, on the same tiles or one of them thin.
void linear_backward_beside(QueueView queue, const LinearBackwardBeside& op);
AGON_ON_BACKENDS(void linear_forward(QueueView queue, const LinearForward& op));
AGON_ON_PROCESSOR(void linear_backward(QueueView queue, const LinearBackward& op));
AGON_ON_CUDA(void linear_backward(QueueView queue, const LinearBackward& op, const LinearBackward& beside));

}  // namespace agon::kernels
