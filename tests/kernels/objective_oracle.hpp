// The objectives in plain words and long double.
#pragma once

#include <array>
#include <cmath>

#include "engine/training/config.hpp"

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

/// Whether the slope jumps at z, or too near it for the rule.
inline bool at_kink(Objective objective, RowRole role, long double z) {
  if (objective != Objective::hinge) return false;
  const long double kink = role == RowRole::real ? 1 : -1;
  return (role == RowRole::real || role == RowRole::fake) && std::fabs(z - kink) < 0.01L;
}

}  // namespace agon::test
