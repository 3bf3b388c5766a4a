#include "kernels/concat.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void concat(QueueView queue, const Concat& op) {
  run(cpu_generic::concat, cpu_v3::concat, cpu_v4::concat, cuda::concat, queue, op);
}

void concat_backward(QueueView queue, const ConcatBackward& op) {
  run(cpu_generic::concat_backward, cpu_v3::concat_backward, cpu_v4::concat_backward, cuda::concat_backward,
      queue, op);
}

}  // namespace agon::kernels
