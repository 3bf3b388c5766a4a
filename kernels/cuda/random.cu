#include "kernels/cuda/random.cuh"

#include "kernels/cuda/device/launch.cuh"
#include "kernels/formula/uniform.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 128;

__device__ __forceinline__ std::int64_t thread_index() {
  return static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
}

__global__ void __launch_bounds__(kThreads) uniform_kernel(UniformFill first, ReplicaGrid grid) {
  const UniformFill op = at_replica(first, grid.mine());
  wait_for_previous_kernel();
  const formula::PhiloxBlock random = random_block(op.random, thread_index());
  store_quad(op.out, op.n, thread_index(), formula::uniform_four(random, op.low, op.high).value);
}

__global__ void __launch_bounds__(kThreads) normal_kernel(NormalFill first, ReplicaGrid grid) {
  wait_for_previous_kernel();
  normal_quad(at_replica(first, grid.mine()), thread_index());
}

Launch shape_for(std::int64_t n) { return {.blocks = blocks_for(n, 4 * kThreads), .threads = kThreads}; }

}  // namespace

void uniform_fill(QueueView queue, const UniformFill& op) {
  if (op.n > 0) launch(queue, shape_for(op.n), uniform_kernel, op, ReplicaGrid(queue));
}

void normal_fill(QueueView queue, const NormalFill& op) {
  if (op.n > 0) launch(queue, shape_for(op.n), normal_kernel, op, ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
