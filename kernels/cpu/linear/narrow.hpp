// Linear layers with few outputs, where the tiles of gemm.hpp would multiply
// mostly padding.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/linear/gemm.hpp"
#include "kernels/cpu/linear/gemm_pack.hpp"
#include "kernels/linear.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {

// Forward: dot products, vectors running along the input.

using Quad = float __attribute__((vector_size(16)));

#if defined(__AVX512F__)
inline constexpr int kDotRows = 6;
AGON_INLINE Quad add_quarters(Vector v) {
  const auto half = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7) +
                    __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
  return __builtin_shufflevector(half, half, 0, 1, 2, 3) + __builtin_shufflevector(half, half, 4, 5, 6, 7);
}
#elif defined(__AVX2__)
inline constexpr int kDotRows = 2;
AGON_INLINE Quad add_quarters(Vector v) {
  return __builtin_shufflevector(v, v, 0, 1, 2, 3) + __builtin_shufflevector(v, v, 4, 5, 6, 7);
}
#else
inline constexpr int kDotRows = 2;
AGON_INLINE Quad add_quarters(Vector v) { return v; }
#endif
inline constexpr int kDotColumns = 4;

/// The sums of the lanes of four vectors.
AGON_INLINE Quad sum_lanes(const Vector (&v)[kDotColumns]) {
  const Vector v01 = low_pairs(v[0], v[1]) + high_pairs(v[0], v[1]);
  const Vector v23 = low_pairs(v[2], v[3]) + high_pairs(v[2], v[3]);
  return add_quarters(low_halves(v01, v23) + high_halves(v01, v23));
}

template <int Rows, int Columns>
AGON_INLINE void dot_step(const float* x, const float* w, std::int64_t in, int lanes,
                          Vector (&sum)[Rows][kDotColumns]) {
  Vector wk[Columns];
#pragma GCC unroll 4
  for (int c = 0; c < Columns; ++c) wk[c] = load_first(w + c * in, lanes);
#pragma GCC unroll 6
  for (int r = 0; r < Rows; ++r) {
    const Vector xk = load_first(x + r * in, lanes);
#pragma GCC unroll 4
    for (int c = 0; c < Columns; ++c) sum[r][c] = multiply_add(xk, wk[c], sum[r][c]);
  }
}

/// y(0..Rows-1, 0..Columns-1) = phi(x w^T + bias).
template <int Rows, int Columns>
inline void dot_tile(const LinearForward& op, std::int64_t row, std::int64_t column) {
  const auto [batch, in, out] = op.shape;
  const float* x = op.x + row * in;
  const float* w = op.weight + column * in;
  Vector sum[Rows][kDotColumns] = {};
  std::int64_t k = 0;
  for (; k + kLanes <= in; k += kLanes) dot_step<Rows, Columns>(x + k, w + k, in, kLanes, sum);
  if (k < in) dot_step<Rows, Columns>(x + k, w + k, in, static_cast<int>(in - k), sum);
  Quad bias{};
  for (int c = 0; c < Columns; ++c) bias[c] = op.bias[column + c];
#pragma GCC unroll 6
  for (int r = 0; r < Rows; ++r) {
    const Quad z = sum_lanes(sum[r]) + bias;
    const Quad y = z > Quad{} ? z : op.slope * z;
    __builtin_memcpy(op.y + (row + r) * out + column, &y, Columns * sizeof(float));
  }
}

template <int Rows>
inline void dot_rows(const LinearForward& op, std::int64_t row) {
  const std::int64_t out = op.shape.out;
  std::int64_t column = 0;
  for (; column + 4 <= out; column += 4) dot_tile<Rows, 4>(op, row, column);
  switch (out - column) {
    case 3:
      return dot_tile<Rows, 3>(op, row, column);
    case 2:
      return dot_tile<Rows, 2>(op, row, column);
    case 1:
      return dot_tile<Rows, 1>(op, row, column);
    default:
      return;
  }
}

/// Whether dot products cost less than padded tiles. Decided by the layer
/// alone, not by the batch: a row's bits must not change with the company it is
/// in.
inline bool narrow_forward_wins(const LinearShape& s) {
  const std::int64_t vectors = (s.in + kLanes - 1) / kLanes;
  const std::int64_t tiled = s.in * ((s.out + kLanes - 1) / kLanes);
  return s.out * (vectors + 3) < tiled;  // 3: the lanes' final sum
}

/// Rows [begin, end) of y.
inline void narrow_forward(const LinearForward& op, std::int64_t begin, std::int64_t end) {
  std::int64_t row = begin;
  for (; row + kDotRows <= end; row += kDotRows) dot_rows<kDotRows>(op, row);
  for (; row < end; ++row) dot_rows<1>(op, row);
}

// Backward: one pass over x that gives dx and the weight gradient together, one
// vector of columns at a time; the weights and their gradient's sums stay in
// registers.

inline constexpr int kNarrowOutputs = kLanes == 16 ? 12 : 5;

inline bool narrow_backward_wins(const LinearShape& s) {
  return s.out <= kNarrowOutputs && s.in >= 4 * kLanes;
}

/// What a pass is for: the other's products are not made.
enum class Gradients { both, input, weight };

template <int Out, bool whole, Gradients wanted>
AGON_INLINE void narrow_columns(const LinearBackward& op, std::int64_t column, int lanes) {
  constexpr bool kInput = wanted != Gradients::weight, kWeight = wanted != Gradients::input;
  const std::int64_t in = op.shape.in;
  const auto read = [&](const float* p) { return whole ? load(p) : load_first(p, lanes); };
  const auto write = [&](float* p, Vector v) { whole ? store(p, v) : store_first(p, v, lanes); };
  const Vector slope = broadcast(op.input_slope);
  Vector weight[Out];
#pragma GCC unroll 12
  for (int o = 0; o < Out; ++o) weight[o] = kInput ? read(op.weight + o * in + column) : zero();
  for (std::int64_t r0 = 0; r0 < op.shape.batch; r0 += kDepth) {
    const std::int64_t r1 = smaller(op.shape.batch, r0 + kDepth);
    Vector dweight[Out] = {};
    for (std::int64_t r = r0; r < r1; ++r) {
      const float* dz = op.dz + r * Out;
      const Vector x = read(op.x + r * in + column);
      fetch(op.x + r * in + column, 32 * in);
      Vector dx[2] = {};
#pragma GCC unroll 12
      for (int o = 0; o < Out; ++o) {
        const Vector dzo = broadcast(dz[o]);
        if constexpr (kInput) dx[o % 2] = multiply_add(dzo, weight[o], dx[o % 2]);
        if constexpr (kWeight) dweight[o] = multiply_add(dzo, x, dweight[o]);
      }
      if constexpr (kInput) write(op.dx + r * in + column, leaky_relu_gradient(x, dx[0] + dx[1], slope));
    }
    if constexpr (!kWeight) continue;
#pragma GCC unroll 12
    for (int o = 0; o < Out; ++o) {
      float* p = op.dweight + o * in + column;
      write(p, r0 > 0 || op.accumulate ? read(p) + dweight[o] : dweight[o]);
    }
  }
}

/// Columns [begin, end).
template <Gradients wanted, int Out = kNarrowOutputs>
inline void narrow_pass(const LinearBackward& op, std::int64_t begin, std::int64_t end) {
  if constexpr (Out > 1) {
    if (op.shape.out < Out) return narrow_pass<wanted, Out - 1>(op, begin, end);
  }
  std::int64_t column = begin;
  for (; column + kLanes <= end; column += kLanes) narrow_columns<Out, true, wanted>(op, column, kLanes);
  if (column < end) narrow_columns<Out, false, wanted>(op, column, static_cast<int>(end - column));
}

/// Columns [begin, end) of dx and dweight, as far as they are wanted.
inline void narrow_backward(const LinearBackward& op, std::int64_t begin, std::int64_t end) {
  if (op.dweight == nullptr) return narrow_pass<Gradients::input>(op, begin, end);
  if (op.dx == nullptr) return narrow_pass<Gradients::weight>(op, begin, end);
  narrow_pass<Gradients::both>(op, begin, end);
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
