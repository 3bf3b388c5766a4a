// The end of a step, by one block.
#pragma once

#include "kernels/cuda/step/step_losses.cuh"
#include "kernels/formula/health_probe.hpp"
#include "kernels/formula/step.hpp"

namespace agon::kernels::cuda {

inline constexpr int kEndThreads = 256;
/// Floats of shared memory that end_step() takes.
template <int Threads>
inline constexpr int kEndShared = kBlockSumShared<Threads, 2 * kLossSums + 1>;

/// Sums of both losses in one pass over the block: the discriminator's, then the generator's.
template <int Threads>
__device__ __forceinline__ void work_out_losses(float* shared, const StepEnd& op,
                                                const SegmentScales& discriminator,
                                                const SegmentScales& generator) {
  float d[kLossSums] = {}, g[kLossSums] = {};
  add_losses(op.discriminator, threadIdx.x, Threads, d);
  add_losses(op.generator, threadIdx.x, Threads, g);
  float all[2 * kLossSums];
#pragma unroll
  for (int i = 0; i < kLossSums; ++i) all[i] = d[i], all[kLossSums + i] = g[i];
  block_sum<Threads>(shared, all);
  if (threadIdx.x != 0) return;
#pragma unroll
  for (int i = 0; i < kLossSums; ++i) d[i] = all[i], g[i] = all[kLossSums + i];
  if (op.discriminator.n > 0) write_losses(op.discriminator.result, discriminator, d);
  if (op.generator.n > 0) write_losses(op.generator.result, generator, g);
}

/// In shared memory behind what work_out_losses() takes: no thread waits for the others to have read that.
template <int Threads>
__device__ __forceinline__ void work_out_penalty(float* shared, const StepEnd& op) {
  if (op.penalties == nullptr) return;
  float sum[1] = {};
  for (std::int64_t i = threadIdx.x; i < op.penalty_rows; i += Threads) sum[0] += op.penalties[i];
  block_sum<Threads>(shared + kBlockSumShared<Threads, 2 * kLossSums>, sum);
  if (threadIdx.x == 0) op.state->penalty = op.penalty_scale * sum[0];
}

/// Called by all Threads threads of a block.
template <int Threads>
__device__ __forceinline__ void end_step(float* shared, const StepEnd& op, const SegmentScales& discriminator,
                                         const SegmentScales& generator) {
  StepState& state = *op.state;
  if (state.diverged != 0) return;  // the same for all: nobody has written it yet
  work_out_losses<Threads>(shared, op, discriminator, generator);
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
