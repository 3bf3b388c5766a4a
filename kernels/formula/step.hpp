// The arithmetic that frames a training step: what step_begin and step_end do to a StepState.
#pragma once

#include <cstdint>

#include "kernels/formula/adam.hpp"
#include "kernels/formula/burn_in.hpp"
#include "kernels/formula/rate_schedule.hpp"
#include "kernels/step.hpp"

namespace agon::kernels::formula {

/// Begins an update of each optimiser whose bit is set, in a step whose penalties have their share.
AGON_FORMULA void advance_optimisers(StepState& state, std::uint32_t advances) {
  const double factor = rate_factor(state.schedule, state.step);
  for (int i = 0; i < kMostPlayers; ++i)
    if ((advances >> i & 1) != 0)
      advance(state.optimiser[i], factor, beta2_at(state.burn_in, state.optimiser[i], state.step));
  state.penalty_share = penalty_share(state.burn_in, state.step);
}

/// What is learnt is copied into `slot` before any update of this step; -1: not copied.
AGON_FORMULA void note_copy(StepState& state, std::int32_t slot) {
  state.keeping = {};
  if (slot < 0) return;
  state.keeping.slot = slot;
  state.keeping.step = state.step;
  state.keeping.augmentation = state.augmentation;
  for (int i = 0; i < kMostPlayers; ++i) state.keeping.updates[i] = state.optimiser[i].step;
}

/// The slot into which this step copies what is learnt; -1 where it does not.
AGON_FORMULA std::int32_t slot_to_keep(const StepState& state, const KeepGood& keep) {
  if (keep.source == nullptr || state.diverged || (state.step & (keep.every - 1)) != 0) return -1;
  return (state.step & keep.every) != 0 ? 1 : 0;
}

AGON_FORMULA bool is_finite(float value) { return (bits_of(value) & 0x7f800000u) != 0x7f800000u; }

/// The row that the step which is about to end publishes.
AGON_FORMULA StepStatistics step_statistics(const StepState& state) {
  StepStatistics row{};
  row.step = state.step + 1;
  for (int i = 0; i < kMostLosses; ++i) row.loss[i] = state.result[i].loss[0] + state.result[i].loss[1];
  for (int s = 0; s < 2; ++s) row.output[s] = state.result[0].output[s];
  row.penalty = state.penalty;
  row.augmentation = state.augmentation;
  return row;
}

/// Counts the step, and notes whether it diverged.
AGON_FORMULA void finish_step(StepState& state, const StepStatistics& row) {
  bool finite = is_finite(row.penalty);
  for (int i = 0; i < kMostLosses; ++i) finite = finite && is_finite(row.loss[i]);
  if (!finite) {
    state.diverged = 1;
  } else if (state.keeping.slot >= 0) {
    state.kept = state.keeping;
  }
  state.warm = 1;
  ++state.step;
}

/// Behind finish_step: whether the rows that wait, this step's among them, are to be published now, and not
/// by what repeats the steps on the device.
AGON_FORMULA bool publishes_now(const StepState& state) {
  return state.pause_at == 0 || state.pending == kMostPending;
}

}  // namespace agon::kernels::formula
