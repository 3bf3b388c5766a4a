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

/// Where named pieces of memory come from: an Arena, or what stands in for one. The same layout is run over
/// both.
class Memory {
 public:
  virtual ~Memory() = default;

  /// `count` elements, 256-byte aligned.
  template <class T>
  T* take(std::size_t count, const Label& label = {}) {
    std::byte* const first = take_bytes(arena_bytes<T>(count));
    named(first, {label, sizeof(T), static_cast<std::int64_t>(count * sizeof(T))});
    return reinterpret_cast<T*>(first);
  }
  float* floats(std::int64_t count, const Label& label) {
    return take<float>(static_cast<std::size_t>(count), label);
  }
  /// A part of a piece, by a name of its own.
  template <class T>
  void name(const T* first, std::int64_t count, const Label& label) {
    part_named(reinterpret_cast<const std::byte*>(first),
               {label, sizeof(T), count * std::int64_t{sizeof(T)}});
  }
  virtual std::size_t used() const = 0;

 protected:
  struct Piece {
    Label label;
    std::size_t element = 1;  ///< bytes
    std::int64_t bytes = 0;
  };

  virtual std::byte* take_bytes(std::size_t bytes) = 0;
  virtual void named(const std::byte*, const Piece&) {}
  virtual void part_named(const std::byte*, const Piece&) {}
};

/// Tells how large an Arena must be. The addresses are laid out as an Arena's are, of memory that is not
/// there.
class ArenaSize : public Memory {
 public:
  std::size_t used() const override { return bytes_; }

 protected:
  std::byte* take_bytes(std::size_t bytes) override {
    std::byte* const piece = reinterpret_cast<std::byte*>(kFirst + bytes_);
    bytes_ += bytes;
    return piece;
  }

 private:
  static constexpr std::size_t kFirst = std::size_t{1} << 20;
  std::size_t bytes_ = 0;
};

/// Hands out zero-filled pieces of one device allocation; all are freed together with it. Sized beforehand
/// with ArenaSize. Throws DeviceError when full: a sizing bug.
class Arena : public Memory {
 public:
  Arena(const Device& device, std::size_t bytes) : memory_(device, bytes) {}

  std::size_t used() const override { return used_; }
  const Device& device() const { return memory_.device(); }

 private:
  std::byte* take_bytes(std::size_t bytes) override;

  Buffer<std::byte> memory_;
  std::size_t used_ = 0;
};

}  // namespace agon
