// A warp takes a row: all its lanes find the same level, then write the row's condition together.
#include "kernels/draw_conditions.hpp"

#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/random.cuh"
#include "kernels/formula/conditions.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 128;

__global__ void __launch_bounds__(kThreads) draw_conditions_kernel(DrawConditions first, ReplicaGrid grid) {
  const DrawConditions op = at_replica(first, grid.mine());
  const std::int64_t row = (static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x) / 32;
  const int lane = static_cast<int>(threadIdx.x % 32);
  wait_for_previous_kernel();
  if (row >= op.rows) return;
  const formula::PhiloxBlock words = random_block(op.random, op.first + row);
  const std::int32_t level = formula::drawn_level(op.shape, words);
  float* const out = op.out + (row + 1) * op.width - op.shape.levels;
  for (std::int64_t l = lane; l < op.shape.levels; l += 32) out[l] = l == level ? 1.0f : 0.0f;
  if (lane != 0) return;
  if (op.chosen != nullptr) op.chosen[row] = level;
  if (op.source != nullptr) op.source[row] = formula::drawn_row(op.table, level, words);
}

}  // namespace

void draw_conditions(QueueView queue, const DrawConditions& op) {
  launch(queue, {.blocks = blocks_for(op.rows, kThreads / 32), .threads = kThreads}, draw_conditions_kernel,
         op, ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
