#include "kernels/formula/step.hpp"

#include "kernels/cpu/variant.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {

void step_begin(QueueView, StepState* state) { formula::begin_step(*state); }

void step_end(QueueView, const StepEnd& op) {
  StepState& state = *op.state;
  if (state.diverged) return;
  const StepStatistics row = formula::step_statistics(state);
  op.ring[state.step % static_cast<std::uint64_t>(op.ring_size)] = row;
  formula::finish_step(state, row);
  __atomic_store_n(op.published, row.step, __ATOMIC_RELEASE);  // another thread of the host may be reading
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
