// Many small pieces from one allocation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/runtime/buffer.hpp"

namespace agon {

/// Hands out 256-byte aligned, zero-filled pieces of one device allocation; all are freed together with it.
/// Sized beforehand: `Arena::padded` gives what a piece takes. Throws DeviceError when full: a sizing bug.
class Arena {
 public:
  Arena(const Device& device, std::size_t bytes) : memory_(device, bytes) {}

  template <class T>
  static constexpr std::size_t padded(std::size_t count) {
    return (count * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
  }

  template <class T>
  T* take(std::size_t count) {
    return reinterpret_cast<T*>(take_bytes(padded<T>(count)));
  }

  std::size_t used() const { return used_; }
  const Device& device() const { return memory_.device(); }

 private:
  static constexpr std::size_t kAlignment = 256;
  std::byte* take_bytes(std::size_t bytes);

  Buffer<std::byte> memory_;
  std::size_t used_ = 0;
};

}  // namespace agon
