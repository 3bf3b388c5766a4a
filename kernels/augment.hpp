// Images as a discriminator sees them: each moved, recoloured and cut out of at random, alone.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/augment_kind.hpp"
#include "kernels/backends.hpp"
#include "kernels/convolution_shape.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/queue.hpp"
#include "kernels/random.hpp"

namespace agon::kernels {

/// y = A x + b of each image, or back: y = A' x, the transpose of A by the same numbers. What an image draws
/// depends on (seed, step, its number, p) alone: image i has blocks 4 (first + i) ... + 3 of the stream.
/// Where it draws none, y is x to the bit.
struct Augment {
  static constexpr std::string_view kName = "augment";
  std::int64_t images = 0;
  ImageShape shape{};
  std::int64_t first = 0;  ///< number of the first image
  AugmentKinds kinds{};
  bool back = false;
  const float* probability = nullptr;  ///< p (1); device memory
  const float* x = nullptr;            ///< (images, shape)
  float* y = nullptr;                  ///< the same, every element written; overlaps no x
  RandomStream random;
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, Augment& op) {
  v.reads(op.probability, 1);
  v.reads(op.x, op.images * op.shape.size());
  v.writes(op.y, op.images * op.shape.size());
  visit_operands(v, op.random);
}

/// Sources: Karras et al., "Training generative adversarial networks with limited data" (2020), appendix B,
/// of whose transformations these are some; Zhao et al., "Differentiable augmentation for data-efficient GAN
/// training" (2020), which translates by uniform whole pixels. On CUDA, throws DeviceError where a side is
/// too large for a kernel to count.
void augment(QueueView queue, const Augment& op);
AGON_ON_BACKENDS(void augment(QueueView queue, const Augment& op));

/// p moves by `change`, up where r > target and down where r < target, within [0, kMostAdapted]:
///   r = mean sign(logit - c) of the real rows; c: 0, or where `centred` the mean of all logits,
/// which is 0, too, where D is as sure of real rows as of fakes. r is near 0 where D cannot tell them apart,
/// and 1 where it is past learning anything. NaN has no sign.
struct AdaptAugmentation {
  static constexpr std::string_view kName = "adapt_augmentation";
  std::int64_t rows = 0;
  const float* real = nullptr;  ///< (rows): logits
  const float* fake = nullptr;  ///< (rows); read where centred
  bool centred = false;
  float target = 0.0f;
  float change = 0.0f;
  float* probability = nullptr;  ///< p (1), updated; device memory
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, AdaptAugmentation& op) {
  v.reads(op.real, op.rows);
  v.reads(op.fake, op.rows);
  v.updates(op.probability, 1);
}

/// Source: Karras et al. (2020), section 3, r_t and its target. The centre is ours, for objectives whose
/// logits mean something by their differences alone.
void adapt_augmentation(QueueView queue, const AdaptAugmentation& op);
AGON_ON_BACKENDS(void adapt_augmentation(QueueView queue, const AdaptAugmentation& op));

}  // namespace agon::kernels
