// What a burn-in moves, from the step alone: in double, with the same bits on every device.
#pragma once

#include <cstdint>

#include "kernels/adam.hpp"
#include "kernels/burn_in.hpp"
#include "kernels/formula/annotate.hpp"
#include "kernels/formula/rate_schedule.hpp"

namespace agon::kernels::formula {

/// See BurnIn. `step`: steps completed; the burn-in has some.
AGON_FORMULA double moved(double first, double last, std::uint64_t steps, std::uint64_t step) {
  if (step >= steps) return last;
  return last + rounded_product(first - last, half_cosine(step, steps));
}

/// The share of their weights that penalties have.
AGON_FORMULA float penalty_share(const BurnIn& burn_in, std::uint64_t step) {
  if (burn_in.steps == 0 || burn_in.final_penalty == 1.0) return 1.0f;
  return static_cast<float>(moved(1.0, burn_in.final_penalty, burn_in.steps, step));
}

/// The optimiser's beta2 in the step after `step` completed ones.
AGON_FORMULA double beta2_at(const BurnIn& burn_in, const AdamState& its, std::uint64_t step) {
  if (burn_in.steps == 0 || burn_in.final_beta2 == 0.0) return its.beta2;
  return moved(its.first_beta2, burn_in.final_beta2, burn_in.steps, step);
}

}  // namespace agon::kernels::formula
