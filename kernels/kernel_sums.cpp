#include "kernels/kernel_sums.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void kernel_sums(QueueView queue, const KernelSums& op) {
  const Observed observed(queue, "kernel_sums", op.n * (op.n + op.m) + op.m * op.m);
  run(cpu_generic::kernel_sums, cpu_v3::kernel_sums, cpu_v4::kernel_sums, cuda::kernel_sums, queue, op);
}

}  // namespace agon::kernels
