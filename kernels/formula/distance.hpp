// Products and distances of two rows, each the sum of one element after the other.
#pragma once

#include <cstdint>

#include "kernels/formula/annotate.hpp"

namespace agon::kernels::formula {

/// x . y
AGON_FORMULA float dot(const float* x, const float* y, std::int64_t n) {
  float sum = 0;
  for (std::int64_t i = 0; i < n; ++i) sum = fused(x[i], y[i], sum);
  return sum;
}

AGON_FORMULA float squared_distance(const float* x, const float* y, std::int64_t n) {
  float sum = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    const float difference = x[i] - y[i];
    sum = fused(difference, difference, sum);
  }
  return sum;
}

}  // namespace agon::kernels::formula
