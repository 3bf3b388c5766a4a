#include "kernels/gradient_norm.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void gradient_norm(QueueView queue, const GradientNorm& op) {
  run(cpu_generic::gradient_norm, cpu_v3::gradient_norm, cpu_v4::gradient_norm, cuda::gradient_norm, queue,
      op);
}

}  // namespace agon::kernels
