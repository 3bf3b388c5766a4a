// Convolution and transposed convolution with their LeakyReLU: forward, backward, tangent.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/backends.hpp"
#include "kernels/convolution_shape.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/layer_choice.hpp"
#include "kernels/linear.hpp"
#include "kernels/precision.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

// With x of shape.in(), y of shape.out(), F the fine and C the coarse one of the two, a weight W of group g
// joins the pair of elements
//   F(n, s u + i - padding, s v + j - padding, g fine_group + c)  and  C(n, u, v, k),  k of group g,
// by W(k, i, j, c), s the stride. A convolution sums over what a coarse element is joined to; a transposed
// one over what a fine element is joined to. What lies outside of the fine image is 0. No output may overlap
// an input.

/// The precision of a convolution's products where `wanted` is asked for: fp32 where either image has at most
/// kThin channels, as of a thin linear layer. Pictures and logits go through such.
AGON_FORMULA constexpr Precision precision_of(const ConvolutionShape& shape, Precision wanted) {
  return shape.fine.channels <= kThin || shape.coarse_channels <= kThin ? Precision::fp32 : wanted;
}

/// y = phi(convolution of x + bias), phi(z) = z > 0 ? z : slope z.
struct ConvolutionForward {
  static constexpr std::string_view kName = "convolution_forward";
  ConvolutionShape shape;
  const float* x = nullptr;       ///< (batch, in)
  const float* weight = nullptr;  ///< (coarse channels, kernel, kernel, fine channels / groups)
  const float* bias = nullptr;    ///< (out channels)
  float* y = nullptr;             ///< (batch, out), every element written
  float slope = 1.0f;             ///< in [0, 1]; 1 leaves the output linear
  Precision precision = Precision::fp32;
  LayerChoice choice{};
};

template <class Visitor>
AGON_FORMULA void visit_product(Visitor& v, const ConvolutionShape& shape, Precision wanted) {
  v.product(shape.coarse_pixels(), shape.patch(), shape.coarse_channels, precision_of(shape, wanted));
}

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, ConvolutionForward& op) {
  v.reads(op.x, op.shape.in_size());
  v.reads(op.weight, op.shape.weights());
  v.reads(op.bias, op.shape.out().channels);
  v.writes(op.y, op.shape.out_size());
  visit_product(v, op.shape, op.precision);
}

/// From dz, the gradient before this layer's activation, to
///   dweight        of all images and places together
///   dbias          sums of dz over images and pixels; with row_weight, of row_weight_n dz_n
///   dx             times phi'(x) = x > 0 ? 1 : input_slope: x came out of an activation (kernels/linear.hpp)
/// Any of them may be null and is then not computed. dx is overwritten; dweight and dbias are, too, or added
/// to.
struct ConvolutionBackward {
  static constexpr std::string_view kName = "convolution_backward";
  ConvolutionShape shape;
  const float* x = nullptr;           ///< (batch, in), this layer's input
  const float* weight = nullptr;      ///< as above; not read when dx is null
  const float* dz = nullptr;          ///< (batch, out)
  float* dx = nullptr;                ///< (batch, in) or null
  float* dweight = nullptr;           ///< as weight, or null
  float* dbias = nullptr;             ///< (out channels) or null
  const float* row_weight = nullptr;  ///< (batch), or null: 1
  bool accumulate = false;            ///< dweight and dbias are added to what is there
  float input_slope = 1.0f;           ///< slope of the activation behind x; 1 where x came out of none
  Precision precision = Precision::fp32;
  LayerChoice choice{};
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, ConvolutionBackward& op) {
  v.reads(op.x, op.shape.in_size());
  v.reads(op.weight, op.dx == nullptr ? 0 : op.shape.weights());
  v.reads(op.dz, op.shape.out_size());
  v.writes(op.dx, op.shape.in_size());
  v.writes_or_adds(op.accumulate, op.dweight, op.shape.weights());
  v.writes_or_adds(op.accumulate, op.dbias, op.shape.out().channels);
  v.reads(op.row_weight, op.shape.batch);
  if (op.dx != nullptr) visit_product(v, op.shape, op.precision);
  if (op.dweight != nullptr) visit_product(v, op.shape, op.precision);
}

/// With a the layer's output after its activation, phi'(a) = a > 0 ? 1 : slope, and image n of the batch,
///   y = (convolution of x) * phi'(a)        a_n = row_weight_n a_n + y_n
/// as kernels/linear_tangent.hpp has it for a linear layer. Without row_weight a is only read, and without
/// an activation y = convolution of x.
struct ConvolutionTangent {
  static constexpr std::string_view kName = "convolution_tangent";
  ConvolutionShape shape;
  const float* x = nullptr;           ///< (batch, in)
  const float* weight = nullptr;      ///< as above
  float* activation = nullptr;        ///< (batch, out), updated where there are row weights; or null
  const float* row_weight = nullptr;  ///< (batch) or null
  float* y = nullptr;                 ///< (batch, out), every element written
  float slope = 1.0f;                 ///< in [0, 1]
  Precision precision = Precision::fp32;
  LayerChoice choice{};
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, ConvolutionTangent& op) {
  v.reads(op.x, op.shape.in_size());
  v.reads(op.weight, op.shape.weights());
  v.updates_if(op.row_weight != nullptr, op.activation, op.shape.out_size());
  v.reads(op.row_weight, op.shape.batch);
  v.writes(op.y, op.shape.out_size());
  visit_product(v, op.shape, op.precision);
}

/// With the launches that add up a dweight and a dbias in pieces.
std::int64_t launch_count(const ConvolutionForward& op, int multiprocessors);
std::int64_t launch_count(const ConvolutionBackward& op, int multiprocessors);
std::int64_t launch_count(const ConvolutionTangent& op, int multiprocessors);

/// Sources: LeCun et al., "Gradient-based learning applied to document recognition" (1998); transposed:
/// Dumoulin, Visin, "A guide to convolution arithmetic for deep learning" (2016). The gradients are the chain
/// rule; the tangent's as in kernels/linear_tangent.hpp. A kernel of twice the stride between many channels
/// is done with fewer multiplications on the processor (kernels/cpu/convolution/winograd.hpp): rounding
/// errors are those of sums with the pixels beside, too. Throws DeviceError where a coarse pixel sees more
/// than kMostPatch elements, or where there is more than a kernel of the device counts.
void convolution_forward(QueueView queue, const ConvolutionForward& op);
void convolution_backward(QueueView queue, const ConvolutionBackward& op);
void convolution_tangent(QueueView queue, const ConvolutionTangent& op);
AGON_ON_BACKENDS(void convolution_forward(QueueView queue, const ConvolutionForward& op));
AGON_ON_BACKENDS(void convolution_backward(QueueView queue, const ConvolutionBackward& op));
AGON_ON_BACKENDS(void convolution_tangent(QueueView queue, const ConvolutionTangent& op));

}  // namespace agon::kernels
