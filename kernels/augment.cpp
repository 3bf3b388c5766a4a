#include "kernels/augment.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void augment(QueueView queue, const Augment& op) {
  run(cpu_generic::augment, cpu_v3::augment, cpu_v4::augment, cuda::augment, queue, op);
}

void adapt_augmentation(QueueView queue, const AdaptAugmentation& op) {
  run(cpu_generic::adapt_augmentation, cpu_v3::adapt_augmentation, cpu_v4::adapt_augmentation,
      cuda::adapt_augmentation, queue, op);
}

}  // namespace agon::kernels
