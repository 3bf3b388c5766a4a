#include "kernels/loss_gradient.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void loss_gradient(QueueView queue, const LossGradient& op) {
  run(cpu_generic::loss_gradient, cpu_v3::loss_gradient, cpu_v4::loss_gradient, cuda::loss_gradient, queue,
      op);
}

void unit_rows(QueueView queue, const UnitRows& op) {
  run(cpu_generic::unit_rows, cpu_v3::unit_rows, cpu_v4::unit_rows, cuda::unit_rows, queue, op);
}

void weighted_rows(QueueView queue, const WeightedRows& op) {
  run(cpu_generic::weighted_rows, cpu_v3::weighted_rows, cpu_v4::weighted_rows, cuda::weighted_rows, queue,
      op);
}

}  // namespace agon::kernels
