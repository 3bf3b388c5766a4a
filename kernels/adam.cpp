#include "kernels/adam.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void adam(QueueView queue, const Adam& op) {
  run(cpu_generic::adam, cpu_v3::adam, cpu_v4::adam, cuda::adam, queue, op);
}

}  // namespace agon::kernels
