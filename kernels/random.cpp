#include "kernels/random.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void uniform_fill(QueueView queue, const UniformFill& op) {
  run(cpu_generic::uniform_fill, cpu_v3::uniform_fill, cpu_v4::uniform_fill, cuda::uniform_fill, queue, op);
}

void normal_fill(QueueView queue, const NormalFill& op) {
  run(cpu_generic::normal_fill, cpu_v3::normal_fill, cpu_v4::normal_fill, cuda::normal_fill, queue, op);
}

}  // namespace agon::kernels
