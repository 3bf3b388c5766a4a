// The convolution's operations.
#include "kernels/convolution.hpp"

#include <string>

#include "kernels/dispatch.hpp"
#include "kernels/error.hpp"

namespace agon::kernels {
namespace {

template <class Op>
Op as_run(const Op& op) {
  if (op.shape.taps() * op.shape.fine.channels > kMostPatch)
    throw DeviceError("a convolution with a kernel of " + std::to_string(op.shape.kernel) + " x " +
                      std::to_string(op.shape.kernel) + " over " + std::to_string(op.shape.fine.channels) +
                      " channels: too large");
  return in_its_precision(op);
}

}  // namespace

void convolution_forward(QueueView queue, const ConvolutionForward& op) {
  run(cpu_generic::convolution_forward, cpu_v3::convolution_forward, cpu_v4::convolution_forward,
      cuda::convolution_forward, queue, as_run(op));
}

void convolution_backward(QueueView queue, const ConvolutionBackward& op) {
  if (op.dx == nullptr && op.dweight == nullptr && op.dbias == nullptr) return;
  run(cpu_generic::convolution_backward, cpu_v3::convolution_backward, cpu_v4::convolution_backward,
      cuda::convolution_backward, queue, as_run(op));
}

void convolution_tangent(QueueView queue, const ConvolutionTangent& op) {
  run(cpu_generic::convolution_tangent, cpu_v3::convolution_tangent, cpu_v4::convolution_tangent,
      cuda::convolution_tangent, queue, as_run(op));
}

}  // namespace agon::kernels
