// Many small pieces from one allocation.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/runtime/buffer.hpp"
#include "engine/runtime/label.hpp"

namespace agon {

inline constexpr std::size_t kArenaAlignment = 256;

/// Bytes that `count` objects of T take in an Arena.
template <class T>
constexpr std::size_t arena_bytes(std::size_t count) {
  return (count * sizeof(T) + kArenaAlignment - 1) / kArenaAlignment * kArenaAlignment;
}

/// Stands in for an Arena to learn how large it must be: run the same layout over both. The addresses are
/// laid out as an Arena's are, of memory that is not there.
class ArenaSize {
 public:
  template <class T>
  T* take(std::size_t count, const Label& = {}) {
    T* const piece = reinterpret_cast<T*>(kFirst + bytes_);
    bytes_ += arena_bytes<T>(count);
    return piece;
  }
  /// A part of a piece, by a name of its own: for a TensorTable (engine/program/tensor_table.hpp).
  template <class T>
  void name(const T*, std::int64_t, const Label&) {}
  std::size_t bytes() const { return bytes_; }
  std::size_t used() const { return bytes_; }

 private:
  static constexpr std::size_t kFirst = std::size_t{1} << 20;
  std::size_t bytes_ = 0;
};

/// Hands out 256-byte aligned, zero-filled pieces of one device allocation; all are freed together with it.
/// Sized beforehand with ArenaSize. Throws DeviceError when full: a sizing bug.
class Arena {
 public:
  Arena(const Device& device, std::size_t bytes) : memory_(device, bytes) {}

  template <class T>
  T* take(std::size_t count, const Label& = {}) {
    return reinterpret_cast<T*>(take_bytes(arena_bytes<T>(count)));
  }

  template <class T>
  void name(const T*, std::int64_t, const Label&) {}
  std::size_t used() const { return used_; }
  const Device& device() const { return memory_.device(); }

 private:
  std::byte* take_bytes(std::size_t bytes);

  Buffer<std::byte> memory_;
  std::size_t used_ = 0;
};

}  // namespace agon
