// The innermost product: a tile of C that lives in registers while the whole depth passes by.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/gemm_vector.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {

// AVX-512 has 32 registers: 14 x 2 sums, 2 vectors of B, 1 element of A. The others have 16: 6 x 2, 2, 1.
// Two vectors wide, an element of A is read once for two products, so loads stay below what the core can do.
inline constexpr int kTileRows = kLanes == 16 ? 14 : 6;
inline constexpr int kTileVectors = 2;
inline constexpr int kPanel = kTileVectors * kLanes;

enum class Finish : std::uint8_t {
  plain,       ///< C = sum
  activation,  ///< C = phi(sum + bias)
  derivative,  ///< C = sum * phi'(y), y of C's shape
};

/// Where a tile's sums go. Pointers are those of the tile's first element.
struct TileOutput {
  float* c;
  std::ptrdiff_t stride;  ///< of c, and of y
  int columns;            ///< valid columns of the tile
  bool accumulate;        ///< the sum starts from what c holds
  Finish finish;
  float slope;
  const float* bias;  ///< activation: of the tile's first column
  const float* y;     ///< derivative
};

/// How A is stored.
enum class Layout : std::uint8_t {
  row_major,     ///< (m, k)
  column_major,  ///< (k, m)
};

/// Addresses of up to 15 rows with three pointers: the processor adds 0, 1, 2, 3 or 4 strides by itself.
template <int Rows>
struct RowPointers {
  static constexpr int kBases = (Rows + 4) / 5;
  const char* base[kBases];
  std::ptrdiff_t stride;

  AGON_INLINE RowPointers(const float* a, std::ptrdiff_t lda) : stride(lda * std::ptrdiff_t{sizeof(float)}) {
#pragma GCC unroll 3
    for (int i = 0; i < kBases; ++i) base[i] = reinterpret_cast<const char*>(a) + 5 * i * stride;
  }
  AGON_INLINE float at(int row) const {
    return *reinterpret_cast<const float*>(base[row / 5] + (row % 5) * stride);
  }
  AGON_INLINE void advance() {
#pragma GCC unroll 3
    for (int i = 0; i < kBases; ++i) {
      base[i] += sizeof(float);
      asm("" : "+r"(base[i]));  // or the compiler keeps one pointer per row, and spills
    }
  }
};

/// sum[r][v] += A(r, k) B(k, v) over the depth; b is a packed panel (depth, Vectors * kLanes).
template <int Rows, int Vectors, Layout layout>
AGON_INLINE void accumulate_tile(const float* a, std::ptrdiff_t lda, const float* b, std::int64_t depth,
                                 Vector (&sum)[Rows][Vectors]) {
  RowPointers<Rows> rows(a, lda);
  for (std::int64_t k = 0; k < depth; ++k) {
    Vector bk[Vectors];
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; ++v) bk[v] = load(b + v * kLanes);
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) {
      const Vector ark = broadcast(layout == Layout::row_major ? rows.at(r) : a[r]);
#pragma GCC unroll 8
      for (int v = 0; v < Vectors; ++v) sum[r][v] = multiply_add(ark, bk[v], sum[r][v]);
    }
    if constexpr (layout == Layout::row_major) rows.advance();
    if constexpr (layout == Layout::column_major) a += lda;
    b += Vectors * kLanes;
  }
}

template <Finish finish, bool whole, int Rows, int Vectors>
AGON_INLINE void finish_tile(const TileOutput& out, Vector (&sum)[Rows][Vectors]) {
  const Vector slope = broadcast(out.slope);
#pragma GCC unroll 8
  for (int v = 0; v < Vectors; ++v) {
    const int offset = v * kLanes;
    const int left = out.columns - offset;
    const int lanes = left < kLanes ? (left < 0 ? 0 : left) : kLanes;
    const auto read = [&](const float* p) { return whole ? load(p) : load_first(p, lanes); };
    const Vector bias = finish == Finish::activation ? read(out.bias + offset) : zero();
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) {
      float* c = out.c + r * out.stride + offset;
      Vector value = sum[r][v];
      if (out.accumulate) value += read(c);
      if constexpr (finish == Finish::activation) value = leaky_relu(value + bias, slope);
      if constexpr (finish == Finish::derivative) {
        value = leaky_relu_gradient(read(out.y + r * out.stride + offset), value, slope);
      }
      if (whole) {
        store(c, value);
      } else {
        store_first(c, value, lanes);
      }
    }
  }
}

template <bool whole, int Rows, int Vectors>
AGON_INLINE void finish_tile(const TileOutput& out, Vector (&sum)[Rows][Vectors]) {
  switch (out.finish) {
    case Finish::plain:
      return finish_tile<Finish::plain, whole>(out, sum);
    case Finish::activation:
      return finish_tile<Finish::activation, whole>(out, sum);
    case Finish::derivative:
      return finish_tile<Finish::derivative, whole>(out, sum);
  }
}

template <int Rows, int Vectors, Layout layout>
void tile(const float* a, std::ptrdiff_t lda, const float* b, std::int64_t depth, const TileOutput& out) {
  Vector sum[Rows][Vectors] = {};
  accumulate_tile<Rows, Vectors, layout>(a, lda, b, depth, sum);
  if (out.columns == Vectors * kLanes) {
    finish_tile<true>(out, sum);
  } else {
    finish_tile<false>(out, sum);
  }
}

using TileFunction = void (*)(const float*, std::ptrdiff_t, const float*, std::int64_t, const TileOutput&);

/// The tile of `rows` (1 to kTileRows) and `vectors` (1 or 2).
template <Layout layout, int Rows = kTileRows>
inline TileFunction tile_function(int rows, int vectors) {
  if constexpr (Rows > 1) {
    if (rows < Rows) return tile_function<layout, Rows - 1>(rows, vectors);
  }
  return vectors == 1 ? tile<Rows, 1, layout> : tile<Rows, 2, layout>;
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
