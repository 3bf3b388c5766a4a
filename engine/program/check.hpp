// Whether a program means something.
#pragma once

#include "engine/program/byte_ranges.hpp"
#include "engine/program/program.hpp"

namespace agon {

/// Throws std::logic_error, which names the operation, where one reads what neither an earlier one has
/// written nor was `there` before.
void check_reads(const Program& program, ByteRanges there);

}  // namespace agon
