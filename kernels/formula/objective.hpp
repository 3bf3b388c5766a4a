// One logit's loss, gradient and reading under an objective.
#pragma once

#include "kernels/formula/elementary.hpp"
#include "kernels/objective.hpp"

namespace agon::kernels::formula {

template <class Number>
struct Logistic {
  Number loss;         ///< softplus(x) - target x
  Number probability;  ///< sigmoid(x)
};

/// Right to a few ulp for every finite x: with e = e^-|x| on (0, 1], sigmoid is 1/(1 + e) or e/(1 + e), and
/// the loss is (max(x, 0) - target x) + log1p(e), where neither term is negative and so nothing cancels. d
/// loss / dx is probability - target. log1p(e) is log(1 + e), corrected by what rounding 1 + e lost.
AGON_FORMULA Logistic<float> logistic(float x, float target) {
  const float e = exponential_of_nonpositive(x < 0.0f ? x : -x);
  const float sum = 1.0f + e;
  const float inverse = quotient(1.0f, sum);
  const float log1p = fused(e - (sum - 1.0f), inverse, logarithm(sum));
  const float positive = x > 0.0f ? x : 0.0f;
  return {fused(-target, x, positive) + log1p, x < 0.0f ? e * inverse : inverse};
}

/// The same for checks in double precision.
AGON_FORMULA Logistic<double> logistic(double x, double target) {
  const double e = __builtin_exp(x < 0.0 ? x : -x);
  const double positive = x > 0.0 ? x : 0.0;
  return {(positive - target * x) + __builtin_log1p(e), (x < 0.0 ? e : 1.0) / (1.0 + e)};
}

/// The largest float, by which cross-entropy's x is bounded where it is a difference of logits.
inline constexpr float kLargest = 0x1.fffffep127f;

template <class Number>
struct ObjectiveElement {
  Number loss;
  Number slope;   ///< d loss / dz, the partner's loss included
  Number output;  ///< the logit, as its objective reads it: sigmoid(z) or z
};

/// term.shape and term.paired are `shape` and `paired`, known when the loop around it is compiled. All three
/// are right for every finite logit and partner, or infinite where they grow with a difference that a float
/// cannot hold; of one that is not finite, the loss is not either (where shape is not none). The hinge's
/// gradient at its kink is 0.
template <LossShape shape, bool paired, class Number>
AGON_FORMULA ObjectiveElement<Number> objective_element(const LossTerm& term, Number z, Number partner) {
  const auto direction = static_cast<Number>(term.direction), target = static_cast<Number>(term.target);
  const Number x = direction * (paired ? z - partner : z);
  Number unseen = z - z;  // 0, or not finite: of those whose loss may be finite at infinity
  if constexpr (paired) unseen += partner - partner;
  Number loss = 0, slope = 0, output = z;
  if constexpr (shape == LossShape::logistic) {
    const Number most = static_cast<Number>(kLargest);
    const Number bounded = !paired ? x : x > most ? most : x < -most ? -most : x;
    const Logistic<Number> one = logistic(bounded, target);
    loss = one.loss, slope = one.probability - target;
    if constexpr (paired) {
      loss += unseen;
    } else {
      output = one.probability;
    }
  } else if constexpr (shape == LossShape::hinge) {
    const Number margin = 1 + x;
    loss = (margin > 0 ? margin : 0) + unseen;
    slope = margin > 0 ? 1 : 0;
  } else if constexpr (shape == LossShape::square) {
    const Number distance = x - target;
    loss = static_cast<Number>(0.5) * distance * distance, slope = distance;
  } else if constexpr (shape == LossShape::linear) {
    loss = x, slope = 1;
  }
  return {static_cast<Number>(term.loss_factor) * loss, static_cast<Number>(term.slope_factor) * slope,
          output};
}

/// use.template operator()<shape, paired>() of the term: outside a loop, so that it can be vectorised.
template <class Use>
AGON_FORMULA auto with_loss(const LossTerm& term, const Use& use) {
  const auto with = [&]<LossShape shape>() {
    return term.paired ? use.template operator()<shape, true>() : use.template operator()<shape, false>();
  };
  switch (term.shape) {
    case LossShape::logistic:
      return with.template operator()<LossShape::logistic>();
    case LossShape::hinge:
      return with.template operator()<LossShape::hinge>();
    case LossShape::square:
      return with.template operator()<LossShape::square>();
    case LossShape::linear:
      return with.template operator()<LossShape::linear>();
    default:
      return with.template operator()<LossShape::none>();
  }
}

/// objective_element<>() with a branch on the term: all logits of a segment take the same one.
template <class Number>
AGON_FORMULA ObjectiveElement<Number> objective_element(const LossTerm& term, Number z, Number partner) {
  return with_loss(term, [&]<LossShape shape, bool paired>() {
    return objective_element<shape, paired>(term, z, partner);
  });
}

}  // namespace agon::kernels::formula
