#include "kernels/gumbel_noise.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void gumbel_noise(QueueView queue, const GumbelNoise& op) {
  run(cpu_generic::gumbel_noise, cpu_v3::gumbel_noise, cpu_v4::gumbel_noise, cuda::gumbel_noise, queue, op);
}

}  // namespace agon::kernels
