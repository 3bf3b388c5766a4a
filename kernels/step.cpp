#include "kernels/step.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void step_begin(QueueView queue, const StepBegin& op) {
  run(cpu_generic::step_begin, cpu_v3::step_begin, cpu_v4::step_begin, cuda::step_begin, queue, op);
}

void step_end(QueueView queue, const StepEnd& op) {
  run(cpu_generic::step_end, cpu_v3::step_end, cpu_v4::step_end, cuda::step_end, queue, op);
}

void step_end_beside(QueueView queue, const StepEndBeside& op) {
  const auto& [first, second] = op.gradients;
  if (queue.device == DeviceKind::cuda)
    return run_on_cuda(cuda::step_end, queue, op.end, in_its_precision(first), in_its_precision(second));
  linear_backward_beside(queue, op.gradients);
  step_end(queue, op.end);
}

}  // namespace agon::kernels
