#include "kernels/resample.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void resample(QueueView queue, const Resample& op) {
  run(cpu_generic::resample, cpu_v3::resample, cpu_v4::resample, cuda::resample, queue, op);
}

}  // namespace agon::kernels
