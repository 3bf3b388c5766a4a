#include "kernels/batch_classes.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void batch_classes(QueueView queue, const BatchClasses& op) {
  run(cpu_generic::batch_classes, cpu_v3::batch_classes, cpu_v4::batch_classes, cuda::batch_classes, queue,
      op);
}

}  // namespace agon::kernels
