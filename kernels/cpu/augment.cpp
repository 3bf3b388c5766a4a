#include "kernels/augment.hpp"

#include <cstring>

#include "kernels/cpu/parts.hpp"
#include "kernels/formula/augment.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kParallelFrom = 8 * 1024;  // numbers; fewer are done before the others are awake

void change_image(const Augment& op, const formula::ImageChange& change, std::int64_t image) {
  const std::int64_t size = op.shape.size();
  const float* const x = op.x + image * size;
  float* y = op.y + image * size;
  if (change.is_none()) {
    std::memcpy(y, x, static_cast<std::size_t>(size) * sizeof(float));
    return;
  }
  for (std::int32_t v = 0; v < op.shape.height; ++v)
    for (std::int32_t u = 0; u < op.shape.width; ++u, y += op.shape.channels) {
      if (op.back) {
        formula::gathered_pixel(op.shape, change, x, v, u, y);
      } else {
        formula::changed_pixel(op.shape, change, x, v, u, y);
      }
    }
}

/// Mean of n logits' sum and of n others'.
float centre_of(const AdaptAugmentation& op) {
  double sum = 0;
  for (std::int64_t i = 0; i < op.rows; ++i)
    sum += static_cast<double>(op.real[i]) + static_cast<double>(op.fake[i]);
  return static_cast<float>(sum / static_cast<double>(2 * op.rows));
}

}  // namespace

void augment(QueueView queue, const Augment& op) {
  const std::uint64_t step = op.random.step != nullptr ? *op.random.step : 0;
  const float p = *op.probability;
  for_each(queue, op.images, op.images * op.shape.size() >= kParallelFrom,
           [&](std::int64_t image) { change_image(op, formula::drawn_change(op, step, p, image), image); });
}

void adapt_augmentation(QueueView, const AdaptAugmentation& op) {
  const float centre = op.centred ? centre_of(op) : 0.0f;
  std::int64_t signs = 0;
  for (std::int64_t i = 0; i < op.rows; ++i) signs += formula::sign_beside(op.real[i], centre);
  *op.probability = formula::adapted(op, signs, *op.probability);
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
