#include "kernels/fma_peak.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

double fma_peak(QueueView queue, double seconds) {
  if (queue.device == DeviceKind::cuda) return cuda_form(cuda::fma_peak)(queue, seconds);
  return chosen_form(cpu_generic::fma_peak, cpu_v3::fma_peak, cpu_v4::fma_peak)(queue, seconds);
}

}  // namespace agon::kernels
