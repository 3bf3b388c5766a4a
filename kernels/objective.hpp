// What the two players of a GAN minimise, and the same as a term of each row's logit.
#pragma once

#include <cstdint>

namespace agon::kernels {

/// With logits r = D(x) and f = D(G(z)), softplus sp(x) = log(1 + e^x), and means over the batch:
///                    discriminator                   generator      source
///   non_saturating   sp(-r) + sp(f)                  sp(-f)         Goodfellow et al. (2014), section 3
///   minimax          sp(-r) + sp(f)                  -sp(f)         the same, equation 1
///   hinge            max(0, 1 - r) + max(0, 1 + f)   -f             Lim, Ye, "Geometric GAN" (2017)
///   least_squares    (r - 1)^2 / 2 + f^2 / 2         (f - 1)^2 / 2  Mao et al. (2017), equation 9
///   wasserstein      f - r                           -f             Arjovsky et al. (2017), algorithm 1
///   relativistic     sp(f - r)                       sp(r - f)      Jolicoeur-Martineau (2018), RpGAN
/// The relativistic one takes rows in pairs: the i-th real with the i-th fake.
enum class Objective : std::uint8_t {
  non_saturating,
  minimax,
  hinge,
  least_squares,
  wasserstein,
  relativistic,
};

/// Whose logit it is.
enum class RowRole : std::uint8_t {
  real,       ///< of a real row in the discriminator's phase
  fake,       ///< of a fake there
  generated,  ///< of a fake in the generator's phase
  reference,  ///< of a real row there: a partner's, with neither loss nor gradient of its own
};

enum class LossShape : std::uint8_t {
  none,      ///< 0
  logistic,  ///< softplus(x) - target x: cross-entropy
  hinge,     ///< max(0, 1 + x)
  square,    ///< (x - target)^2 / 2
  linear,    ///< x
};

/// A logit z's loss, loss_factor l(x) at x = direction (z - partner), where the partner is 0 unless paired.
/// Its gradient by z, the partner's loss included, is slope_factor l'(x).
struct LossTerm {
  LossShape shape = LossShape::none;
  bool paired = false;
  float direction = 1.0f;
  float target = 0.0f;
  float loss_factor = 1.0f;
  float slope_factor = 1.0f;
};

/// Whether the generator's phase, too, needs the logits of real rows.
constexpr bool is_paired(Objective objective) { return objective == Objective::relativistic; }

/// Whether D's output is read as sigmoid(logit), the probability of being real, and not as the logit itself.
constexpr bool is_probability(Objective objective) {
  return objective == Objective::non_saturating || objective == Objective::minimax;
}

/// Whether real rows have a target that can be set below 1.
constexpr bool has_real_label(Objective objective) {
  return is_probability(objective) || objective == Objective::least_squares;
}

/// `real_label` is the target of real rows where the objective has one. Both rows of a pair count half of its
/// loss, but in the generator's phase the generated one all of it.
constexpr LossTerm loss_term(Objective objective, RowRole role, float real_label = 1.0f) {
  const float target = role == RowRole::real ? real_label : role == RowRole::generated ? 1.0f : 0.0f;
  const float rise = role == RowRole::fake ? 1.0f : -1.0f;  // of the loss with the logit
  if (role == RowRole::reference) return {};
  switch (objective) {
    case Objective::non_saturating:
      return {.shape = LossShape::logistic, .target = target};
    case Objective::minimax:
      if (role == RowRole::generated)
        return {.shape = LossShape::logistic, .loss_factor = -1.0f, .slope_factor = -1.0f};
      return {.shape = LossShape::logistic, .target = target};
    case Objective::hinge:
      return {.shape = role == RowRole::generated ? LossShape::linear : LossShape::hinge,
              .direction = rise,
              .slope_factor = rise};
    case Objective::least_squares:
      return {.shape = LossShape::square, .target = target};
    case Objective::wasserstein:
      return {.shape = LossShape::linear, .direction = rise, .slope_factor = rise};
    case Objective::relativistic:
      return {.shape = LossShape::logistic,
              .paired = true,
              .direction = rise,
              .loss_factor = role == RowRole::generated ? 1.0f : 0.5f,
              .slope_factor = rise};
  }
  return {};
}

}  // namespace agon::kernels
