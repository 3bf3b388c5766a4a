#include "kernels/instance_noise.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void instance_noise(QueueView queue, const InstanceNoise& op) {
  run(cpu_generic::instance_noise, cpu_v3::instance_noise, cpu_v4::instance_noise, cuda::instance_noise,
      queue, op);
}

}  // namespace agon::kernels
