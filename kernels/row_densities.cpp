#include "kernels/row_densities.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void row_densities(QueueView queue, const RowDensities& op) {
  run(cpu_generic::row_densities, cpu_v3::row_densities, cpu_v4::row_densities, cuda::row_densities, queue,
      op);
}

}  // namespace agon::kernels
