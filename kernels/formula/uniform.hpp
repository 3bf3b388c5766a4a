// From a random word to a uniform number.
#pragma once

#include <cstdint>

#include "kernels/formula/annotate.hpp"
#include "kernels/formula/philox.hpp"

namespace agon::kernels::formula {

/// The upper 24 bits as a number on [0, 1) in steps of 2^-24, every one exact.
AGON_FORMULA float uniform(std::uint32_t word) {
  return static_cast<float>(static_cast<std::int32_t>(word >> 8)) * 0x1p-24f;
}

/// low + (high - low) u, u = uniform(word); rounding may return `high` itself.
AGON_FORMULA float uniform_between(std::uint32_t word, float low, float high) {
  return fused(high - low, uniform(word), low);
}

AGON_FORMULA FourNumbers uniform_four(PhiloxBlock block, float low, float high) {
  return {{uniform_between(block.word[0], low, high), uniform_between(block.word[1], low, high),
           uniform_between(block.word[2], low, high), uniform_between(block.word[3], low, high)}};
}

/// share a + (1 - share) b
AGON_FORMULA float mixed(float share, float a, float b) { return fused(share, a - b, b); }

}  // namespace agon::kernels::formula
