// When a health probe is due, and what its parts come to.
#pragma once

#include <cstdint>

#include "kernels/formula/annotate.hpp"
#include "kernels/formula/objective.hpp"
#include "kernels/step.hpp"

namespace agon::kernels::formula {

/// In the step whose number is a multiple of `every`, if this memory has seen the step before it. The same
/// answer all through a step.
AGON_FORMULA bool health_is_due(const StepState& state, std::uint64_t every) {
  return every != 0 && state.warm != 0 && state.diverged == 0 && ((state.step + 1) & (every - 1)) == 0;
}

/// Whether D has nothing left to learn from the row of this logit.
AGON_FORMULA bool is_saturated(const LossTerm& term, float logit, float partner) {
  const float slope = objective_element(term, logit, partner).slope;
  return (slope < 0.0f ? -slope : slope) < kSaturatedSlope;
}

/// The lesser of two numbers; NaN where one of them is.
AGON_FORMULA float least(float a, float b) { return b != b || b < a ? b : a; }
AGON_FORMULA float most(float a, float b) { return b != b || b > a ? b : a; }

AGON_FORMULA HealthPartial nothing_seen() {
  const float infinity = float_of(0x7f800000u);
  return {{0, 0}, {0, 0}, infinity, 0, 0, 0, 0};
}

AGON_FORMULA void add(HealthPartial& sum, const HealthPartial& one) {
  for (int i = 0; i < 2; ++i) sum.square[i] += one.square[i], sum.saturated[i] += one.saturated[i];
  sum.spread_least = least(sum.spread_least, one.spread_least);
  sum.spread_sum += one.spread_sum;
  sum.shift_most = most(sum.shift_most, one.shift_most);
  sum.columns += one.columns;
  sum.distance_sum += one.distance_sum;
}

/// The ratio and the distance that one column comes to: `sum` and `square` are of n differences from `first`.
/// A column that does not vary in the table (`deviation` 0) is none to compare with.
AGON_FORMULA void add_column(HealthPartial& seen, float first, float sum, float square, float n, float mean,
                             float deviation) {
  if (deviation == 0.0f) return;
  const float shift = quotient(sum, n);
  const float variance = quotient(square, n) - shift * shift;
  const float ratio = quotient(square_root(variance < 0.0f ? 0.0f : variance), deviation);
  float away = quotient(first + shift - mean, deviation);
  away = away < 0.0f ? -away : away;
  seen.spread_least = least(seen.spread_least, ratio);
  seen.spread_sum += ratio;
  seen.shift_most = most(seen.shift_most, away);
  seen.columns += 1.0f;
}

AGON_FORMULA HealthSample step_look(const HealthRing& op, std::uint64_t step) {
  HealthPartial all = nothing_seen();
#if defined(__CUDA_ARCH__)
#pragma unroll 1
#endif
  for (int i = 0; i < kHealthBlocks; ++i) add(all, op.partial[i]);
  const float none = float_of(0x7fc00000u);
  const bool spread = all.columns > 0.0f;
  HealthSample health{};
  health.step = step;
  health.generator_gradient = square_root(all.square[0]);
  health.discriminator_gradient = square_root(all.square[1]);
  health.saturated_real = all.saturated[0];
  health.saturated_fake = all.saturated[1];
  health.spread_least = spread ? all.spread_least : none;
  health.spread_mean = spread ? quotient(all.spread_sum, all.columns) : none;
  health.shift_most = spread ? all.shift_most : none;
  health.distance = op.neighbours > 1 ? quotient(all.distance_sum, static_cast<float>(op.neighbours)) : none;
  return health;
}

/// Called by step_end before the step is counted.
AGON_FORMULA void write_health(const HealthRing& op, const StepState& state) {
  if (!health_is_due(state, op.every)) return;
  const std::uint64_t step = state.step + 1;
  op.ring[step / op.every % static_cast<std::uint64_t>(op.size)] = step_look(op, step);
}

}  // namespace agon::kernels::formula
