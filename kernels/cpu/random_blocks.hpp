// Numbers of a random stream, a vector of Philox blocks at a time.
#pragma once

#include <cstdint>

#include "kernels/formula/philox.hpp"
#include "kernels/formula/uniform.hpp"
#include "kernels/random.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {

/// A stream at the step that it is read in.
struct StreamKey {
  std::uint64_t seed;
  std::uint32_t purpose;
  std::uint64_t step;

  explicit StreamKey(const RandomStream& random)
      : seed(random.seed),
        purpose(static_cast<std::uint32_t>(random.purpose)),
        step(random.step != nullptr ? *random.step : 0) {}
};

/// Blocks [first, first + count) into out, four(block) each. `four` takes its block by value: of a reference
/// GCC makes no vectors.
template <class Formula>
inline void fill_blocks(float* out, const StreamKey& stream, std::int64_t first, std::int64_t count,
                        Formula four) {
  const StreamKey key = stream;
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i) {
    const formula::FourNumbers numbers =
        four(formula::random_block(key.seed, key.purpose, key.step, static_cast<std::uint32_t>(first + i)));
    out[4 * i + 0] = numbers.value[0];
    out[4 * i + 1] = numbers.value[1];
    out[4 * i + 2] = numbers.value[2];
    out[4 * i + 3] = numbers.value[3];
  }
}

/// Floats that fill_elements() takes for `count` elements.
constexpr std::int64_t room_for_elements(std::int64_t count) { return count + 6; }

/// Elements [begin, begin + count) into the buffer; returns where the first of them lies.
template <class Formula>
inline const float* fill_elements(float* buffer, const StreamKey& stream, std::int64_t begin,
                                  std::int64_t count, Formula four) {
  const std::int64_t first = begin / 4, end = (begin + count + 3) / 4;
  AGON_CPU_VARIANT::fill_blocks(buffer, stream, first, end - first, four);
  return buffer + begin % 4;
}

/// The same of uniform numbers on [0, 1).
inline const float* uniform_numbers(float* buffer, const StreamKey& key, std::int64_t begin,
                                    std::int64_t count) {
  return fill_elements(
      buffer, key, begin, count, [](formula::PhiloxBlock block) __attribute__((always_inline)) {
        return formula::uniform_four(block, 0.0f, 1.0f);
      });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
