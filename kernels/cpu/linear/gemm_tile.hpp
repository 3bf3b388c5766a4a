// The innermost product: a tile of C that lives in registers while the whole depth passes by.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/linear/gemm_vector.hpp"
#include "kernels/cpu/parts.hpp"

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
  tangent,     ///< the same, and y = row_weight * y + C
  transposed,  ///< C(n, m) = sum
};

/// How A is stored: (m, k) or (k, m).
enum class Layout : std::uint8_t { row_major, column_major };

/// Operands of one tile: A is (Rows, depth), B (depth, Vectors * kLanes) with rows ldb apart.
struct TileInput {
  const float* a;
  std::ptrdiff_t lda;
  const float* b;
  std::ptrdiff_t ldb;
  std::int64_t depth;
  const float* next;         ///< row-major A: what to ask for meanwhile,
  std::ptrdiff_t next_step;  ///< so many floats for every k; 0 where there is nothing
};

/// Where a tile's sums go. Pointers are those of the tile's first element.
struct TileOutput {
  float* c;
  std::ptrdiff_t stride;  ///< of c's rows, and of y's
  int columns;            ///< valid columns of the tile
  bool accumulate;        ///< the sum adds to what c holds
  Finish finish;
  float slope;
  const float* bias;        ///< activation: of the tile's first column
  float* y;                 ///< derivative; tangent, updated
  bool fetch_y, fetch_c;    ///< y, or c, is so large that it will have left the caches
  const float* row_weight;  ///< tangent: of the tile's first row
};

/// Valid lanes of a tile's vector v.
AGON_INLINE int lanes_left(int columns, int v) {
  const int left = columns - v * kLanes;
  return left < 0 ? 0 : left < kLanes ? left : kLanes;
}

/// Addresses of up to 15 rows with three pointers: the processor adds 0, 1, 2, 3 or 4 strides by itself.
template <int Rows>
struct RowPointers {
  static constexpr int kBases = (Rows + 4) / 5;
  const char* base[kBases];
  std::ptrdiff_t stride;

  AGON_INLINE RowPointers(const float* a, std::ptrdiff_t lda) : stride(lda * std::ptrdiff_t{sizeof(float)}) {
#pragma GCC unroll 4
    for (int i = 0; i < kBases; ++i) base[i] = reinterpret_cast<const char*>(a) + 5 * i * stride;
  }
  AGON_INLINE float at(int row) const {
    return *reinterpret_cast<const float*>(base[row / 5] + (row % 5) * stride);
  }
  AGON_INLINE void advance() {
#pragma GCC unroll 4
    for (int i = 0; i < kBases; ++i) {
      base[i] += sizeof(float);
      asm("" : "+r"(base[i]));  // or the compiler keeps one pointer per row, and spills
    }
  }
};

inline constexpr int kFirstCache = 3, kSecondCache = 2;  // as __builtin_prefetch() counts

/// Asks for the line that lies `floats` after p. The address may lie outside the array: it is never read.
template <int cache = kFirstCache>
AGON_INLINE void fetch(const float* p, std::ptrdiff_t floats) {
  __builtin_prefetch(reinterpret_cast<const void*>(reinterpret_cast<std::uintptr_t>(p) +
                                                   static_cast<std::uintptr_t>(floats) * sizeof(float)),
                     0, cache);
}

/// sum[r][v] += A(r, k) B(k, v), k ascending.
template <int Rows, int Vectors, Layout layout>
AGON_INLINE void accumulate_tile(const TileInput& in, Vector (&sum)[Rows][Vectors]) {
  const float* a = in.a;
  const float* b = in.b;
  // Rows of B asked for early, so many that about 640 cycles of products lie between: the way to memory and
  // back.
  constexpr int kUsual = 640 / (Rows * Vectors);
  constexpr int kAhead = kUsual < 64 ? kUsual : 64;
  RowPointers<Rows> rows(a, in.lda);
  const float* next = in.next;
#pragma GCC unroll 2
  for (std::int64_t k = 0; k < in.depth; ++k) {
    Vector bk[Vectors];
#pragma GCC unroll 2
    for (int v = 0; v < Vectors; ++v) {
      bk[v] = load(b + v * kLanes);
      if (v * kLanes % kLineFloats == 0) fetch(b + v * kLanes, kAhead * in.ldb);
    }
    if constexpr (layout == Layout::column_major) fetch(a + Rows - 1, kAhead * in.lda);

#pragma GCC unroll 14
    for (int r = 0; r < Rows; ++r) {
      const Vector ark = broadcast(layout == Layout::row_major ? rows.at(r) : a[r]);
#pragma GCC unroll 2
      for (int v = 0; v < Vectors; ++v) sum[r][v] = multiply_add(ark, bk[v], sum[r][v]);
    }
    if constexpr (layout == Layout::row_major) {
      rows.advance();
      fetch(next, 0);
      next += in.next_step;
    } else {
      a += in.lda;
    }
    b += in.ldb;
  }
}

/// Asks for the part of y that finishing the tile will read, or of c that it will write: it arrives while it
/// multiplies. (Of c that gains nothing in linear layers where one thread has all of it, and costs where
/// another thread wrote it last.)
template <int Rows, int Vectors>
AGON_INLINE void fetch_rows(const float* first, std::ptrdiff_t stride) {
#pragma GCC unroll 14
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 2
    for (int v = 0; v < Vectors; ++v) fetch(first + r * stride, v * kLanes);
  }
}

template <bool whole, int Rows, int Vectors>
AGON_INLINE void store_row(const TileOutput& out, int r, int v, const Vector (&sum)[Rows][Vectors]) {
  float* c = out.c + r * out.stride + v * kLanes;
  if (whole) {
    store(c, sum[r][v]);
  } else {
    store_first(c, sum[r][v], lanes_left(out.columns, v));
  }
}

template <Finish finish, bool whole, int Rows, int Vectors>
AGON_INLINE void finish_rows(const TileOutput& out, Vector (&sum)[Rows][Vectors]) {
  const Vector slope = broadcast(out.slope);
#pragma GCC unroll 2
  for (int v = 0; v < Vectors; ++v) {
    const int lanes = lanes_left(out.columns, v);
    const auto read = [&](const float* p) { return whole ? load(p) : load_first(p, lanes); };
    const Vector bias = finish == Finish::activation ? read(out.bias + v * kLanes) : zero();
#pragma GCC unroll 14
    for (int r = 0; r < Rows; ++r) {
      const std::ptrdiff_t at = r * out.stride + v * kLanes;
      Vector& value = sum[r][v];
      if (out.accumulate) value += read(out.c + at);
      if constexpr (finish == Finish::activation) value = leaky_relu(value + bias, slope);
      if constexpr (finish == Finish::derivative) value = leaky_relu_gradient(read(out.y + at), value, slope);
      if constexpr (finish == Finish::tangent) {
        const Vector y = read(out.y + at);
        value = leaky_relu_gradient(y, value, slope);
        const Vector updated = multiply_add(broadcast(out.row_weight[r]), y, value);
        whole ? store(out.y + at, updated) : store_first(out.y + at, updated, lanes);
      }
      if constexpr (finish != Finish::derivative) store_row<whole>(out, r, v, sum);
    }
  }
  if constexpr (finish != Finish::derivative) return;
    // Where y is read, only now: a load waits for an earlier store to an address 4096 bytes apart.
#pragma GCC unroll 2
  for (int v = 0; v < Vectors; ++v) {
#pragma GCC unroll 14
    for (int r = 0; r < Rows; ++r) store_row<whole>(out, r, v, sum);
  }
}

/// The tile's columns become rows of c.
template <int Rows, int Vectors>
AGON_INLINE void finish_transposed(const TileOutput& out, Vector (&sum)[Rows][Vectors]) {
  alignas(64) float tile[Rows][Vectors * kLanes];
#pragma GCC unroll 14
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 2
    for (int v = 0; v < Vectors; ++v) store(&tile[r][v * kLanes], sum[r][v]);
  }
  for (int column = 0; column < out.columns; ++column) {
    float* c = out.c + column * out.stride;
    for (int r = 0; r < Rows; ++r) c[r] = out.accumulate ? c[r] + tile[r][column] : tile[r][column];
  }
}

template <bool whole, int Rows, int Vectors>
AGON_INLINE void finish_tile(const TileOutput& out, Vector (&sum)[Rows][Vectors]) {
  switch (out.finish) {
    case Finish::plain:
      return finish_rows<Finish::plain, whole>(out, sum);
    case Finish::activation:
      return finish_rows<Finish::activation, whole>(out, sum);
    case Finish::derivative:
      return finish_rows<Finish::derivative, whole>(out, sum);
    case Finish::tangent:
      return finish_rows<Finish::tangent, whole>(out, sum);
    case Finish::transposed:
      return finish_transposed(out, sum);
  }
}

template <int Rows, int Vectors, Layout layout>
void tile(const TileInput& in, const TileOutput& out) {
  if (out.fetch_y) fetch_rows<Rows, Vectors>(out.y, out.stride);
  if (out.fetch_c) fetch_rows<Rows, Vectors>(out.c, out.stride);
  Vector sum[Rows][Vectors] = {};
  accumulate_tile<Rows, Vectors, layout>(in, sum);
  if (out.columns == Vectors * kLanes) {
    finish_tile<true>(out, sum);
  } else {
    finish_tile<false>(out, sum);
  }
}

/// A tile whose sum has several segments, each in.depth long: A's begin at these offsets from in.a, B's
/// follow each other.
template <int Rows, int Vectors>
void segmented_tile(const TileInput& in, const std::ptrdiff_t* offset, std::int64_t segments,
                    const TileOutput& out) {
  Vector sum[Rows][Vectors] = {};
  TileInput segment = in;
  for (std::int64_t s = 0; s < segments; ++s) {
    segment.a = in.a + offset[s];
    accumulate_tile<Rows, Vectors, Layout::row_major>(segment, sum);
    segment.b += in.depth * in.ldb;
  }
  if (out.columns == Vectors * kLanes) {
    finish_tile<true>(out, sum);
  } else {
    finish_tile<false>(out, sum);
  }
}

using SegmentedTileFunction = void (*)(const TileInput&, const std::ptrdiff_t*, std::int64_t,
                                       const TileOutput&);

template <int Rows = kTileRows>
inline SegmentedTileFunction segmented_tile_function(int rows, int vectors) {
  if constexpr (Rows > 1) {
    if (rows < Rows) return segmented_tile_function<Rows - 1>(rows, vectors);
  }
  return vectors == 1 ? segmented_tile<Rows, 1> : segmented_tile<Rows, 2>;
}

using TileFunction = void (*)(const TileInput&, const TileOutput&);

/// The tile of `rows` (1 to kTileRows) and `vectors` (1 or 2).
template <Layout layout, int Rows = kTileRows>
inline TileFunction tile_function(int rows, int vectors) {
  if constexpr (Rows > 1) {
    if (rows < Rows) return tile_function<layout, Rows - 1>(rows, vectors);
  }
  return vectors == 1 ? tile<Rows, 1, layout> : tile<Rows, 2, layout>;
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
