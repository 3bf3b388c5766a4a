// What determines a run besides its data, the device and the thread count.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/network/network_spec.hpp"
#include "kernels/augment_kind.hpp"
#include "kernels/burn_in.hpp"
#include "kernels/objective.hpp"
#include "kernels/precision.hpp"
#include "kernels/rate_schedule.hpp"

namespace agon {

using kernels::Objective;

/// Penalties on the discriminator's slope g, its logit's gradient by its input, as means over the batch, by
/// their weights; 0 is none. At most one of the last two.
struct Penalties {
  double r1 = 0;       ///< r1/2 |g|^2 at real rows (Mescheder et al., 2018)
  double r2 = 0;       ///< r2/2 |g|^2 at fakes
  double wgan_gp = 0;  ///< wgan_gp (|g| - 1)^2 between a real row and a fake (Gulrajani et al., 2017)
  double dragan = 0;   ///< dragan (|g| - 1)^2 around real rows (Kodali et al., 2017)

  bool any() const { return *this != Penalties{}; }

  friend bool operator==(const Penalties&, const Penalties&) = default;
};

/// Noise on what the discriminator sees, real and fake: its standard deviation falls linearly from
/// `deviation` to nothing at step `steps`, and stays where that is 0 (Sonderby et al., 2017).
struct InstanceNoise {
  double deviation = 0;
  std::uint64_t steps = 0;

  friend bool operator==(const InstanceNoise&, const InstanceNoise&) = default;
};

/// How an Augmentation's probability is found: there is none, by how D overfits, or as it is given.
enum class AugmentationMode : std::uint8_t { none, adaptive, fixed };

/// What becomes of images before the discriminator sees them, real and fake (kernels/augment_kind.hpp). Where
/// it is adaptive its probability begins at 0 and moves by a step each step, up where the mean sign of the
/// real images' logits is above `target` (Karras et al., 2020).
struct Augmentation {
  AugmentationMode mode = AugmentationMode::none;
  double probability = 0;  ///< where it is fixed
  bool flip = false, translation = true, colour = true, cutout = false;
  double target = 0.6;
  double images = 500'000;  ///< real ones in which the adaptive probability can go from 0 to 1

  bool any() const { return mode != AugmentationMode::none; }
  bool adapts() const { return mode == AugmentationMode::adaptive; }
  float at_first() const { return mode == AugmentationMode::fixed ? static_cast<float>(probability) : 0.0f; }
  kernels::AugmentKinds kinds() const { return {flip, translation, colour, cutout}; }

  friend bool operator==(const Augmentation&, const Augmentation&) = default;
};

struct GanConfig {
  /// latent and condition -> data. Batch norm takes its statistics over the rows of a pass: the batch of D's
  /// phase, that of G's, or a micro-batch of either; in D over real rows and over fakes apart.
  NetworkSpec generator{{100, 128, 256, 512, 10}, 0.2f};
  NetworkSpec discriminator{{10, 512, 256, 1}, 0.2f};  ///< data -> one logit
  Objective objective = Objective::non_saturating;
  double generator_rate = 2e-4;
  double discriminator_rate = 2e-4;
  double beta1 = 0.5;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  /// Target of real rows, in (0, 1]; below 1 is one-sided label smoothing. 1 where has_real_label(objective)
  /// is not.
  double real_label = 1.0;
  std::int64_t batch = 64;
  /// Rows that go through the networks at a time, their gradients adding up to the batch's; 0 chooses as many
  /// as the device's cache holds the activations of. Rounded up to a multiple of 4 packs. Changes the order
  /// of sums, so the bits.
  std::int64_t micro_batch = 0;
  std::uint64_t seed = 1;
  kernels::Precision precision = kernels::Precision::fp32;
  kernels::RateSchedule rate_schedule{};  ///< of both rates; Adam's own corrections come on top
  kernels::BurnIn burn_in{};              ///< of the penalties' weights and beta2; beta2 is what it starts as
  Penalties penalties{};
  InstanceNoise instance_noise{};
  Augmentation augmentation{};           ///< of images alone; before instance noise
  std::int64_t discriminator_steps = 1;  ///< D phases in a step, each on a batch of its own
  /// Rows that D judges together, side by side, all real or all fake: its input is pack * width() wide (Lin
  /// et al., "PacGAN", 2018). Divides the batch.
  std::int64_t pack = 1;
  double weight_decay = 0;  ///< of both networks' parameters, decoupled from the gradient (AdamW); 0: none
  double l2 = 0;            ///< l2/2 of the squared norm of each network's parameters is in its loss; 0: none
  /// Each network's whole gradient is scaled down to this norm where it is longer; 0: as it is.
  double clip_norm = 0;
  /// D's weights are divided by their largest singular value, as one power iteration a phase estimates it.
  bool spectral_norm = false;
  /// Half-life, in samples of training, of the exponential moving average of G's weights that samples are
  /// drawn from; it grows with the run, as kAverageRamp says (kernels/adam.hpp). 0: no average.
  double ema_samples = 0;

  bool of_images() const { return generator.images.any(); }
  bool conditional() const { return generator.records.condition_levels() > 0; }
  /// Whether images are drawn and judged by their class: the conditions are of classes then.
  bool by_class() const { return of_images() && conditional(); }
  std::int64_t classes() const { return discriminator.images.classes; }
  std::int64_t inputs() const { return generator.width_at(0); }  ///< of G: noise, then the condition
  std::int64_t latent() const { return inputs() - generator.records.condition_levels(); }
  std::int64_t width() const { return generator.outputs(); }  ///< columns of the rows that D reads

  /// Rows of the table that a step takes.
  std::int64_t rows_of_step() const { return batch * discriminator_steps; }

  /// Throws ConfigurationError with one line that names the value.
  void validate() const;

  friend bool operator==(const GanConfig&, const GanConfig&) = default;
};

/// "non-saturating", "fp32", "constant", "none": all names are in config_names.hpp. Parsing throws
/// ConfigurationError that lists them.
std::string_view to_string(Objective objective);
std::string_view to_string(kernels::Precision precision);
std::string_view to_string(kernels::RateShape shape);
std::string_view to_string(NormKind norm);
std::string_view to_string(Residual residual);
std::string_view to_string(ActivationKind activation);
Objective parse_objective(std::string_view name);
kernels::Precision parse_precision(std::string_view name);
NormKind parse_norm(std::string_view name);

}  // namespace agon
