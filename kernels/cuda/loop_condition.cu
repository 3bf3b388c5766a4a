// The conditions of the Loop's WHILE nodes. Source: CUDA C++ Programming Guide, "Conditional graph nodes".
#include "kernels/cuda/loop_condition.hpp"

#include "kernels/cuda/launch.cuh"

namespace agon::kernels::cuda {
namespace {

/// The host may store `stop` while this runs: a volatile load is a relaxed one of system scope (PTX ISA,
/// "Memory consistency model"), so what it reads is an old value or a new one, and a new one before long.
__device__ void set_condition(const LoopCondition& op) {
  const StepState& state = *op.state;
  const auto steps = static_cast<std::uint64_t>(op.steps);
  const bool room = state.pause_at >= state.step && state.pause_at - state.step >= steps;
  const bool stopped = *static_cast<const volatile std::uint32_t*>(op.stop) != 0;
  cudaGraphSetConditional(op.handle, room && state.diverged == 0 && !stopped ? 1u : 0u);
}

__global__ void loop_begin_kernel(LoopCondition op, std::uint64_t most) {
  StepState& state = *op.state;
  const bool all = most == 0 || state.stop_at < state.step || state.stop_at - state.step < most;
  state.pause_at = all ? state.stop_at : state.step + most;
  set_condition(op);
}

__global__ void loop_condition_kernel(LoopCondition op) { set_condition(op); }

template <class Kernel>
void load(Kernel* kernel) {
  cudaFuncAttributes attributes{};
  AGON_CUDA_CHECK(cudaFuncGetAttributes(&attributes, reinterpret_cast<const void*>(kernel)));
}

}  // namespace

void loop_begin(QueueView queue, const LoopCondition& condition, std::uint64_t most) {
  launch(queue, {}, loop_begin_kernel, condition, most);
}

void loop_condition(QueueView queue, const LoopCondition& condition) {
  launch(queue, {}, loop_condition_kernel, condition);
}

void load_loop_condition() {
  load(loop_begin_kernel);
  load(loop_condition_kernel);
}

}  // namespace agon::kernels::cuda
