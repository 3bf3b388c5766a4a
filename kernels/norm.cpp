#include "kernels/norm.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void norm_forward(QueueView queue, const NormForward& op) {
  run(cpu_generic::norm_forward, cpu_v3::norm_forward, cpu_v4::norm_forward, cuda::norm_forward, queue, op);
}

void norm_backward(QueueView queue, const NormBackward& op) {
  run(cpu_generic::norm_backward, cpu_v3::norm_backward, cpu_v4::norm_backward, cuda::norm_backward, queue,
      op);
}

}  // namespace agon::kernels
