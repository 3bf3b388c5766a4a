// The highest of a head's logits, by a warp.
#pragma once

#include <cstdint>

#include "kernels/cuda/device/device.cuh"
#include "kernels/formula/record_heads.hpp"

namespace agon::kernels::cuda {

__device__ __forceinline__ int lane_index() { return static_cast<int>(threadIdx.x % 32); }

/// Of a head's logits, the same for every lane.
__device__ __forceinline__ formula::LevelChoice choice(const float* logits, std::int64_t levels) {
  formula::LevelChoice best;
  for (std::int64_t level = lane_index(); level < levels; level += 32)
    best = formula::better_of_later(best, {logits[level], static_cast<std::int32_t>(level)});
#pragma unroll
  for (int distance = 16; distance > 0; distance /= 2)
    best = formula::better(best, {__shfl_xor_sync(0xffffffffu, best.logit, distance),
                                  __shfl_xor_sync(0xffffffffu, best.level, distance)});
  return best;
}

}  // namespace agon::kernels::cuda
