#include "kernels/step.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void step_begin(QueueView queue, const StepBegin& op) {
  const std::int64_t drawn = (op.noise.out != nullptr ? op.noise.n : 0) +
                             (op.rows.out != nullptr ? op.rows.wanted() * op.rows.width : 0);
  const Observed observed(queue, "step_begin", drawn);
  run(cpu_generic::step_begin, cpu_v3::step_begin, cpu_v4::step_begin, cuda::step_begin, queue, op);
}

void step_end(QueueView queue, const StepEnd& op) {
  const Observed observed(queue, "step_end", 1);
  run(cpu_generic::step_end, cpu_v3::step_end, cpu_v4::step_end, cuda::step_end, queue, op);
}

void step_end(QueueView queue, const StepEnd& op, const LinearBackward& first, const LinearBackward& second) {
  if (queue.device == DeviceKind::cuda) return run_on_cuda(cuda::step_end, queue, op, first, second);
  linear_backward(queue, first, second);
  step_end(queue, op);
}

}  // namespace agon::kernels
