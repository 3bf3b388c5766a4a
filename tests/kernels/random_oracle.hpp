// What the random fills must contain, from Random123's own Philox: the oracle shares no code with ours.
#pragma once

#include <Random123/philox.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

namespace agon::test {

/// Element e of the stream (seed, purpose, step) as a word, as kernels/random.hpp lays it out.
inline std::uint32_t stream_word(std::uint64_t seed, std::uint32_t purpose, std::uint64_t step,
                                 std::uint64_t e) {
  const philox4x32_ctr_t counter = {{static_cast<std::uint32_t>(e / 4), purpose,
                                     static_cast<std::uint32_t>(step),
                                     static_cast<std::uint32_t>(step >> 32)}};
  const philox4x32_key_t key = {{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)}};
  return philox4x32_R(10, counter, key).v[e % 4];
}

/// The first n normal numbers of a stream by Box and Muller's formula, in long double with the C library.
inline std::vector<long double> normal_oracle(std::uint64_t seed, std::uint32_t purpose, std::uint64_t step,
                                              std::size_t n) {
  std::vector<long double> numbers(n);
  for (std::size_t e = 0; e < n; ++e) {
    const long double u = (stream_word(seed, purpose, step, e & ~std::size_t{1}) + 0.5L) * 0x1p-32L;
    const long double angle =
        2 * std::numbers::pi_v<long double> * stream_word(seed, purpose, step, e | 1) * 0x1p-32L;
    numbers[e] = std::sqrt(-2 * std::log(u)) * (e % 2 == 0 ? std::cos(angle) : std::sin(angle));
  }
  return numbers;
}

}  // namespace agon::test
