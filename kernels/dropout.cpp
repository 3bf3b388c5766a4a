#include "kernels/dropout.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void dropout(QueueView queue, const Dropout& op) {
  run(cpu_generic::dropout, cpu_v3::dropout, cpu_v4::dropout, cuda::dropout, queue, op);
}

}  // namespace agon::kernels
