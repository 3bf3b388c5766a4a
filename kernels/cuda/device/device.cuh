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

/// Lets the next kernel's blocks be set up beside this one's, and waits until all that the kernels before
/// this one wrote is there. Every thread calls it before it reads or writes the device's memory, behind all
/// that it can work out from the kernel's arguments: that costs no time, the kernel before still runs.
/// Source: CUDA C++ Programming Guide, "Programmatic Dependent Launch and Synchronization".
__device__ __forceinline__ void wait_for_previous_kernel() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

/// Whether there are products of TF32 and bf16 operands.
#if __CUDA_ARCH__ >= 800
inline constexpr bool kTensorCoresTakeFloats = true;
#else
inline constexpr bool kTensorCoresTakeFloats = false;
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

/// Rounds to TF32: formula::rounded_to_tf32's bits, but for NaN's. Compute capability 8.0 on.
__device__ __forceinline__ std::uint32_t to_tf32(float value) {
  std::uint32_t bits = 0;
#if __CUDA_ARCH__ >= 800
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(value));
#endif
  return bits;
}

/// Two numbers rounded to bf16, `low` in the lower half: formula::rounded_to_bf16's upper halves, but for
/// NaN's. Compute capability 8.0 on.
__device__ __forceinline__ std::uint32_t to_bf16_pair(float low, float high) {
  std::uint32_t bits = 0;
#if __CUDA_ARCH__ >= 800
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(bits) : "f"(high), "f"(low));
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

/// d += a b for one warp: a (16, 16), b (16, 8), d (16, 8), pairs of neighbouring k's in a register. A lane
/// holds
///   a: (g, 2t) (g + 8, 2t) (g, 2t + 8) (g + 8, 2t + 8), and the next k of each      b: (2t, g) (2t + 8, g)
/// and d as above. Source: PTX ISA, "Matrix fragments for mma.m16n8k16 with floating point type". Compute
/// capability 8.0 on.
__device__ __forceinline__ void multiply_bf16(float (&d)[4], const std::uint32_t (&a)[4],
                                              const std::uint32_t (&b)[2]) {
#if __CUDA_ARCH__ >= 800
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
      "{%0,%1,%2,%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#endif
}

/// The same with half the k's, the registers' first half. Source: "Matrix fragments for mma.m16n8k8".
__device__ __forceinline__ void multiply_bf16(float (&d)[4], const std::uint32_t (&a)[2],
                                              const std::uint32_t (&b)[1]) {
#if __CUDA_ARCH__ >= 800
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5}, {%6}, {%0,%1,%2,%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(b[0]));
#endif
}

}  // namespace agon::kernels::cuda

#else
#include "simulated_device.hpp"
#endif
