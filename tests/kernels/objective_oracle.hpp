// The objectives in plain words and long double.
#pragma once

#include <array>
#include <cmath>
#include <vector>

#include "engine/gan/config.hpp"

namespace agon::test {

using kernels::Objective;
using kernels::RowRole;

inline constexpr std::array kObjectives = {Objective::non_saturating, Objective::minimax,
                                           Objective::hinge,          Objective::least_squares,
                                           Objective::wasserstein,    Objective::relativistic};

inline long double softplus(long double x) {
  return std::fmax(x, 0.0L) + std::log1p(std::exp(-std::fabs(x)));
}
inline long double sigmoid(long double x) { return 1 / (1 + std::exp(-x)); }

/// What D loses by a real row's logit r; of a pair's loss, half.
inline long double real_loss(Objective objective, long double r, long double f, long double label) {
  switch (objective) {
    case Objective::non_saturating:
    case Objective::minimax:
      return label * softplus(-r) + (1 - label) * softplus(r);
    case Objective::hinge:
      return std::fmax(0.0L, 1 - r);
    case Objective::least_squares:
      return (r - label) * (r - label) / 2;
    case Objective::wasserstein:
      return -r;
    case Objective::relativistic:
      return softplus(f - r) / 2;
  }
  return std::nan("");
}

/// And by a fake's logit f.
inline long double fake_loss(Objective objective, long double r, long double f) {
  switch (objective) {
    case Objective::non_saturating:
    case Objective::minimax:
      return softplus(f);
    case Objective::hinge:
      return std::fmax(0.0L, 1 + f);
    case Objective::least_squares:
      return f * f / 2;
    case Objective::wasserstein:
      return f;
    case Objective::relativistic:
      return softplus(f - r) / 2;
  }
  return std::nan("");
}

inline long double discriminator_loss(Objective objective, long double r, long double f, long double label) {
  return real_loss(objective, r, f, label) + fake_loss(objective, r, f);
}

/// What G loses by them.
inline long double generator_loss(Objective objective, long double r, long double f) {
  switch (objective) {
    case Objective::non_saturating:
      return softplus(-f);
    case Objective::minimax:
      return -softplus(f);
    case Objective::hinge:
    case Objective::wasserstein:
      return -f;
    case Objective::least_squares:
      return (f - 1) * (f - 1) / 2;
    case Objective::relativistic:
      return softplus(r - f);
  }
  return std::nan("");
}

/// The same by whose logit z is; the real row's `label` counts in D's phase alone.
inline long double pair_loss(Objective objective, RowRole role, long double z, long double partner,
                             long double label) {
  if (role == RowRole::real) return discriminator_loss(objective, z, partner, label);
  if (role == RowRole::fake) return discriminator_loss(objective, partner, z, label);
  if (role == RowRole::generated) return generator_loss(objective, partner, z);
  return 0;
}

/// Its slope by z, by the five-point rule.
inline long double pair_slope(Objective objective, RowRole role, long double z, long double partner,
                              long double label) {
  const long double h = 1e-4L * std::fmax(1.0L, std::fabs(z) / 100);
  const auto at = [&](int steps) { return pair_loss(objective, role, z + steps * h, partner, label); };
  return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h);
}

/// A term's loss by what kernels/objective.hpp says of it, whatever objective it may belong to.
inline long double term_loss(const kernels::LossTerm& term, long double z, long double partner) {
  const long double x = term.direction * (term.paired ? z - partner : z), target = term.target;
  switch (term.shape) {
    case kernels::LossShape::none:
      return 0;
    case kernels::LossShape::logistic:
      return term.loss_factor * (softplus(x) - target * x);
    case kernels::LossShape::hinge:
      return term.loss_factor * std::fmax(0.0L, 1 + x);
    case kernels::LossShape::square:
      return term.loss_factor * (x - target) * (x - target) / 2;
    case kernels::LossShape::linear:
      return term.loss_factor * x;
  }
  return std::nan("");
}

/// Of each shape, unpaired and paired, with either direction. Both of a pair count half of its loss.
inline std::vector<kernels::LossTerm> every_term() {
  std::vector<kernels::LossTerm> all;
  for (const auto shape : {kernels::LossShape::none, kernels::LossShape::logistic, kernels::LossShape::hinge,
                           kernels::LossShape::square, kernels::LossShape::linear})
    for (const bool paired : {false, true})
      for (const float direction : {1.0f, -1.0f})
        all.push_back({.shape = shape,
                       .paired = paired,
                       .direction = direction,
                       .target = 0.25f,
                       .loss_factor = paired ? 0.5f : 1.0f,
                       .slope_factor = direction});
  return all;
}

/// Its gradient by z, the partner's loss included: that of the loss whose factor is 1, by the five-point
/// rule.
inline long double term_slope(const kernels::LossTerm& term, long double z, long double partner) {
  const long double h = 1e-4L * std::fmax(1.0L, std::fabs(z) / 100);
  const auto at = [&](int steps) { return term_loss(term, z + steps * h, partner); };
  return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h) / term.loss_factor;
}

/// Whether the hinge's kink is there, or too near for the rule.
inline bool at_kink(const kernels::LossTerm& term, long double z, long double partner) {
  const long double x = term.direction * (term.paired ? z - partner : z);
  return term.shape == kernels::LossShape::hinge && std::fabs(x + 1) < 0.01L;
}

/// Whether the slope jumps at z, or too near it for the rule.
inline bool at_kink(Objective objective, RowRole role, long double z) {
  if (objective != Objective::hinge) return false;
  const long double kink = role == RowRole::real ? 1 : -1;
  return (role == RowRole::real || role == RowRole::fake) && std::fabs(z - kink) < 0.01L;
}

}  // namespace agon::test
