// Sums over a row in double.
#pragma once

#include <cstdint>

namespace agon::kernels::AGON_CPU_VARIANT {

inline double sum_of_products(const float* a, const float* b, std::int64_t n) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (std::int64_t i = 0; i < n; ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

inline double sum_of_squares(const float* values, std::int64_t n) {
  return AGON_CPU_VARIANT::sum_of_products(values, values, n);
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
