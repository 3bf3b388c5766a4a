// A warp takes a row, whose levels its lanes share.
#include "kernels/condition_gradient.hpp"

#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/device/reduce.cuh"
#include "kernels/cuda/level_choice.cuh"
#include "kernels/formula/conditions.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 128;

__global__ void __launch_bounds__(kThreads)
    condition_gradient_kernel(ConditionGradient first, ReplicaGrid grid) {
  const ConditionGradient op = at_replica(first, grid.mine());
  const std::int64_t row = (static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x) / 32;
  wait_for_previous_kernel();
  if (row >= op.rows) return;  // a whole warp's
  const std::int32_t chosen = op.chosen[row];
  const std::int64_t head = formula::head_of(op.shape, chosen);
  const std::int64_t levels = op.shape.first[head + 1] - op.shape.first[head];
  const float* const scores = op.scores + row * op.width + op.shape.score[head];
  float* const dscores = op.dscores + row * op.width + op.shape.score[head];
  const formula::LevelChoice best = choice(scores, levels);
  float sum = 0.0f;
  for (std::int64_t l = lane_index(); l < levels; l += 32)
    sum += formula::level_weight(scores[l], best.logit, 1.0f);
  const float scale = formula::quotient(op.scale, warp_sum(sum));
  for (std::int64_t l = lane_index(); l < levels; l += 32) {
    const float share = formula::level_weight(scores[l], best.logit, 1.0f) * scale;
    const bool asked = l == chosen - op.shape.first[head];
    dscores[l] += asked ? share - op.scale : share;
  }
}

}  // namespace

void condition_gradient(QueueView queue, const ConditionGradient& op) {
  launch(queue, {.blocks = blocks_for(op.rows, kThreads / 32), .threads = kThreads},
         condition_gradient_kernel, op, ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
