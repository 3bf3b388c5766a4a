#include "kernels/spectral_norm.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void spectral_norm(QueueView queue, const SpectralNorm& op) {
  run(cpu_generic::spectral_norm, cpu_v3::spectral_norm, cpu_v4::spectral_norm, cuda::spectral_norm, queue,
      op);
}

void spectral_gradient(QueueView queue, const SpectralGradient& op) {
  run(cpu_generic::spectral_gradient, cpu_v3::spectral_gradient, cpu_v4::spectral_gradient,
      cuda::spectral_gradient, queue, op.of);
}

}  // namespace agon::kernels
