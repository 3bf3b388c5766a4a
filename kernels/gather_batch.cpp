#include "kernels/gather_batch.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void gather_batch(QueueView queue, const GatherBatch& op) {
  run(cpu_generic::gather_batch, cpu_v3::gather_batch, cpu_v4::gather_batch, cuda::gather_batch, queue, op);
}

}  // namespace agon::kernels
