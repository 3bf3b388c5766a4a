// A linear layer's operations: alone, in pairs, and its tangent.
#include "kernels/linear.hpp"

#include "kernels/dispatch.hpp"
#include "kernels/linear_pair.hpp"
#include "kernels/linear_tangent.hpp"

namespace agon::kernels {

void linear_forward(QueueView queue, const LinearForward& op) {
  run(cpu_generic::linear_forward, cpu_v3::linear_forward, cpu_v4::linear_forward, cuda::linear_forward,
      queue, in_its_precision(op));
}

void linear_backward(QueueView queue, const LinearBackward& op) {
  if (queue.device == DeviceKind::cuda)
    return run_on_cuda(cuda::linear_backward, queue, in_its_precision(op), LinearBackward{});
  if (op.dx == nullptr && op.dweight == nullptr) return;
  run_on_processor(cpu_generic::linear_backward, cpu_v3::linear_backward, cpu_v4::linear_backward, queue,
                   in_its_precision(op));
  if (op.update.state != nullptr) adam(queue, op.update);
}

void linear_backward_beside(QueueView queue, const LinearBackwardBeside& op) {
  if (queue.device == DeviceKind::cuda)
    return run_on_cuda(cuda::linear_backward, queue, in_its_precision(op.op), in_its_precision(op.beside));
  linear_backward(queue, op.op);
  linear_backward(queue, op.beside);
}

void linear_pair_forward(QueueView queue, const LinearPairForward& op) {
  if (queue.device == DeviceKind::cuda)
    return run_on_cuda(cuda::linear_pair_forward, queue,
                       LinearPairForward{in_its_precision(op.first), in_its_precision(op.second), op.before});
  linear_forward(queue, op.first);
  linear_forward(queue, op.second);
}

void linear_pair_backward(QueueView queue, const LinearPairBackward& op) {
  if (queue.device == DeviceKind::cuda)
    return run_on_cuda(cuda::linear_pair_backward, queue,
                       LinearPairBackward{in_its_precision(op.second), in_its_precision(op.first)});
  linear_backward(queue, op.second);
  linear_backward(queue, op.first);
}

void linear_tangent(QueueView queue, const LinearTangent& op) {
  run(cpu_generic::linear_tangent, cpu_v3::linear_tangent, cpu_v4::linear_tangent, cuda::linear_tangent,
      queue, in_its_precision(op));
}

}  // namespace agon::kernels
