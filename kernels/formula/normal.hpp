// Normal, exponential and Gumbel numbers from random words.
#pragma once

#include <cstdint>

#include "kernels/formula/elementary.hpp"
#include "kernels/formula/philox.hpp"

namespace agon::kernels::formula {

/// -log((word + 1/2) / 2^32), exponentially distributed: above 0, at most 22.9.
AGON_FORMULA float exponential_number(std::uint32_t word) {
  const float u = fused(static_cast<float>(word), 0x1p-32f, 0x1p-33f);
  LogarithmArgument argument = split_for_logarithm(u);
  // Near 1 a float keeps too few of the word's bits for a small number, but u - 1 itself keeps them all.
  const float from_one = fused(static_cast<float>(~word), -0x1p-32f, -0x1p-33f);
  argument.f = u >= 0.75f ? from_one : argument.f;
  return -logarithm_of(argument);
}

/// Of the standard Gumbel distribution, in [-3.2, 23].
AGON_FORMULA float gumbel_number(std::uint32_t word) { return -logarithm(exponential_number(word)); }

struct NormalPair {
  float first;
  float second;
};

/// Radius from the first word as u = (word + 1/2) / 2^32, angle from the second; each number to 4 ulp. Finite
/// for all words, at most sqrt(66 log 2) = 6.77 in size. Source: Box, Muller, "A note on the generation of
/// random normal deviates" (1958).
AGON_FORMULA NormalPair normal_pair(std::uint32_t radius_word, std::uint32_t angle_word) {
  const float radius = square_root(2.0f * exponential_number(radius_word));
  const SinCos direction = sincos_of_turn(angle_word);
  return {radius * direction.cosine, radius * direction.sine};
}

AGON_FORMULA FourNumbers normal_four(PhiloxBlock block) {
  const NormalPair low = normal_pair(block.word[0], block.word[1]);
  const NormalPair high = normal_pair(block.word[2], block.word[3]);
  return {{low.first, low.second, high.first, high.second}};
}

}  // namespace agon::kernels::formula
