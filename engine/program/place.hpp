// Where a program's temporaries lie: those that are not needed at the same time share memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/program/program.hpp"

namespace agon {

/// A program whose temporaries lie in memory, and how many bytes of it they take.
struct PlacedProgram {
  Program program;
  std::int64_t bytes = 0;
};

/// From `memory` on, 256-byte aligned: the largest temporary first, each at the lowest place where no other
/// one lies that is in use between the first operation that touches it and the last.
PlacedProgram place(const Program& program, std::byte* memory);

}  // namespace agon
