// A thread makes one Philox block, the noise of four columns of a row.
#include "kernels/gumbel_noise.hpp"

#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/random.cuh"
#include "kernels/formula/row_number.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 256;

__global__ void __launch_bounds__(kThreads) gumbel_noise_kernel(GumbelNoise first, ReplicaGrid grid) {
  const GumbelNoise op = at_replica(first, grid.mine());
  const std::int64_t quads = (op.width + 3) / 4, noisy = (op.levels + 3) / 4;
  const std::int64_t index = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  const std::int64_t row = index / quads, quad = index % quads;
  wait_for_previous_kernel();
  if (row >= op.rows) return;
  formula::PhiloxBlock words{};
  if (quad < noisy) words = random_block(op.random, formula::row_number(op, row) * noisy + quad);
#pragma unroll
  for (int e = 0; e < 4; ++e) {
    const std::int64_t column = 4 * quad + e, i = row * op.width + column;
    if (column < op.width)
      op.y[i] = column < op.levels ? op.x[i] + formula::gumbel_number(words.word[e]) : op.x[i];
  }
}

}  // namespace

void gumbel_noise(QueueView queue, const GumbelNoise& op) {
  const std::int64_t quads = op.rows * ((op.width + 3) / 4);
  launch(queue, {.blocks = blocks_for(quads, kThreads), .threads = kThreads}, gumbel_noise_kernel, op,
         ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
