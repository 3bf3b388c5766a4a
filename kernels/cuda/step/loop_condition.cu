// The conditions of the Loop's WHILE nodes, the rows of their steps, and the word of its end. Source: CUDA
// C++ Programming Guide, "Conditional graph nodes".
#include "kernels/cuda/step/loop_condition.hpp"

#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/step/publish.cuh"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 128;

/// Whether another op.steps steps of one training may run.
__device__ __forceinline__ bool has_room(const LoopCondition& op, const StepState& state) {
  const auto steps = static_cast<std::uint64_t>(op.steps);
  return state.diverged == 0 && state.pause_at >= state.step && state.pause_at - state.step >= steps;
}

__device__ __forceinline__ StepState& state_of(const LoopCondition& op, int replica) {
  return *formula::replica_of(op.replicas, op.replicas.first + replica).at(op.state);
}

/// Calls use(state) for the thread's share of the replicas.
template <class Use>
__device__ __forceinline__ void for_my_replicas(const LoopCondition& op, const Use& use) {
  for (int r = static_cast<int>(threadIdx.x); r < op.replicas.count; r += kThreads) use(state_of(op, r));
}

__device__ __forceinline__ void publish(const LoopCondition& op) {
#pragma unroll 1
  for (int i = static_cast<int>(threadIdx.x); i < op.replicas.count * kMostPending; i += kThreads) {
    const int r = i / kMostPending;
    StepStatistics* const ring = op.ring + (op.replicas.first + r) * op.ring_size;
    publish_row(state_of(op, r), static_cast<unsigned>(i % kMostPending), ring, op.ring_size);
  }
  __syncthreads();
  for (int r = static_cast<int>(threadIdx.x); r < op.replicas.count; r += kThreads)
    publish_count(state_of(op, r), op.published + op.replicas.first + r);
}

/// The host may store `stop` while this runs: a volatile load is a relaxed one of system scope (PTX ISA,
/// "Memory consistency model"), so what it reads is an old value or a new one, and a new one before long.
__device__ __forceinline__ void set_condition(const LoopCondition& op) {
  int room = 0;
  for_my_replicas(op, [&](const StepState& state) { room |= has_room(op, state) ? 1 : 0; });
  room = __syncthreads_or(room);
  if (threadIdx.x != 0) return;
  const bool stopped = *static_cast<const volatile std::uint32_t*>(op.stop) != 0;
  cudaGraphSetConditional(op.handle, room != 0 && !stopped ? 1u : 0u);
}

__global__ void __launch_bounds__(kThreads) loop_begin_kernel(LoopCondition op, std::uint64_t most) {
  wait_for_previous_kernel();
  for_my_replicas(op, [&](StepState& state) {
    const bool all = most == 0 || state.stop_at < state.step || state.stop_at - state.step < most;
    state.pause_at = all ? state.stop_at : state.step + most;
  });
}

__global__ void __launch_bounds__(kThreads) loop_condition_kernel(LoopCondition op) {
  wait_for_previous_kernel();
  set_condition(op);
  publish(op);
}

__global__ void __launch_bounds__(kThreads)
    loop_report_kernel(StepState* first, Replicas replicas, LoopReport* report) {
  AGON_SHARED(std::uint64_t, furthest, [kThreads]);
  wait_for_previous_kernel();
  const int thread = static_cast<int>(threadIdx.x);
  std::uint64_t most = 0;
  int goes_on = 0;
  for (int r = thread; r < replicas.count; r += kThreads) {
    StepState& state = *formula::replica_of(replicas, replicas.first + r).at(first);
    state.pause_at = 0;
    most = state.step > most ? state.step : most;
    goes_on |= state.diverged == 0 ? 1 : 0;
  }
  furthest[thread] = most;
  goes_on = __syncthreads_or(goes_on);
  if (thread != 0) return;
  for (int i = 1; i < kThreads; ++i) most = furthest[i] > most ? furthest[i] : most;
  report->step = most;
  report->over = goes_on == 0 ? 1 : 0;
  __threadfence_system();  // the host must not see the count before the rest
  volatile std::uint64_t* const count = &report->count;
  *count = *count + 1;
}

/// One block for all replicas.
QueueView once(QueueView queue) {
  queue.replicas = {};
  return queue;
}

template <class Kernel>
void load(Kernel* kernel) {
  cudaFuncAttributes attributes{};
  AGON_CUDA_CHECK(cudaFuncGetAttributes(&attributes, reinterpret_cast<const void*>(kernel)));
}

}  // namespace

void loop_begin(QueueView queue, const LoopCondition& condition, std::uint64_t most) {
  launch(once(queue), {.threads = kThreads}, loop_begin_kernel, condition, most);
}

void loop_condition(QueueView queue, const LoopCondition& condition) {
  launch(once(queue), {.threads = kThreads}, loop_condition_kernel, condition);
}

void loop_report(QueueView queue, StepState* state, LoopReport* report) {
  queue.programmatic = false;  // all before it must have been done, not begun
  launch(once(queue), {.threads = kThreads}, loop_report_kernel, state, queue.replicas, report);
}

void load_loop_condition() {
  load(loop_report_kernel);
  load(loop_begin_kernel);
  load(loop_condition_kernel);
}

}  // namespace agon::kernels::cuda
