// A thread makes one Philox block: four numbers, added where they belong.
#include "kernels/instance_noise.hpp"

#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/random.cuh"
#include "kernels/formula/instance_noise.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 128;

/// Elements 4 quad ... 4 quad + 3 of rows, as far as they exist.
__device__ __forceinline__ void add_quad(const InstanceNoise& op, float deviation, std::int64_t quad) {
  float value[4] = {};
  const std::int64_t left = op.n - 4 * quad;
  for (int e = 0; e < 4; ++e)
    if (e < left) value[e] = op.rows[4 * quad + e];
  if (op.clean != nullptr) store_quad(op.clean, op.n, quad, value);
  const formula::FourNumbers noise = formula::normal_four(random_block(op.random, op.first / 4 + quad));
#pragma unroll
  for (int e = 0; e < 4; ++e) value[e] = formula::fused(deviation, noise.value[e], value[e]);
  store_quad(op.rows, op.n, quad, value);
}

__global__ void __launch_bounds__(kThreads) instance_noise_kernel(InstanceNoise first, ReplicaGrid grid) {
  const InstanceNoise op = at_replica(first, grid.mine());
  wait_for_previous_kernel();
  const float deviation = formula::noise_deviation(op, op.random.step == nullptr ? 0 : *op.random.step);
  if (deviation == 0.0f && op.clean == nullptr) return;
  const std::int64_t quad = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (4 * quad < op.n) add_quad(op, deviation, quad);
}

}  // namespace

void instance_noise(QueueView queue, const InstanceNoise& op) {
  launch(queue, {.blocks = blocks_for(op.n, 4 * kThreads), .threads = kThreads}, instance_noise_kernel, op,
         ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
