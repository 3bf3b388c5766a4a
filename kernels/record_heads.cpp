#include "kernels/record_heads.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void record_heads(QueueView queue, const RecordHeads& op) {
  run(cpu_generic::record_heads, cpu_v3::record_heads, cpu_v4::record_heads, cuda::record_heads, queue, op);
}

void record_heads_backward(QueueView queue, const RecordHeadsBackward& op) {
  run(cpu_generic::record_heads_backward, cpu_v3::record_heads_backward, cpu_v4::record_heads_backward,
      cuda::record_heads_backward, queue, op);
}

}  // namespace agon::kernels
