#include "kernels/activation.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void activation(QueueView queue, const Activation& op) {
  run(cpu_generic::activation, cpu_v3::activation, cpu_v4::activation, cuda::activation, queue, op);
}

void activation_backward(QueueView queue, const ActivationBackward& op) {
  run(cpu_generic::activation_backward, cpu_v3::activation_backward, cpu_v4::activation_backward,
      cuda::activation_backward, queue, op);
}

}  // namespace agon::kernels
