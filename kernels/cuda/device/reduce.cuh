// Sums over a warp and a block, always in the same order.
#pragma once

#include <cstdint>

#include "kernels/cuda/device/device.cuh"

namespace agon::kernels::cuda {

/// Every lane gets the warp's sum.
template <class T>
__device__ __forceinline__ T warp_sum(T value) {
#pragma unroll
  for (int distance = 16; distance > 0; distance /= 2) value += __shfl_xor_sync(0xffffffffu, value, distance);
  return value;
}

/// Every lane gets the dot product of a and b, (n): read by Elements, float or float4, n a multiple of
/// theirs.
template <class Element>
__device__ __forceinline__ float warp_dot(const float* a, const float* b, int n) {
  constexpr int kEach = sizeof(Element) / sizeof(float);
  float sum = 0.0f;
  for (int i = static_cast<int>(threadIdx.x % 32); i < n / kEach; i += 32) {
    const Element left = reinterpret_cast<const Element*>(a)[i];
    const Element right = reinterpret_cast<const Element*>(b)[i];
#pragma unroll
    for (int e = 0; e < kEach; ++e)
      sum = fmaf(reinterpret_cast<const float*>(&left)[e], reinterpret_cast<const float*>(&right)[e], sum);
  }
  return warp_sum(sum);
}

/// Numbers of shared memory that block_sum() takes.
template <int Threads, int Count>
inline constexpr int kBlockSumShared = Count*(Threads / 32);

/// Sums each of the Count values over a block of Threads threads; the threads of warp 0 get the sums. Called
/// by every thread; `shared` may be used for something else after a barrier. `thread`: the caller's, where
/// several parts of a block of Threads threads each do so at once, each in shared memory of its own.
template <int Threads, class T, int Count>
__device__ __forceinline__ void block_sum(T* shared, T (&value)[Count], unsigned thread = threadIdx.x) {
  constexpr int kWarps = Threads / 32;
  static_assert(Threads % 32 == 0 && kWarps <= 32);
  const int lane = static_cast<int>(thread % 32), warp = static_cast<int>(thread / 32);
#pragma unroll
  for (int i = 0; i < Count; ++i) {
    const T sum = warp_sum(value[i]);
    if (lane == 0) shared[i * kWarps + warp] = sum;
  }
  __syncthreads();
  if (warp == 0) {
#pragma unroll
    for (int i = 0; i < Count; ++i) value[i] = warp_sum(lane < kWarps ? shared[i * kWarps + lane] : T{0});
  }
}

/// The same in shared memory of its own, at most once in a kernel.
template <int Threads, int Count>
__device__ __forceinline__ void block_sum(float (&value)[Count]) {
  AGON_SHARED(float, partial, [kBlockSumShared<Threads, Count>]);
  block_sum<Threads>(partial, value);
}

}  // namespace agon::kernels::cuda
