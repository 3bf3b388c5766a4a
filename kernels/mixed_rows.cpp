#include "kernels/mixed_rows.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void mixed_rows(QueueView queue, const MixedRows& op) {
  run(cpu_generic::mixed_rows, cpu_v3::mixed_rows, cpu_v4::mixed_rows, cuda::mixed_rows, queue, op);
}

}  // namespace agon::kernels
