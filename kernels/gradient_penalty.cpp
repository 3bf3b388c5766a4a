#include "kernels/gradient_penalty.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void gradient_penalty(QueueView queue, const GradientPenalty& op) {
  run(cpu_generic::gradient_penalty, cpu_v3::gradient_penalty, cpu_v4::gradient_penalty,
      cuda::gradient_penalty, queue, op);
}

}  // namespace agon::kernels
