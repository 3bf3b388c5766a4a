// Random fills: a thread makes one Philox block, four numbers.
#include "kernels/random.hpp"

#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/operations.hpp"
#include "kernels/formula/normal.hpp"
#include "kernels/formula/philox.hpp"
#include "kernels/formula/uniform.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 128;

__device__ __forceinline__ formula::PhiloxBlock block_of(const RandomStream& random, std::int64_t block) {
  const std::uint64_t step = random.step == nullptr ? 0 : *random.step;
  return formula::random_block(random.seed, static_cast<std::uint32_t>(random.purpose), step,
                               static_cast<std::uint32_t>(block));
}

/// Elements 4 block ... 4 block + 3 of out (n), as far as they exist.
__device__ __forceinline__ void store(float* out, std::int64_t n, std::int64_t block,
                                      const float (&value)[4]) {
  float* const target = out + 4 * block;
  if (4 * block + 4 <= n && reinterpret_cast<std::uintptr_t>(target) % 16 == 0) {
    *reinterpret_cast<float4*>(target) = make_float4(value[0], value[1], value[2], value[3]);
    return;
  }
  for (int e = 0; e < 4; ++e)
    if (4 * block + e < n) target[e] = value[e];
}

__global__ void __launch_bounds__(kThreads) uniform_kernel(UniformFill op) {
  const std::int64_t block = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  const formula::PhiloxBlock random = block_of(op.random, block);
  float value[4];
#pragma unroll
  for (int e = 0; e < 4; ++e) value[e] = formula::uniform_between(random.word[e], op.low, op.high);
  store(op.out, op.n, block, value);
}

__global__ void __launch_bounds__(kThreads) normal_kernel(NormalFill op) {
  const std::int64_t block = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  const formula::PhiloxBlock random = block_of(op.random, block);
  const formula::NormalPair low = formula::normal_pair(random.word[0], random.word[1]);
  const formula::NormalPair high = formula::normal_pair(random.word[2], random.word[3]);
  store(op.out, op.n, block, {low.first, low.second, high.first, high.second});
}

Launch shape_for(std::int64_t n) { return {.blocks = blocks_for(n, 4 * kThreads), .threads = kThreads}; }

}  // namespace

void uniform_fill(QueueView queue, const UniformFill& op) {
  if (op.n > 0) launch(queue, shape_for(op.n), uniform_kernel, op);
}

void normal_fill(QueueView queue, const NormalFill& op) {
  if (op.n > 0) launch(queue, shape_for(op.n), normal_kernel, op);
}

}  // namespace agon::kernels::cuda
