#include "kernels/columns.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void columns(QueueView queue, const Columns& op) {
  run(cpu_generic::columns, cpu_v3::columns, cpu_v4::columns, cuda::columns, queue, op);
}

}  // namespace agon::kernels
