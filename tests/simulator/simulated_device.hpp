// The twins of what kernels/cuda/device.cuh spells in PTX. Layouts are the PTX document's.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "tests/simulator/core/early.hpp"
#include "tests/simulator/language/async_copy.hpp"
#include "tests/simulator/language/shared_memory.hpp"
#include "tests/simulator/language/warp.hpp"

/// The tag's address tells this variable, in this instance of a template, from every other one.
#define AGON_SHARED(type, name, ...)                                                                  \
  static const char name##_tag = 0;                                                                   \
  using name##_type = type __VA_ARGS__;                                                               \
  auto& name = *static_cast<name##_type*>(::agon::simulator::shared_variable(                         \
      &name##_tag, #name, sizeof(name##_type), alignof(name##_type) > 16 ? alignof(name##_type) : 16, \
      __FILE__, __LINE__))

namespace agon::kernels::cuda {

inline void wait_for_previous_kernel() { simulator::wait_for_previous_grid(); }

inline constexpr bool kTensorCoresTakeTf32 = true;

template <class T>
T* dynamic_shared() {
  return static_cast<T*>(simulator::dynamic_shared_memory());
}

template <int Bytes>
void copy_async(float* shared, const float* source, bool valid, AGON_SITE) {
  static_assert(Bytes == 4 || Bytes == 16);
  simulator::begin_copy(shared, valid ? source : nullptr, Bytes, AGON_PASS_SITE);
}

inline void copy_async_commit() { simulator::close_copies(); }

template <int Pending>
void copy_async_wait(AGON_SITE) {
  simulator::wait_copies(Pending, AGON_PASS_SITE);
}

/// Half a unit in the last of 10 bits is added to the magnitude, the rest cut off. Infinities and NaN stay.
inline std::uint32_t to_tf32(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7f800000u) == 0x7f800000u) return bits;
  return (bits + 0x1000u) & ~0x1fffu;
}

struct MmaTf32 {
  float* d;
  const std::uint32_t* a;
  const std::uint32_t* b;
};

/// All lanes' fragments make up the matrices; the multiplier reads a TF32 operand's upper 19 bits.
/// Source: PTX ISA, "Matrix fragments for mma.m16n8k8".
inline void combine_tf32(void** lanes, unsigned, const char*, const char*, int) {
  const auto number = [](std::uint32_t bits) { return std::bit_cast<float>(bits & ~0x1fffu); };
  std::array<std::array<float, 8>, 16> a;
  std::array<std::array<float, 8>, 8> b;
  for (int lane = 0; lane < 32; ++lane) {
    const auto& mine = *static_cast<const MmaTf32*>(lanes[lane]);
    const int group = lane >> 2, thread = lane % 4;
    for (int i = 0; i < 4; ++i)
      a[group + (i == 1 || i == 3 ? 8 : 0)][thread + (i >= 2 ? 4 : 0)] = number(mine.a[i]);
    for (int i = 0; i < 2; ++i) b[thread + (i == 1 ? 4 : 0)][group] = number(mine.b[i]);
  }
  for (int lane = 0; lane < 32; ++lane) {
    const auto& mine = *static_cast<const MmaTf32*>(lanes[lane]);
    const int group = lane >> 2, thread = lane % 4;
    for (int i = 0; i < 4; ++i) {
      const int row = group + (i >= 2 ? 8 : 0), column = 2 * thread + (i & 1);
      for (int k = 0; k < 8; ++k) mine.d[i] += a[row][k] * b[k][column];
    }
  }
}

AGON_DEVICE_WORD inline void multiply_tf32(float (&d)[4], const std::uint32_t (&a)[4],
                                           const std::uint32_t (&b)[2], AGON_SITE) {
  MmaTf32 mine{d, a, b};
  simulator::gather_warp(0xffffffffu, &mine, combine_tf32, false, "multiply_tf32", AGON_PASS_SITE);
}

}  // namespace agon::kernels::cuda
