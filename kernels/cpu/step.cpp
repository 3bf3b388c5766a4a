#include "kernels/step.hpp"

#include <cstring>

#include "kernels/cpu/health_probe.hpp"
#include "kernels/cpu/step_losses.hpp"
#include "kernels/formula/step.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

float penalty_sum(const StepEnd& op) {
  double sum = 0;
  for (std::int64_t i = 0; i < op.penalty_rows; ++i) sum += static_cast<double>(op.penalties[i]);
  return static_cast<float>(static_cast<double>(op.penalty_scale) * sum);
}

}  // namespace

void step_begin(QueueView queue, const StepBegin& op) {
  StepState& state = *op.state;
  const std::int32_t slot = formula::slot_to_keep(state, op.keep);
  if (formula::health_is_due(state, op.health.every)) AGON_CPU_VARIANT::probe(op.health);
  if (!state.diverged) {  // else it stands still
    if (!op.again) formula::note_copy(state, slot);
    formula::advance_optimisers(state, op.advances);
  }
  if (slot >= 0) std::memcpy(op.keep.slot[slot], op.keep.source, static_cast<std::size_t>(op.keep.bytes));
  if (op.noise.out != nullptr) AGON_CPU_VARIANT::normal_fill(queue, op.noise);
  if (op.rows.out != nullptr) AGON_CPU_VARIANT::gather_batch(queue, op.rows);
}

void step_end(QueueView queue, const StepEnd& op) {
  StepState& state = *op.state;
  if (state.diverged) return;
  for (const ObjectiveLoss& loss : op.loss)
    if (loss.n > 0) AGON_CPU_VARIANT::work_out_losses(queue, loss);
  if (op.penalties != nullptr) state.penalty = penalty_sum(op);
  const StepStatistics row = formula::step_statistics(state);
  op.ring[state.step % static_cast<std::uint64_t>(op.ring_size)] = row;
  formula::write_health(op.health, state);
  formula::finish_step(state, row);
  __atomic_store_n(op.published, row.step, __ATOMIC_RELEASE);  // another thread of the host may be reading
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
