// A convolution's operations, as passes between its two images and sums over them.
#include "kernels/convolution.hpp"

#include "kernels/cuda/convolution/pass.cuh"

namespace agon::kernels::cuda {
namespace {

void run_pass(QueueView queue, const ConvolutionPass& pass, bool up) {
  up ? convolution_up(queue, pass) : convolution_down(queue, pass);
}

}  // namespace

void convolution_forward(QueueView queue, const ConvolutionForward& op) {
  run_pass(queue,
           {.shape = op.shape,
            .from = op.x,
            .weight = op.weight,
            .to = op.y,
            .bias = op.bias,
            .slope = op.slope,
            .precision = op.precision},
           op.shape.transposed);
}

void convolution_tangent(QueueView queue, const ConvolutionTangent& op) {
  const bool active = op.activation != nullptr;
  run_pass(queue,
           {.shape = op.shape,
            .from = op.x,
            .weight = op.weight,
            .to = op.y,
            .activation = op.activation,
            .updated = op.row_weight == nullptr ? nullptr : op.activation,
            .row_weight = op.row_weight,
            .slope = active ? op.slope : 1.0f,
            .precision = op.precision},
           op.shape.transposed);
}

void convolution_backward(QueueView queue, const ConvolutionBackward& op) {
  if (op.dx != nullptr)
    run_pass(queue,
             {.shape = op.shape,
              .from = op.dz,
              .weight = op.weight,
              .to = op.dx,
              .activation = op.input_slope == 1.0f ? nullptr : op.x,
              .slope = op.input_slope,
              .precision = op.precision},
             !op.shape.transposed);
  if (op.dweight != nullptr) convolution_weight_gradient(queue, op);
  if (op.dbias != nullptr) convolution_bias_gradient(queue, op);
}

}  // namespace agon::kernels::cuda
