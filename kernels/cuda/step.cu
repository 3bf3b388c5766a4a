// The two operations that frame a step, a thread each.
#include "kernels/step.hpp"

#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/operations.hpp"
#include "kernels/formula/step.hpp"

namespace agon::kernels::cuda {
namespace {

__global__ void step_begin_kernel(StepState* state) { formula::begin_step(*state); }

__global__ void step_end_kernel(StepEnd op) {
  StepState& state = *op.state;
  if (state.diverged != 0) return;
  const StepStatistics row = formula::step_statistics(state);
  op.ring[state.step % static_cast<std::uint64_t>(op.ring_size)] = row;
  formula::finish_step(state, row);
  __threadfence_system();  // the host must not see the count before the row
  *static_cast<volatile std::uint64_t*>(op.published) =
      row.step;  // only stores: a read would cross the bus and back
}

}  // namespace

void step_begin(QueueView queue, StepState* state) { launch(queue, {}, step_begin_kernel, state); }
void step_end(QueueView queue, const StepEnd& op) { launch(queue, {}, step_end_kernel, op); }

}  // namespace agon::kernels::cuda
