#include "kernels/nearest_rows.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void nearest_rows(QueueView queue, const NearestRows& op) {
  run(cpu_generic::nearest_rows, cpu_v3::nearest_rows, cpu_v4::nearest_rows, cuda::nearest_rows, queue, op);
}

}  // namespace agon::kernels
