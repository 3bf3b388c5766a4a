// Rounds what a product reads to its precision's factors, in copies: the operands stay fp32.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/linear/gemm_vector.hpp"
#include "kernels/formula/rounding.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {

template <Precision P>
inline void round_floats(const float* from, std::int64_t n, float* to) {
#pragma omp simd
  for (std::int64_t i = 0; i < n; ++i) to[i] = formula::rounded<P>(from[i]);
}

/// to(r, c) = from(r, c) rounded, `to` dense; it may be `from` where that is dense, too.
inline void round_matrix(Precision precision, const float* from, std::ptrdiff_t stride, std::int64_t rows,
                         std::int64_t columns, float* to) {
  const auto round = precision == Precision::tf32   ? round_floats<Precision::tf32>
                     : precision == Precision::bf16 ? round_floats<Precision::bf16>
                                                    : round_floats<Precision::fp32>;
  for (std::int64_t r = 0; r < rows; ++r) round(from + r * stride, columns, to + r * columns);
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
