// Convolutions by cuDNN, with what follows them in the same graph (library/fused_graph.hpp).
#include "kernels/cuda/convolution/backends.hpp"
#include "kernels/cuda/library/fused_cache.hpp"
#include "kernels/cuda/linear/backends.hpp"

namespace agon::kernels::cuda {
namespace {

using Behind = FusedConvolution::Behind;

/// A convolution's own way, or the way back.
ConvolutionWay way(const ConvolutionShape& shape, bool forward) {
  return shape.transposed == forward ? ConvolutionWay::up : ConvolutionWay::down;
}

FusedConvolution graph_of(const ConvolutionForward& op) {
  return {.shape = op.shape,
          .way = way(op.shape, true),
          .behind = Behind::bias,
          .slope = op.slope,
          .precision = op.precision};
}
FusedOperands pointers_of(const ConvolutionForward& op) { return {op.x, op.weight, op.bias, op.y}; }

FusedConvolution graph_of(const ConvolutionTangent& op) {
  return {.shape = op.shape, .way = way(op.shape, true), .precision = op.precision};
}
FusedOperands pointers_of(const ConvolutionTangent& op) { return {op.x, op.weight, nullptr, op.y}; }

FusedConvolution input_graph(const ConvolutionBackward& op) {
  return {.shape = op.shape,
          .way = way(op.shape, false),
          .behind = op.input_slope == 1.0f ? Behind::nothing : Behind::derivative,
          .slope = op.input_slope,
          .precision = op.precision};
}
FusedOperands input_pointers(const ConvolutionBackward& op) {
  return {op.dz, op.weight, op.input_slope == 1.0f ? nullptr : op.x, op.dx};
}

FusedConvolution weight_graph(const ConvolutionBackward& op) {
  return {.shape = op.shape, .way = ConvolutionWay::weights, .precision = op.precision};
}
FusedOperands weight_pointers(const ConvolutionBackward& op) {
  return op.shape.transposed ? FusedOperands{op.dz, op.x, nullptr, op.dweight}
                             : FusedOperands{op.x, op.dz, nullptr, op.dweight};
}

}  // namespace

bool convolution_forward_library(QueueView queue, const ConvolutionForward& op) {
  return fused_compute(queue, graph_of(op), pointers_of(op), op.choice.algorithm);
}

bool convolution_tangent_library(QueueView queue, const ConvolutionTangent& op) {
  if (!fused_compute(queue, graph_of(op), pointers_of(op), op.choice.algorithm)) return false;
  tangent_of_product(queue, {.shape = {op.shape.batch, op.shape.in().size(), op.shape.out().size()},
                             .activation = op.activation,
                             .row_weight = op.row_weight,
                             .y = op.y,
                             .slope = op.slope});
  return true;
}

bool convolution_input_library(QueueView queue, const ConvolutionBackward& op) {
  return fused_compute(queue, input_graph(op), input_pointers(op), op.choice.algorithm);
}

bool convolution_weight_library(QueueView queue, const ConvolutionBackward& op) {
  return fused_compute(queue, weight_graph(op), weight_pointers(op), op.choice.algorithm);
}

std::vector<std::uint8_t> convolution_library_algorithms(const ConvolutionForward& op) {
  return fused_plans(graph_of(op), pointers_of(op));
}
std::vector<std::uint8_t> convolution_library_algorithms(const ConvolutionTangent& op) {
  return fused_plans(graph_of(op), pointers_of(op));
}
std::vector<std::uint8_t> convolution_library_algorithms(const ConvolutionBackward& op) {
  return op.dweight != nullptr ? fused_plans(weight_graph(op), weight_pointers(op))
                               : fused_plans(input_graph(op), input_pointers(op));
}

}  // namespace agon::kernels::cuda
