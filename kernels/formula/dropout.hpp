// Dropout's mask: which numbers of a row are kept, and how they are scaled.
#pragma once

#include <cstdint>

#include "kernels/dropout.hpp"
#include "kernels/formula/annotate.hpp"
#include "kernels/formula/row_number.hpp"
#include "kernels/formula/uniform.hpp"

namespace agon::kernels::formula {

/// Blocks of the stream that the mask of a row takes.
AGON_FORMULA std::int64_t dropout_quads(std::int64_t width) { return (width + 3) / 4; }

/// Block of the stream that the mask of row r begins with.
AGON_FORMULA std::int64_t dropout_block(const Dropout& op, std::int64_t r) {
  return op.first_block + row_number(op, r) * dropout_quads(op.width);
}

/// What a kept number is multiplied by.
AGON_FORMULA float dropout_scale(float probability) { return quotient(1.0f, 1.0f - probability); }

/// A number's factor, by its random word.
AGON_FORMULA float dropout_factor(std::uint32_t word, float probability, float scale) {
  return uniform(word) < probability ? 0.0f : scale;
}

}  // namespace agon::kernels::formula
