// The names of a program's memory.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "engine/program/program.hpp"
#include "engine/runtime/arena.hpp"

namespace agon {

/// An ArenaSize that keeps the names of what is taken from it.
class TensorTable : public ArenaSize {
 public:
  void add(const Temporary& temporary) {
    pieces_[temporary.first] = {temporary.label, sizeof(float), temporary.bytes};
  }

  /// "noise", or of a part of it "noise[64:128]", rows where it has columns, else elements.
  std::string describe(const Access& access) const;

 private:
  using Pieces = std::map<const std::byte*, Piece>;

  void named(const std::byte* first, const Piece& piece) override { pieces_[first] = piece; }
  void part_named(const std::byte* first, const Piece& piece) override { parts_[first] = piece; }
  static const Pieces::value_type* holding(const Pieces& pieces, const Access& access);

  Pieces pieces_, parts_;
};

}  // namespace agon
