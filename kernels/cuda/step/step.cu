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
static_assert(kThreads >= 4 * 32 && 2 * kMostPlayers <= 32);  // advance_state()

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

/// A warp for each part of what updates are derived from, a lane for each optimiser: one thread would take
/// longer for its several hundred operations in double than all other blocks of the kernel. Everything else
/// reads of the state only what this leaves alone (step, diverged). A diverged run stands still: a graph
/// whose body holds several steps runs to the body's end all the same.
__device__ __forceinline__ void advance_state(StepState& state, const StepBegin& op) {
  AGON_SHARED(double, factor, [1]);
  AGON_SHARED(double, bias, [2][kMostPlayers]);
  AGON_SHARED(double, beta2, [kMostPlayers]);
  AGON_SHARED(float, rest, [kMostPlayers]);
  if (state.diverged != 0) return;
  const int warp = static_cast<int>(threadIdx.x / 32), lane = static_cast<int>(threadIdx.x % 32);
  const int i = lane % kMostPlayers, second = lane / kMostPlayers;
  AdamState& its = state.optimiser[i];
  const bool advances = (op.advances >> i & 1) != 0;
  if (warp == 0 && lane == 0) factor[0] = formula::rate_factor(state.schedule, state.step);
  if (warp == 1 && second < 2 && advances) {
    const double beta = second == 0 ? its.beta1 : formula::beta2_at(state.burn_in, its, state.step);
    bias[second][i] = formula::bias_correction(beta, its.step + 1);
    if (second == 1) beta2[i] = beta;
  }
  if (warp == 2 && second == 0 && advances)
    rest[i] = formula::average_rest(its.average_half_life, its.step + 1);
  if (warp == 3 && lane == 0) {
    if (!op.again) formula::note_copy(state, formula::slot_to_keep(state, op.keep));
    state.penalty_share = formula::penalty_share(state.burn_in, state.step);
  }
  __syncthreads();
  if (warp == 0 && second == 0 && advances)
    formula::advance(its, {factor[0], beta2[i], bias[0][i], bias[1][i], rest[i]});
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
  const formula::Replica mine = grid.mine();
  std::int64_t block = blockIdx.x;
  wait_for_previous_kernel();
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
    step_end_kernel(const __grid_constant__ Ending end, ReplicaGrid grid) {
  AGON_SHARED(float, shared, [kEndShared<kEndThreads>]);
  wait_for_previous_kernel();
  end_step<kEndThreads>(shared, end, grid.mine());
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
  launch(queue, {.threads = kEndThreads}, step_end_kernel, ending(op), ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
