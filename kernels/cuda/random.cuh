// Random fills: a thread makes one Philox block, four numbers.
#pragma once

#include "kernels/cuda/device/device.cuh"
#include "kernels/formula/normal.hpp"
#include "kernels/formula/philox.hpp"
#include "kernels/formula/uniform.hpp"
#include "kernels/random.hpp"

namespace agon::kernels::cuda {

__device__ __forceinline__ formula::PhiloxBlock random_block(const RandomStream& random, std::int64_t block) {
  const std::uint64_t step = random.step == nullptr ? 0 : *random.step;
  return formula::random_block(random.seed, static_cast<std::uint32_t>(random.purpose), step,
                               static_cast<std::uint32_t>(block));
}

/// Element e of the stream, on [0, 1).
__device__ __forceinline__ float uniform_number(const RandomStream& random, std::int64_t e) {
  const formula::PhiloxBlock block = random_block(random, e / 4);
  const int at = static_cast<int>(e % 4);
  const std::uint32_t low = at == 0 ? block.word[0] : block.word[1];
  const std::uint32_t high = at == 2 ? block.word[2] : block.word[3];
  return formula::uniform(at < 2 ? low : high);
}

/// Elements 4 quad ... 4 quad + 3 of out (n), as far as they exist.
__device__ __forceinline__ void store_quad(float* out, std::int64_t n, std::int64_t quad,
                                           const float (&value)[4]) {
  float* const target = out + 4 * quad;
  if (4 * quad + 4 <= n && reinterpret_cast<std::uintptr_t>(target) % 16 == 0) {
    *reinterpret_cast<float4*>(target) = make_float4(value[0], value[1], value[2], value[3]);
    return;
  }
  for (int e = 0; e < 4; ++e)
    if (4 * quad + e < n) target[e] = value[e];
}

__device__ __forceinline__ void normal_quad(const NormalFill& op, std::int64_t quad) {
  store_quad(op.out, op.n, quad, formula::normal_four(random_block(op.random, op.first / 4 + quad)).value);
}

}  // namespace agon::kernels::cuda
