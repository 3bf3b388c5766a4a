#include "kernels/sliced_wasserstein.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void sliced_wasserstein(QueueView queue, const SlicedWasserstein& op) {
  run(cpu_generic::sliced_wasserstein, cpu_v3::sliced_wasserstein, cpu_v4::sliced_wasserstein,
      cuda::sliced_wasserstein, queue, op);
}

}  // namespace agon::kernels
