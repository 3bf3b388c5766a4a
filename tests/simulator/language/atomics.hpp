// Atomics: relaxed, at device scope; each returns the old value. Source: CUDA C++ Programming Guide, "Atomic
// Functions".
#pragma once

#include <type_traits>

#include "tests/simulator/language/keywords.hpp"

namespace agon::simulator {

/// Tells the checker of an atomic read of `bytes` bytes, and lets other threads run first where the grid's
/// threads run in random order.
void begin_atomic(const void* pointer, unsigned bytes, const char* word, const char* file, int line);
/// And of the write that belongs to it.
void end_atomic(const void* pointer, unsigned bytes, const char* file, int line);

}  // namespace agon::simulator

#define AGON_ATOMIC(name, operation)                                              \
  template <class T>                                                              \
  AGON_DEVICE_WORD T name(T* pointer, std::type_identity_t<T> value, AGON_SITE) { \
    agon::simulator::begin_atomic(pointer, sizeof(T), #name, AGON_PASS_SITE);     \
    const T old = *pointer;                                                       \
    agon::simulator::end_atomic(pointer, sizeof(T), AGON_PASS_SITE);              \
    *pointer = (operation);                                                       \
    return old;                                                                   \
  }
AGON_ATOMIC(atomicAdd, static_cast<T>(old + value))
AGON_ATOMIC(atomicSub, static_cast<T>(old - value))
AGON_ATOMIC(atomicExch, value)
AGON_ATOMIC(atomicMin, value < old ? value : old)
AGON_ATOMIC(atomicMax, old < value ? value : old)
AGON_ATOMIC(atomicInc, old >= value ? T{0} : static_cast<T>(old + 1))
AGON_ATOMIC(atomicDec, old == 0 || old > value ? value : static_cast<T>(old - 1))
AGON_ATOMIC(atomicAnd, static_cast<T>(old& value))
AGON_ATOMIC(atomicOr, static_cast<T>(old | value))
AGON_ATOMIC(atomicXor, static_cast<T>(old ^ value))
#undef AGON_ATOMIC

template <class T>
AGON_DEVICE_WORD T atomicCAS(T* pointer, std::type_identity_t<T> expected, std::type_identity_t<T> value,
                             AGON_SITE) {
  agon::simulator::begin_atomic(pointer, sizeof(T), "atomicCAS", AGON_PASS_SITE);
  const T old = *pointer;
  if (old != expected) return old;
  agon::simulator::end_atomic(pointer, sizeof(T), AGON_PASS_SITE);
  *pointer = value;
  return old;
}
