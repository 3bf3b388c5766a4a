// The twins of what kernels/cuda/device/device.cuh spells in PTX. Layouts are the PTX document's.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "kernels/formula/rounding.hpp"
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

inline constexpr bool kTensorCoresTakeFloats = true;

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

/// NaN has one form, whose upper bits still are NaN.
inline std::uint32_t to_tf32(float value) {
  return value == value ? formula::bits_of(formula::rounded_to_tf32(value)) : 0x7fffffffu;
}

inline std::uint32_t to_bf16_pair(float low, float high) {
  const auto half = [](float value) {
    return value == value ? formula::bits_of(formula::rounded_to_bf16(value)) >> 16 : 0x7fffu;
  };
  return half(high) << 16 | half(low);
}

/// What a lane brings to a warp's product: two registers of a, one of b, for each `Groups` of k's.
template <int Groups>
struct MmaLane {
  float* d;
  const std::uint32_t* a;
  const std::uint32_t* b;
};

/// All lanes' fragments make up the matrices. A register holds `Packed` neighbouring k's; `number(bits, p)`
/// is the p-th of them. Source: PTX ISA, "Matrix fragments for mma.m16n8k8" and "mma.m16n8k16 with floating
/// point type".
template <int Groups, int Packed, class Number>
void combine_lanes(void** lanes, const Number& number) {
  constexpr int kDepth = 4 * Packed * Groups;
  std::array<std::array<float, kDepth>, 16> a;
  std::array<std::array<float, 8>, kDepth> b;
  for (int lane = 0; lane < 32; ++lane) {
    const auto& mine = *static_cast<const MmaLane<Groups>*>(lanes[lane]);
    const int row = lane >> 2;
    for (int group = 0; group < Groups; ++group) {
      for (int p = 0; p < Packed; ++p) {
        const int k = 4 * Packed * group + Packed * (lane % 4) + p;
        a[row][k] = number(mine.a[2 * group], p);
        a[row + 8][k] = number(mine.a[2 * group + 1], p);
        b[k][row] = number(mine.b[group], p);
      }
    }
  }
  for (int lane = 0; lane < 32; ++lane) {
    const auto& mine = *static_cast<const MmaLane<Groups>*>(lanes[lane]);
    for (int i = 0; i < 4; ++i) {
      const int row = (lane >> 2) + (i >= 2 ? 8 : 0), column = 2 * (lane % 4) + (i & 1);
      for (int k = 0; k < kDepth; ++k) mine.d[i] += a[row][k] * b[k][column];
    }
  }
}

/// The multiplier reads a TF32 operand's upper 19 bits.
inline void combine_tf32(void** lanes, unsigned, const char*, const char*, int) {
  combine_lanes<2, 1>(lanes, [](std::uint32_t bits, int) { return std::bit_cast<float>(bits & ~0x1fffu); });
}

template <int Groups>
void combine_bf16(void** lanes, unsigned, const char*, const char*, int) {
  combine_lanes<Groups, 2>(lanes, [](std::uint32_t bits, int p) {
    return std::bit_cast<float>(p == 0 ? bits << 16 : bits & 0xffff0000u);
  });
}

AGON_DEVICE_WORD inline void multiply_tf32(float (&d)[4], const std::uint32_t (&a)[4],
                                           const std::uint32_t (&b)[2], AGON_SITE) {
  MmaLane<2> mine{d, a, b};
  simulator::gather_warp(0xffffffffu, &mine, combine_tf32, false, "multiply_tf32", AGON_PASS_SITE);
}

AGON_DEVICE_WORD inline void multiply_bf16(float (&d)[4], const std::uint32_t (&a)[4],
                                           const std::uint32_t (&b)[2], AGON_SITE) {
  MmaLane<2> mine{d, a, b};
  simulator::gather_warp(0xffffffffu, &mine, combine_bf16<2>, false, "multiply_bf16", AGON_PASS_SITE);
}

AGON_DEVICE_WORD inline void multiply_bf16(float (&d)[4], const std::uint32_t (&a)[2],
                                           const std::uint32_t (&b)[1], AGON_SITE) {
  MmaLane<1> mine{d, a, b};
  simulator::gather_warp(0xffffffffu, &mine, combine_bf16<1>, false, "multiply_bf16", AGON_PASS_SITE);
}

}  // namespace agon::kernels::cuda
