// The convolution's operations.
#include "kernels/convolution.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void convolution_forward(QueueView queue, const ConvolutionForward& op) {
  run(cpu_generic::convolution_forward, cpu_v3::convolution_forward, cpu_v4::convolution_forward,
      cuda::convolution_forward, queue, in_its_precision(op));
}

void convolution_backward(QueueView queue, const ConvolutionBackward& op) {
  if (op.dx == nullptr && op.dweight == nullptr && op.dbias == nullptr) return;
  run(cpu_generic::convolution_backward, cpu_v3::convolution_backward, cpu_v4::convolution_backward,
      cuda::convolution_backward, queue, in_its_precision(op));
}

void convolution_tangent(QueueView queue, const ConvolutionTangent& op) {
  run(cpu_generic::convolution_tangent, cpu_v3::convolution_tangent, cpu_v4::convolution_tangent,
      cuda::convolution_tangent, queue, in_its_precision(op));
}

}  // namespace agon::kernels
