// The device language of our kernels: what CUDA C++ has no portable word for, in small named pieces.
//
// A build of the same .cu files for the simulated device of tests/simulator/ (a plain C++ compiler, no
// __CUDACC__) supplies its own meaning of everything here in simulated_device.hpp, and of CUDA's own words in
// its cuda_runtime.h. To keep that possible kernels use: launch() and never <<<>>>; AGON_SHARED and never
// __shared__; no PTX outside this file; only _sync forms of warp operations; no return before a block's last
// barrier; no spinning on memory.
#pragma once

#include <cuda_runtime.h>

#ifdef __CUDACC__
#include <cstdint>

/// AGON_SHARED(float, tile, [16][32]) declares `float tile[16][32]` in the block's shared memory, 16-byte
/// aligned.
#define AGON_SHARED(type, name, ...) __shared__ alignas(16) type name __VA_ARGS__

namespace agon::kernels::cuda {

/// The shared memory that the launch asked for, 128-byte aligned.
template <class T>
__device__ __forceinline__ T* dynamic_shared() {
  extern __shared__ __align__(128) unsigned char memory_of_the_launch[];
  return reinterpret_cast<T*>(memory_of_the_launch);
}

/// Lets the next kernel's blocks be set up beside this one's, and waits until all that the kernels before this one
/// wrote is there. The first thing in every kernel: nothing may be read or written before it. Source: CUDA C++
/// Programming Guide, "Programmatic Dependent Launch and Synchronization".
__device__ __forceinline__ void wait_for_previous_kernel() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

#if __CUDA_ARCH__ >= 800
inline constexpr bool kTensorCoresTakeTf32 = true;
#else
inline constexpr bool kTensorCoresTakeTf32 = false;
#endif

/// Starts a copy of `Bytes` (4 or 16) bytes to shared memory, or zeroes them where not `valid` (`source` is
/// then not read, but must be an address). Both sides aligned to Bytes. Before compute capability 8.0 the
/// copy is done on return.
template <int Bytes>
__device__ __forceinline__ void copy_async(float* shared, const float* source, bool valid) {
  static_assert(Bytes == 4 || Bytes == 16);
#if __CUDA_ARCH__ >= 800
  const auto address = static_cast<std::uint32_t>(__cvta_generic_to_shared(shared));
  const int from_source = valid ? Bytes : 0;
  if constexpr (Bytes == 16) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(source), "r"(from_source)
                 : "memory");
  } else {
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(address), "l"(source), "r"(from_source)
                 : "memory");
  }
#else
  if constexpr (Bytes == 16) {
    *reinterpret_cast<float4*>(shared) =
        valid ? *reinterpret_cast<const float4*>(source) : make_float4(0.0f, 0.0f, 0.0f, 0.0f);
  } else {
    *shared = valid ? *source : 0.0f;
  }
#endif
}

/// Closes a group of the thread's copies.
__device__ __forceinline__ void copy_async_commit() {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

/// Waits until at most `Pending` of the thread's latest groups are under way. A barrier must follow before
/// other threads read what was copied.
template <int Pending>
__device__ __forceinline__ void copy_async_wait() {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.wait_group %0;" ::"n"(Pending) : "memory");
#endif
}

/// Rounds to TF32 (10 bits of mantissa), ties away from zero.
__device__ __forceinline__ std::uint32_t to_tf32(float value) {
  std::uint32_t bits = __float_as_uint(value);
#if __CUDA_ARCH__ >= 800
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(value));
#endif
  return bits;
}

/// d += a b for one warp: a (16, 8), b (8, 8), d (16, 8). With g = lane / 4 and t = lane % 4 a lane holds
///   a: (g, t) (g + 8, t) (g, t + 4) (g + 8, t + 4)      b: (t, g) (t + 4, g)
///   d: (g, 2t) (g, 2t + 1) (g + 8, 2t) (g + 8, 2t + 1)
/// Source: PTX ISA, "Matrix fragments for mma.m16n8k8". Compute capability 8.0 on.
__device__ __forceinline__ void multiply_tf32(float (&d)[4], const std::uint32_t (&a)[4],
                                              const std::uint32_t (&b)[2]) {
#if __CUDA_ARCH__ >= 800
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
      "{%0,%1,%2,%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#endif
}

}  // namespace agon::kernels::cuda

#else
#include "simulated_device.hpp"
#endif
