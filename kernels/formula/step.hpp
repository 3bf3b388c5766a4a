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
  state.keeping = {};
  const double factor = rate_factor(state.schedule, state.step);
  advance(state.discriminator, factor);
  advance(state.generator, factor);
}

/// Another update of D in the same step.
AGON_FORMULA void begin_phase(StepState& state) {
  if (!state.diverged) advance(state.discriminator, rate_factor(state.schedule, state.step));
}

/// The slot into which this step copies what is learnt; -1 where it does not.
AGON_FORMULA std::int32_t slot_to_keep(const StepState& state, const KeepGood& keep) {
  if (keep.source == nullptr || state.diverged || (state.step & (keep.every - 1)) != 0) return -1;
  return (state.step & keep.every) != 0 ? 1 : 0;
}

/// Notes the copy into `slot`; called after begin_step, whose update is not in the copy.
AGON_FORMULA void note_copy(StepState& state, std::int32_t slot) {
  state.keeping = {slot, state.step, state.discriminator.step - 1, state.generator.step - 1};
}

AGON_FORMULA bool is_finite(float value) { return (bits_of(value) & 0x7f800000u) != 0x7f800000u; }

/// The row that the step which is about to end publishes.
AGON_FORMULA StepStatistics step_statistics(const StepState& state) {
  StepStatistics row{};
  row.step = state.step + 1;
  row.discriminator_loss = state.discriminator_result.loss[0] + state.discriminator_result.loss[1];
  row.generator_loss = state.generator_result.loss[0];
  row.output_real = state.discriminator_result.output[0];
  row.output_fake = state.discriminator_result.output[1];
  row.penalty = state.penalty;
  return row;
}

/// Counts the step, and notes whether it diverged.
AGON_FORMULA void finish_step(StepState& state, const StepStatistics& row) {
  if (!is_finite(row.discriminator_loss) || !is_finite(row.generator_loss) || !is_finite(row.penalty)) {
    state.diverged = 1;
  } else if (state.keeping.slot >= 0) {
    state.kept = state.keeping;
  }
  state.warm = 1;
  ++state.step;
}

}  // namespace agon::kernels::formula
