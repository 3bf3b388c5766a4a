#include "kernels/condition_gradient.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void condition_gradient(QueueView queue, const ConditionGradient& op) {
  run(cpu_generic::condition_gradient, cpu_v3::condition_gradient, cpu_v4::condition_gradient,
      cuda::condition_gradient, queue, op);
}

}  // namespace agon::kernels
