// Two samples of normal rows, for tests of distances between samples.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace agon::test {

inline std::vector<float> numbers_from(std::int64_t n, unsigned seed, float shift = 0) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> draw(shift, 1);
  std::vector<float> values(static_cast<std::size_t>(n));
  for (float& value : values) value = draw(engine);
  return values;
}

struct Samples {
  std::int64_t n, m, width;
  std::vector<float> x = numbers_from(n * width, 1), y = numbers_from(m * width, 2, 0.3f);
};

}  // namespace agon::test
