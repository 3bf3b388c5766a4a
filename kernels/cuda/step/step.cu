// The two operations that frame a step.
#include "kernels/step.hpp"

#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/gather_batch.cuh"
#include "kernels/cuda/random.cuh"
#include "kernels/cuda/step/health_probe.cuh"
#include "kernels/cuda/step/step_end.cuh"
#include "kernels/formula/step.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 128;
constexpr int kCopyBlocks = kHealthBlocks;

/// Blocks of each of a step's beginnings: the first block advances the state, the next copy what is learnt
/// and probe the health, the next draw noise, the rest gather rows.
struct BeginGrid {
  int copy = 0;  // or probing
  std::int64_t noise = 0;
  std::int64_t rows = 0;
  std::int64_t wanted = 0;  // rows of the batch
};

/// 16 bytes at a time. Whether there is anything to do this step only the state knows.
__device__ __forceinline__ void copy_what_is_learnt(const StepState& state, const KeepGood& keep,
                                                    std::int64_t block) {
  const std::int32_t slot = formula::slot_to_keep(state, keep);
  if (slot < 0) return;
  const auto* const from = reinterpret_cast<const float4*>(keep.source);
  auto* const to = reinterpret_cast<float4*>(slot == 0 ? keep.slot[0] : keep.slot[1]);
#pragma unroll 1
  for (std::int64_t i = block * kThreads + threadIdx.x; i < keep.bytes / 16; i += kCopyBlocks * kThreads)
    to[i] = from[i];
}

/// Everything else reads of the state only what this leaves alone (step, diverged).
__device__ __forceinline__ void advance_state(StepState& state, const StepBegin& op) {
  if (threadIdx.x != 0) return;
  op.again ? formula::begin_phase(state, op.advances)
           : formula::begin_step(state, op.advances, formula::slot_to_keep(state, op.keep));
}

/// What is probed no block of this kernel writes.
__device__ __forceinline__ void copy_and_probe(const StepState& state, const KeepGood& keep,
                                               const HealthProbe& op, std::int64_t block) {
  AGON_SHARED(float, shared, [kHealthShared<kThreads>]);
  copy_what_is_learnt(state, keep, block);
  if (formula::health_is_due(state, op.every)) probe<kThreads>(shared, op, block);
}

__global__ void __launch_bounds__(kThreads, 1)
    step_begin_kernel(const __grid_constant__ StepBegin first, BeginGrid blocks, ReplicaGrid grid) {
  wait_for_previous_kernel();
  const formula::Replica mine = grid.mine();
  std::int64_t block = blockIdx.x;
  if (block == 0) return advance_state(*mine.at(first.state), first);
  block -= 1;
  if (block < blocks.copy)
    return copy_and_probe(*mine.at(first.state), at_replica(first.keep, mine), at_replica(first.health, mine),
                          block);
  block -= blocks.copy;
  if (block < blocks.noise) return normal_quad(at_replica(first.noise, mine), block * kThreads + threadIdx.x);
  gather_rows<kThreads>(at_replica(first.rows, mine), blocks.wanted, block - blocks.noise);
}

__global__ void __launch_bounds__(kEndThreads)
    step_end_kernel(StepEnd first, LossScales scales, ReplicaGrid grid) {
  AGON_SHARED(float, shared, [kEndShared<kEndThreads>]);
  wait_for_previous_kernel();
  end_step<kEndThreads>(shared, at_replica(first, grid.mine()), scales);
}

}  // namespace

void step_begin(QueueView queue, const StepBegin& op) {
  BeginGrid blocks;
  if (op.keep.source != nullptr || op.health.every != 0) blocks.copy = kCopyBlocks;
  if (op.noise.out != nullptr) blocks.noise = blocks_for(op.noise.n, 4 * kThreads);
  if (op.rows.out != nullptr) {
    blocks.wanted = op.rows.wanted();
    blocks.rows = blocks_for(blocks.wanted, kGatherRows);
  }
  launch(queue, {.blocks = 1 + blocks.copy + blocks.noise + blocks.rows, .threads = kThreads},
         step_begin_kernel, op, blocks, ReplicaGrid(queue));
}

void step_end(QueueView queue, const StepEnd& op) {
  launch(queue, {.threads = kEndThreads}, step_end_kernel, op, loss_scales(op), ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
