#include "kernels/logit_loss.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void logit_loss(QueueView queue, const LogitLoss& op) {
  run(cpu_generic::logit_loss, cpu_v3::logit_loss, cpu_v4::logit_loss, cuda::logit_loss, queue, op);
}

}  // namespace agon::kernels
