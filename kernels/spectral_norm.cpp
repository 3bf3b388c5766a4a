#include "kernels/spectral_norm.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {
namespace {

std::int64_t elements(const SpectralNorm& op) {
  std::int64_t count = 0;
  for (std::int64_t l = 0; l < op.layers; ++l) count += op.layer[l].out * op.layer[l].in;
  return count;
}

}  // namespace

void spectral_norm(QueueView queue, const SpectralNorm& op) {
  const Observed observed(queue, "spectral_norm", elements(op));
  run(cpu_generic::spectral_norm, cpu_v3::spectral_norm, cpu_v4::spectral_norm, cuda::spectral_norm, queue,
      op);
}

void spectral_gradient(QueueView queue, const SpectralNorm& op) {
  const Observed observed(queue, "spectral_gradient", elements(op));
  run(cpu_generic::spectral_gradient, cpu_v3::spectral_gradient, cpu_v4::spectral_gradient,
      cuda::spectral_gradient, queue, op);
}

}  // namespace agon::kernels
