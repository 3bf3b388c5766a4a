// Copies a panel of B into the order the tile reads it: (depth, kPanel), every
// k one contiguous row of vectors.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/linear/gemm_tile.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {

/// B stored (k, n): rows are copied. `columns` valid ones (1 to vectors *
/// kLanes), the rest of the panel is zero.
inline void pack_rows(const float* b, std::ptrdiff_t ldb, std::int64_t depth, int columns, int vectors,
                      float* panel) {
  const int width = vectors * kLanes;
  for (std::int64_t k = 0; k < depth; ++k, b += ldb, panel += width) {
    for (int v = 0; v < width; v += kLanes) {
      const int left = columns - v;
      store(panel + v, left >= kLanes ? load(b + v) : load_first(b + v, left < 0 ? 0 : left));
    }
  }
}

// Within each 128-bit lane: a0 b0 a1 b1 | a2 b2 a3 b3 | a0 a1 b0 b1 | a2 a3 b2
// b3. Together they transpose 4 x 4.
#if defined(__AVX512F__)

AGON_INLINE Vector low_pairs(Vector a, Vector b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
}
AGON_INLINE Vector high_pairs(Vector a, Vector b) {
  return __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
}
AGON_INLINE Vector low_halves(Vector a, Vector b) {
  return __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
}
AGON_INLINE Vector high_halves(Vector a, Vector b) {
  return __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
}

/// k to k + 3 of rows 0, 4, 8, 12: one row per 128-bit lane.
AGON_INLINE Vector gather_quarters(const float* p, std::ptrdiff_t ldb) {
  Vector v = _mm512_castps128_ps512(_mm_loadu_ps(p));
  v = _mm512_mask_broadcast_f32x4(v, 0x00F0, _mm_loadu_ps(p + 4 * ldb));
  v = _mm512_mask_broadcast_f32x4(v, 0x0F00, _mm_loadu_ps(p + 8 * ldb));
  return _mm512_mask_broadcast_f32x4(v, 0xF000, _mm_loadu_ps(p + 12 * ldb));
}

#elif defined(__AVX2__)

AGON_INLINE Vector low_pairs(Vector a, Vector b) {
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13);
}
AGON_INLINE Vector high_pairs(Vector a, Vector b) {
  return __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15);
}
AGON_INLINE Vector low_halves(Vector a, Vector b) {
  return __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13);
}
AGON_INLINE Vector high_halves(Vector a, Vector b) {
  return __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
}

AGON_INLINE Vector gather_quarters(const float* p, std::ptrdiff_t ldb) {
  return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(p)), _mm_loadu_ps(p + 4 * ldb), 1);
}

#else

AGON_INLINE Vector low_pairs(Vector a, Vector b) { return __builtin_shufflevector(a, b, 0, 4, 1, 5); }
AGON_INLINE Vector high_pairs(Vector a, Vector b) { return __builtin_shufflevector(a, b, 2, 6, 3, 7); }
AGON_INLINE Vector low_halves(Vector a, Vector b) { return __builtin_shufflevector(a, b, 0, 1, 4, 5); }
AGON_INLINE Vector high_halves(Vector a, Vector b) { return __builtin_shufflevector(a, b, 2, 3, 6, 7); }

AGON_INLINE Vector gather_quarters(const float* p, std::ptrdiff_t) { return load(p); }

#endif

/// panel(k, 0..kLanes-1) = b(0..kLanes-1, k) for k of 0..3, the panel's rows
/// `width` apart.
AGON_INLINE void transpose_4(const float* b, std::ptrdiff_t ldb, float* panel, int width) {
  const Vector r0 = gather_quarters(b, ldb);
  const Vector r1 = gather_quarters(b + ldb, ldb);
  const Vector r2 = gather_quarters(b + 2 * ldb, ldb);
  const Vector r3 = gather_quarters(b + 3 * ldb, ldb);
  const Vector low01 = low_pairs(r0, r1), high01 = high_pairs(r0, r1);
  const Vector low23 = low_pairs(r2, r3), high23 = high_pairs(r2, r3);
  store(panel, low_halves(low01, low23));
  store(panel + width, high_halves(low01, low23));
  store(panel + 2 * width, low_halves(high01, high23));
  store(panel + 3 * width, high_halves(high01, high23));
}

/// One vector's columns where fewer than kLanes rows of B, or fewer than four
/// k, are left.
inline void transpose_rest(const float* b, std::ptrdiff_t ldb, std::int64_t depth, int rows, int width,
                           float* panel) {
  for (std::int64_t k = 0; k < depth; ++k) {
    for (int n = 0; n < kLanes; ++n) panel[k * width + n] = n < rows ? b[n * ldb + k] : 0.0f;
  }
}

/// B stored (n, k): rows become columns. `columns` valid ones, the rest of the
/// panel is zero.
inline void pack_columns(const float* b, std::ptrdiff_t ldb, std::int64_t depth, int columns, int vectors,
                         float* panel) {
  const int width = vectors * kLanes;
  for (int v = 0; v < width; v += kLanes) {
    const float* rows = b + v * ldb;
    const int left = columns - v;
    std::int64_t k = 0;
    if (left >= kLanes) {
      for (; k + 4 <= depth; k += 4) transpose_4(rows + k, ldb, panel + k * width + v, width);
    }
    transpose_rest(rows + k, ldb, depth - k, left, width, panel + k * width + v);
  }
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
