#include "kernels/kernel_sums.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void kernel_sums(QueueView queue, const KernelSums& op) {
  run(cpu_generic::kernel_sums, cpu_v3::kernel_sums, cpu_v4::kernel_sums, cuda::kernel_sums, queue, op);
}

}  // namespace agon::kernels
