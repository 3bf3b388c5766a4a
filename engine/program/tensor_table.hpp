// The names of a program's memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "engine/program/program.hpp"
#include "engine/runtime/arena.hpp"

namespace agon {

/// An ArenaSize that keeps the names of what is taken from it.
class TensorTable {
 public:
  template <class T>
  T* take(std::size_t count, const Label& label = {}) {
    T* const piece = size_.template take<T>(count);
    pieces_[address(piece)] = {label, sizeof(T), static_cast<std::int64_t>(count * sizeof(T))};
    return piece;
  }
  /// `count` elements of a piece go by a name of their own.
  template <class T>
  void name(const T* first, std::int64_t count, const Label& label) {
    parts_[address(first)] = {label, sizeof(T), count * std::int64_t{sizeof(T)}};
  }
  void add(const Temporary& temporary) {
    pieces_[temporary.first] = {temporary.label, sizeof(float), temporary.bytes};
  }
  std::size_t used() const { return size_.used(); }

  /// "noise", or of a part of it "noise[64:128]", rows where it has columns, else elements.
  std::string describe(const Access& access) const;

 private:
  struct Tensor {
    Label label;
    std::size_t element = 1;
    std::int64_t bytes = 0;
  };
  using Tensors = std::map<const std::byte*, Tensor>;

  static const std::byte* address(const void* pointer) { return static_cast<const std::byte*>(pointer); }
  static const Tensors::value_type* holding(const Tensors& tensors, const Access& access);

  ArenaSize size_;
  Tensors pieces_, parts_;
};

}  // namespace agon
