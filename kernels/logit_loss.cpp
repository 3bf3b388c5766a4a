#include "kernels/logit_loss.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void logit_loss(QueueView queue, const LogitLoss& op) {
  const std::int64_t products = op.rows + (op.dx != nullptr ? op.judged() : 0);
  const Observed observed(queue, Operation{"logit_loss", op.rows, op.in, 1, products * op.in});
  run(cpu_generic::logit_loss, cpu_v3::logit_loss, cpu_v4::logit_loss, cuda::logit_loss, queue, op);
}

}  // namespace agon::kernels
