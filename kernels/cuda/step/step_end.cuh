// The end of a step, by one block.
#pragma once

#include "kernels/cuda/step/step_losses.cuh"
#include "kernels/formula/health_probe.hpp"
#include "kernels/formula/step.hpp"

namespace agon::kernels::cuda {

inline constexpr int kEndThreads = 256;
/// Floats of shared memory that end_step() takes.
template <int Threads>
inline constexpr int kEndShared = kBlockSumShared<Threads, kMostLosses * kLossSums + 1>;

/// Of each of a step's losses.
struct LossScales {
  SegmentScales of[kMostLosses];
};

inline LossScales loss_scales(const StepEnd& op) {
  LossScales scales{};
  for (int l = 0; l < kMostLosses; ++l) scales.of[l] = segment_scales(op.loss[l]);
  return scales;
}

/// Sums of all losses in one pass over the block.
template <int Threads>
__device__ __forceinline__ void work_out_losses(float* shared, const StepEnd& op, const LossScales& scales) {
  float all[kMostLosses * kLossSums];
#pragma unroll
  for (int l = 0; l < kMostLosses; ++l) {
    float sum[kLossSums] = {};
    add_losses(op.loss[l], threadIdx.x, Threads, sum);
#pragma unroll
    for (int i = 0; i < kLossSums; ++i) all[l * kLossSums + i] = sum[i];
  }
  block_sum<Threads>(shared, all);
  if (threadIdx.x != 0) return;
#pragma unroll
  for (int l = 0; l < kMostLosses; ++l) {
    float sum[kLossSums];
#pragma unroll
    for (int i = 0; i < kLossSums; ++i) sum[i] = all[l * kLossSums + i];
    if (op.loss[l].n > 0) write_losses(op.loss[l].result, scales.of[l], sum);
  }
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

/// Called by all Threads threads of a block.
template <int Threads>
__device__ __forceinline__ void end_step(float* shared, const StepEnd& op, const LossScales& scales) {
  StepState& state = *op.state;
  if (state.diverged != 0) return;  // the same for all: nobody has written it yet
  work_out_losses<Threads>(shared, op, scales);
  work_out_penalty<Threads>(shared, op);
  if (threadIdx.x != 0) return;
  const StepStatistics row = formula::step_statistics(state);
  op.ring[state.step % static_cast<std::uint64_t>(op.ring_size)] = row;
  formula::write_health(op.health, state);
  formula::finish_step(state, row);
  __threadfence_system();  // the host must not see the count before the row
  // Only a store: a read would cross the bus and back.
  *static_cast<volatile std::uint64_t*>(op.published) = row.step;
}

}  // namespace agon::kernels::cuda
