// The condition of the Loop's WHILE node. Source: CUDA C++ Programming Guide, "Conditional graph nodes".
#include "kernels/cuda/loop_condition.hpp"

#include "kernels/cuda/launch.cuh"

namespace agon::kernels::cuda {
namespace {

__global__ void loop_condition_kernel(cudaGraphConditionalHandle condition, const StepState* state,
                                      std::uint64_t unroll) {
  wait_for_previous_kernel();
  const bool room = state->stop_at >= state->step && state->stop_at - state->step >= unroll;
  cudaGraphSetConditional(condition, room && state->diverged == 0 ? 1u : 0u);
}

}  // namespace

void loop_condition(QueueView queue, cudaGraphConditionalHandle condition, const StepState* state,
                    int unroll) {
  launch(queue, {}, loop_condition_kernel, condition, state, static_cast<std::uint64_t>(unroll));
}

void load_loop_condition() {
  cudaFuncAttributes attributes{};
  AGON_CUDA_CHECK(cudaFuncGetAttributes(&attributes, reinterpret_cast<const void*>(loop_condition_kernel)));
}

}  // namespace agon::kernels::cuda
