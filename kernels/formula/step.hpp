// The arithmetic that frames a training step: what step_begin and step_end do to a StepState.
#pragma once

#include <cstdint>

#include "kernels/formula/adam.hpp"
#include "kernels/formula/rate_schedule.hpp"
#include "kernels/step.hpp"

namespace agon::kernels::formula {

/// A diverged run stands still: a graph whose body holds several steps runs to the body's end all the same.
AGON_FORMULA void begin_step(StepState& state) {
  if (state.diverged) return;
  const double factor = rate_factor(state.schedule, state.step);
  advance(state.discriminator, factor);
  advance(state.generator, factor);
}

AGON_FORMULA bool is_finite(float value) { return (bits_of(value) & 0x7f800000u) != 0x7f800000u; }

/// The row that the step which is about to end publishes.
AGON_FORMULA StepStatistics step_statistics(const StepState& state) {
  StepStatistics row{};
  row.step = state.step + 1;
  row.discriminator_loss = state.discriminator_result.loss[0] + state.discriminator_result.loss[1];
  row.generator_loss = state.generator_result.loss[0];
  row.probability_real = state.discriminator_result.probability[0];
  row.probability_fake = state.discriminator_result.probability[1];
  return row;
}

/// Counts the step, and notes whether it diverged.
AGON_FORMULA void finish_step(StepState& state, const StepStatistics& row) {
  if (!is_finite(row.discriminator_loss) || !is_finite(row.generator_loss)) state.diverged = 1;
  ++state.step;
}

}  // namespace agon::kernels::formula
