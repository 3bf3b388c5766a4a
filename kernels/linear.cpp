// A linear layer's operations: alone, in pairs, and its tangent.
#include "kernels/linear.hpp"

#include "kernels/dispatch.hpp"
#include "kernels/linear_pair.hpp"
#include "kernels/linear_tangent.hpp"

namespace agon::kernels {
namespace {

/// A layer that does so many products of the shape's three extents.
Operation products_of(std::string_view name, const LinearShape& s, int products) {
  return {name, s.batch, s.in, s.out, products * s.batch * s.in * s.out};
}

}  // namespace

void linear_forward(QueueView queue, const LinearForward& asked) {
  const LinearForward op = in_its_precision(asked);
  if (Rehearsal* const rehearsal = Rehearsal::current()) return rehearsal->note(op);
  const Observed observed(queue, products_of("linear_forward", op.shape, 1));
  run(cpu_generic::linear_forward, cpu_v3::linear_forward, cpu_v4::linear_forward, cuda::linear_forward,
      queue, op);
}

void linear_backward(QueueView queue, const LinearBackward& op) { linear_backward(queue, op, {}); }
void linear_backward(QueueView queue, const LinearBackward& asked, const LinearBackward& asked_beside) {
  const LinearBackward op = in_its_precision(asked), beside = in_its_precision(asked_beside);
  if (Rehearsal* const rehearsal = Rehearsal::current()) return rehearsal->note(op, beside);
  if (queue.device == DeviceKind::cuda) return run_on_cuda(cuda::linear_backward, queue, op, beside);
  for (const LinearBackward* one : {&op, &beside}) {
    if (one->dx == nullptr && one->dweight == nullptr) continue;
    {
      const int products = (one->dx != nullptr) + (one->dweight != nullptr);
      const Observed observed(queue, products_of("linear_backward", one->shape, products));
      run_on_processor(cpu_generic::linear_backward, cpu_v3::linear_backward, cpu_v4::linear_backward, queue,
                       *one);
    }
    if (one->update.state != nullptr) adam(queue, layer_update(*one));
  }
}

void linear_pair_forward(QueueView queue, const LinearPairForward& op) {
  const bool rehearsed = Rehearsal::current() != nullptr;
  if (rehearsed && in_one_launch(op)) return;
  if (queue.device == DeviceKind::cuda && !rehearsed)
    return run_on_cuda(cuda::linear_pair_forward, queue,
                       LinearPairForward{in_its_precision(op.first), in_its_precision(op.second)});
  linear_forward(queue, op.first);
  linear_forward(queue, op.second);
}

void linear_pair_backward(QueueView queue, const LinearPairBackward& op) {
  const bool rehearsed = Rehearsal::current() != nullptr;
  if (rehearsed && in_one_launch(op)) return;
  if (queue.device == DeviceKind::cuda && !rehearsed)
    return run_on_cuda(cuda::linear_pair_backward, queue,
                       LinearPairBackward{in_its_precision(op.second), in_its_precision(op.first)});
  linear_backward(queue, op.second);
  linear_backward(queue, op.first);
}

void linear_tangent(QueueView queue, const LinearTangent& asked) {
  const LinearTangent op = in_its_precision(asked);
  if (Rehearsal* const rehearsal = Rehearsal::current()) return rehearsal->note(op);
  const Observed observed(queue, products_of("linear_tangent", op.shape, 1));
  run(cpu_generic::linear_tangent, cpu_v3::linear_tangent, cpu_v4::linear_tangent, cuda::linear_tangent,
      queue, op);
}

}  // namespace agon::kernels
