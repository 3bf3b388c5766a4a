// One vector of floats of the instruction set at hand, and the few operations
// the matrix products need.
//
// Included only by variant sources: everything lives in the variant's
// namespace.
#pragma once

#include <cstdint>

#if defined(__AVX512F__) || defined(__AVX2__)
#include <immintrin.h>
#endif

#define AGON_INLINE inline __attribute__((always_inline))

namespace agon::kernels::AGON_CPU_VARIANT {

#if defined(__AVX512F__)
using Vector = __m512;
inline constexpr int kLanes = 16;
#elif defined(__AVX2__)
using Vector = __m256;
inline constexpr int kLanes = 8;
#else
using Vector = float __attribute__((vector_size(16)));
inline constexpr int kLanes = 4;
#endif

#if defined(__AVX512F__)

AGON_INLINE Vector load(const float* p) { return _mm512_loadu_ps(p); }
AGON_INLINE void store(float* p, Vector v) { _mm512_storeu_ps(p, v); }
AGON_INLINE Vector broadcast(float x) { return _mm512_set1_ps(x); }
AGON_INLINE Vector multiply_add(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }

/// The first n lanes (0 <= n <= kLanes); the others read as zero, and their
/// memory is not touched.
AGON_INLINE Vector load_first(const float* p, int n) {
  return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << n) - 1u), p);
}
AGON_INLINE void store_first(float* p, Vector v, int n) {
  _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << n) - 1u), v);
}

#elif defined(__AVX2__)

AGON_INLINE Vector load(const float* p) { return _mm256_loadu_ps(p); }
AGON_INLINE void store(float* p, Vector v) { _mm256_storeu_ps(p, v); }
AGON_INLINE Vector broadcast(float x) { return _mm256_set1_ps(x); }
AGON_INLINE Vector multiply_add(Vector a, Vector b, Vector c) { return _mm256_fmadd_ps(a, b, c); }

AGON_INLINE __m256i first_lanes(int n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
AGON_INLINE Vector load_first(const float* p, int n) { return _mm256_maskload_ps(p, first_lanes(n)); }
AGON_INLINE void store_first(float* p, Vector v, int n) { _mm256_maskstore_ps(p, first_lanes(n), v); }

#else

AGON_INLINE Vector load(const float* p) {
  Vector v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
AGON_INLINE void store(float* p, Vector v) { __builtin_memcpy(p, &v, sizeof v); }
AGON_INLINE Vector broadcast(float x) { return Vector{x, x, x, x}; }

#if defined(__FP_FAST_FMAF)
AGON_INLINE Vector multiply_add(Vector a, Vector b, Vector c) {
  for (int i = 0; i < kLanes; ++i) c[i] = __builtin_fmaf(a[i], b[i], c[i]);
  return c;
}
#else
/// No fused instruction here: rounds twice, so this variant's last bits differ
/// from the others'.
AGON_INLINE Vector multiply_add(Vector a, Vector b, Vector c) { return a * b + c; }
#endif

AGON_INLINE Vector load_first(const float* p, int n) {
  Vector v{};
  for (int i = 0; i < kLanes; ++i) {
    if (i < n) v[i] = p[i];
  }
  return v;
}
AGON_INLINE void store_first(float* p, Vector v, int n) {
  for (int i = 0; i < kLanes; ++i) {
    if (i < n) p[i] = v[i];
  }
}

#endif

AGON_INLINE Vector zero() { return Vector{}; }

/// z > 0 ? z : slope z
AGON_INLINE Vector leaky_relu(Vector z, Vector slope) { return z > zero() ? z : slope * z; }

/// y > 0 ? dy : slope dy, for an activation's output y
AGON_INLINE Vector leaky_relu_gradient(Vector y, Vector dy, Vector slope) {
  return y > zero() ? dy : slope * dy;
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
