#include "kernels/draw_conditions.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void draw_conditions(QueueView queue, const DrawConditions& op) {
  run(cpu_generic::draw_conditions, cpu_v3::draw_conditions, cpu_v4::draw_conditions, cuda::draw_conditions,
      queue, op);
}

}  // namespace agon::kernels
