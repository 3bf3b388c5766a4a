// A gradient penalty's value and slope from the gradient's squared norm.
#pragma once

#include "kernels/formula/annotate.hpp"
#include "kernels/gradient_penalty.hpp"

namespace agon::kernels::formula {

/// p(g), and f with dp/dg = f g.
struct PenaltyElement {
  float penalty;
  float factor;
};

/// With its share of the weight, where there is one.
AGON_FORMULA PenaltyTerm with_share(PenaltyTerm term, const float* share) {
  if (share != nullptr) term.weight *= *share;
  return term;
}

AGON_FORMULA PenaltyElement penalty_element(const PenaltyTerm& term, float squared_norm) {
  if (term.centre == PenaltyCentre::zero) return {0.5f * term.weight * squared_norm, term.weight};
  if (term.centre == PenaltyCentre::none) return {0.0f, 0.0f};
  const float norm = square_root(squared_norm);
  const float over = norm - 1.0f;
  return {term.weight * over * over, norm > 0.0f ? quotient(2.0f * term.weight * over, norm) : 0.0f};
}

}  // namespace agon::kernels::formula
