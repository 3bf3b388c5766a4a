// The end of a step, by one block.
#pragma once

#include "kernels/cuda/step/publish.cuh"
#include "kernels/cuda/step/step_losses.cuh"
#include "kernels/formula/health_probe.hpp"
#include "kernels/formula/step.hpp"

namespace agon::kernels::cuda {

inline constexpr int kEndThreads = 256;
/// Floats of shared memory that end_step() takes.
template <int Threads>
inline constexpr int kEndShared = kBlockSumShared<Threads, kMostLosses * kLossSums + 1>;

/// A step's end as a kernel takes it.
struct Ending {
  StepEnd op{};
  SegmentScales scales[kMostLosses]{};  // of its losses
};

inline Ending ending(const StepEnd& op) {
  Ending end{.op = op};
  for (int l = 0; l < kMostLosses; ++l) end.scales[l] = segment_scales(op.loss[l]);
  return end;
}

/// Each loss by a part of the block. A barrier must follow before another thread reads the results.
template <int Threads>
__device__ __forceinline__ void work_out_losses(float* shared, const Ending& end, formula::Replica mine) {
  constexpr int kPart = Threads / kMostLosses;
  const unsigned part = threadIdx.x / kPart, thread = threadIdx.x % kPart;
  const ObjectiveLoss loss = at_replica(end.op.loss[part], mine);
  float sum[kLossSums] = {};
  add_losses(loss, thread, kPart, sum);
  block_sum<kPart>(shared + part * kBlockSumShared<kPart, kLossSums>, sum, thread);
  if (thread == 0 && loss.n > 0) write_losses(loss.result, end.scales[part], sum);
}

/// In shared memory behind what work_out_losses() takes: no thread waits for the others to have read that.
template <int Threads>
__device__ __forceinline__ void work_out_penalty(float* shared, const StepEnd& op) {
  if (op.penalties == nullptr) return;
  float sum[1] = {};
  for (std::int64_t i = threadIdx.x; i < op.penalty_rows; i += Threads) sum[0] += op.penalties[i];
  block_sum<Threads>(shared + kBlockSumShared<Threads, kMostLosses * kLossSums>, sum);
  if (threadIdx.x == 0) op.state->penalty = op.penalty_scale * sum[0];
}

/// Writes a step's row and counts the step; by one thread.
__device__ __forceinline__ void count_step(const StepEnd& op, StepState& state) {
  const StepStatistics row = formula::step_statistics(state);
  state.waiting[row.step % kMostPending] = row;
  ++state.pending;
  formula::write_health(op.health, state);
  formula::finish_step(state, row);
}

/// Called by all Threads threads of a block.
template <int Threads>
__device__ __forceinline__ void end_step(float* shared, const Ending& end, formula::Replica mine) {
  static_assert(Threads >= kMostPending);
  const StepEnd op = at_replica(end.op, mine);
  StepState& state = *op.state;
  if (state.diverged != 0) return;  // the same for all: nobody has written it yet
  work_out_losses<Threads>(shared, end, mine);
  work_out_penalty<Threads>(shared, op);
  __syncthreads();
  if (threadIdx.x == 0) count_step(op, state);
  __syncthreads();
  if (!formula::publishes_now(state)) return;
  publish_row(state, threadIdx.x, op.ring, op.ring_size);
  __syncthreads();
  if (threadIdx.x == 0) publish_count(state, op.published);
}

}  // namespace agon::kernels::cuda
