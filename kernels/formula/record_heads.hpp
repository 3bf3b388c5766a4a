// From scores to records: a head's choice, a number's rank and hat functions, and what goes back through
// them.
#pragma once

#include <cstdint>

#include "kernels/formula/activation.hpp"
#include "kernels/formula/elementary.hpp"
#include "kernels/record_heads.hpp"
#include "kernels/record_shape.hpp"

namespace agon::kernels::formula {

/// A level of a head and its logit. That of no level yet loses to any logit but NaN, and is level 0.
struct LevelChoice {
  float logit = -__builtin_inff();
  std::int32_t level = 0;
};

/// The higher logit's, or the first of equals, where `b` has the higher level. NaN is never chosen.
AGON_FORMULA LevelChoice better_of_later(LevelChoice a, LevelChoice b) {
  const bool second = b.logit > a.logit;
  return {second ? b.logit : a.logit, second ? b.level : a.level};
}

/// The same of any two.
AGON_FORMULA LevelChoice better(LevelChoice a, LevelChoice b) {
  return a.level < b.level ? better_of_later(a, b) : better_of_later(b, a);
}

/// By which logits are multiplied.
AGON_FORMULA float inverse_temperature(HeadChoice choice) {
  return choice == HeadChoice::gumbel ? 1.0f / kGumbelTemperature : 1.0f / kHeadTemperature;
}

/// A level's weight in the softmax, 1 for the highest logit.
AGON_FORMULA float level_weight(float logit, float highest, float inverse_temperature) {
  return exponential_of_nonpositive(rounded_product(logit - highest, inverse_temperature));
}

/// The gradient by a logit: its share p of the softmax, the gradient d by its level, sum p d.
AGON_FORMULA float logit_gradient(float share, float d, float mean, float inverse_temperature) {
  return rounded_product(rounded_product(share, d - mean), inverse_temperature);
}

/// What a number's link makes of a score.
struct ScoreRank {
  float u;        ///< in [0, 1]
  float density;  ///< du/dscore
};

/// (1 + tanh(score)) / 2.
AGON_FORMULA ScoreRank tanh_rank(float score) {
  const float t = TanhActivation::of(score, 0.0f);
  return {fused(0.5f, t, 0.5f), 0.5f * TanhActivation::derivative(t, 0.0f)};
}

/// Phi(score). Phi(-t) = e^(-t^2/2) k P(k) with k = 1 / (1 + 0.3 t), t >= 0; the other side is 1 less that.
/// To 3e-7, and where it is small to (1 + t^2 / 4) 5e-7 of itself: the exponent is rounded. 0 from t = 13.2
/// on. P is a minimax fit of our own as in formula/elementary.hpp, to 1.3e-7 of the whole.
AGON_FORMULA ScoreRank score_rank(float score) {
  const float t = float_of(bits_of(score) & 0x7fffffffu);
  const float e = exponential_of_nonpositive(rounded_product(-0.5f * t, t));
  const float k = quotient(1.0f, fused(t, 0.3f, 1.0f));
  float p = 0x1.273810p-5f;
  p = fused(p, k, -0x1.450decp-3f);
  p = fused(p, k, 0x1.abf956p-3f);
  p = fused(p, k, -0x1.cb96c2p-5f);
  p = fused(p, k, 0x1.09ecfap-3f);
  p = fused(p, k, 0x1.97a49ap-4f);
  p = fused(p, k, 0x1.eeddd8p-4f);
  p = fused(p, k, 0x1.e9fc12p-4f);
  const float tail = rounded_product(rounded_product(e, k), p);
  return {score < 0.0f ? tail : 1.0f - tail, rounded_product(e, 0x1.988454p-2f)};  // 1 / sqrt(2 pi)
}

/// Between which knots a rank lies.
struct RankPlace {
  std::int32_t knot;  ///< of the hat that falls here, in [0, kNumberHats - 2]; the next one rises
  float above;        ///< how far, in [0, 1]: the rising hat's value
};

AGON_FORMULA RankPlace rank_place(float u) {
  constexpr auto kLast = static_cast<std::int32_t>(kNumberHats) - 2;
  const float at = u * static_cast<float>(kNumberHats - 1);  // exact
  const std::int32_t knot = at < static_cast<float>(kLast) ? static_cast<std::int32_t>(at) : kLast;
  return {knot, at - static_cast<float>(knot)};
}

/// 2u - 1
AGON_FORMULA float centred_rank(float u) { return fused(2.0f, u, -1.0f); }

/// With link rank, column `column` of an ungated number.
AGON_FORMULA float number_column(float u, RankPlace place, std::int32_t column) {
  const float hat = column == place.knot ? 1.0f - place.above : column == place.knot + 1 ? place.above : 0.0f;
  return column == static_cast<std::int32_t>(kNumberHats) ? centred_rank(u) : hat;
}

/// What goes back through an ungated number's columns, of which the gradients are `dy`.
struct NumberGradient {
  float score;  ///< by its score
  float gate;   ///< by its gate
};

AGON_FORMULA NumberGradient number_gradient(NumberLink link, ScoreRank rank, const float* dy) {
  if (link == NumberLink::tanh)
    return {rounded_product(2.0f * dy[0], rank.density), rounded_product(dy[0], centred_rank(rank.u))};
  const RankPlace place = rank_place(rank.u);
  const float falling = dy[place.knot], rising = dy[place.knot + 1], centred = dy[kNumberHats];
  const float by_u = fused(static_cast<float>(kNumberHats - 1), rising - falling, 2.0f * centred);
  const float hats = fused(place.above, rising - falling, falling);
  return {rounded_product(by_u, rank.density), fused(centred, centred_rank(rank.u), hats)};
}

}  // namespace agon::kernels::formula
