// A thread makes one Philox block, the factors of four columns of a row.
#include "kernels/dropout.hpp"

#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/random.cuh"
#include "kernels/formula/dropout.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 256;

__global__ void __launch_bounds__(kThreads) dropout_kernel(Dropout first, ReplicaGrid grid) {
  const Dropout op = at_replica(first, grid.mine());
  const std::int64_t quads = formula::dropout_quads(op.width);
  const std::int64_t index = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  const std::int64_t row = index / quads, quad = index % quads;
  wait_for_previous_kernel();
  if (row >= op.rows) return;
  const formula::PhiloxBlock random = random_block(op.random, formula::dropout_block(op, row) + quad);
  const float scale = formula::dropout_scale(op.probability);
#pragma unroll
  for (int e = 0; e < 4; ++e) {
    if (4 * quad + e >= op.width) continue;
    const std::int64_t i = row * op.width + 4 * quad + e;
    op.x[i] *= formula::dropout_factor(random.word[e], op.probability, scale);
  }
}

}  // namespace

void dropout(QueueView queue, const Dropout& op) {
  const std::int64_t quads = op.rows * formula::dropout_quads(op.width);
  launch(queue, {.blocks = blocks_for(quads, kThreads), .threads = kThreads}, dropout_kernel, op,
         ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
