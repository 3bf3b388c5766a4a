#include "kernels/class_logit.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void class_logit(QueueView queue, const ClassLogit& op) {
  run(cpu_generic::class_logit, cpu_v3::class_logit, cpu_v4::class_logit, cuda::class_logit, queue, op);
}

void class_logit_backward(QueueView queue, const ClassLogitBackward& op) {
  run(cpu_generic::class_logit_backward, cpu_v3::class_logit_backward, cpu_v4::class_logit_backward,
      cuda::class_logit_backward, queue, op);
}

}  // namespace agon::kernels
