// The numbers of rows that draw random numbers.
#pragma once

#include <cstdint>

#include "kernels/formula/annotate.hpp"

namespace agon::kernels::formula {

/// Of row r of an operation whose rows come in segments: their numbers lie segment_stride apart.
template <class Op>
AGON_FORMULA std::int64_t row_number(const Op& op, std::int64_t r) {
  return op.first_row + r / op.segment * op.segment_stride + r % op.segment;
}

}  // namespace agon::kernels::formula
