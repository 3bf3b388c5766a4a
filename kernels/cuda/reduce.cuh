// Sums over a warp and a block, always in the same order.
#pragma once

#include "kernels/cuda/device.cuh"

namespace agon::kernels::cuda {

/// Every lane gets the warp's sum.
__device__ __forceinline__ float warp_sum(float value) {
#pragma unroll
  for (int distance = 16; distance > 0; distance /= 2) value += __shfl_xor_sync(0xffffffffu, value, distance);
  return value;
}

/// Sums each of the Count values over a block of Threads threads; the threads of warp 0 get the sums. Called
/// by every thread, at most once in a kernel (a second call would need a barrier between).
template <int Threads, int Count>
__device__ __forceinline__ void block_sum(float (&value)[Count]) {
  constexpr int kWarps = Threads / 32;
  static_assert(Threads % 32 == 0 && kWarps <= 32);
  AGON_SHARED(float, partial, [Count][kWarps]);
  const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
#pragma unroll
  for (int i = 0; i < Count; ++i) {
    const float sum = warp_sum(value[i]);
    if (lane == 0) partial[i][warp] = sum;
  }
  __syncthreads();
  if (warp == 0) {
#pragma unroll
    for (int i = 0; i < Count; ++i) value[i] = warp_sum(lane < kWarps ? partial[i][lane] : 0.0f);
  }
}

}  // namespace agon::kernels::cuda
