// Matrix product C = A B of one thread's block and its division over threads.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/gemm_pack.hpp"
#include "kernels/cpu/gemm_tile.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {

/// C(m, n) = finish(sum_k A(m, k) B(k, n)), C row-major.
struct Product {
  std::int64_t m = 0, n = 0, k = 0;
  const float* a = nullptr;
  std::ptrdiff_t lda = 0;
  Layout a_layout = Layout::row_major;  ///< row_major: stored (m, k); column_major: stored (k, m)
  const float* b = nullptr;
  std::ptrdiff_t ldb = 0;
  Layout b_layout = Layout::row_major;  ///< row_major: stored (k, n); column_major: stored (n, k)
  float* c = nullptr;
  std::ptrdiff_t ldc = 0;
  Finish finish = Finish::plain;
  float slope = 1.0f;
  const float* bias = nullptr;  ///< Finish::activation: (n)
  const float* y = nullptr;     ///< Finish::derivative: (m, n), rows ldc apart
};

/// Rows and columns of C: [m0, m1) x [n0, n1).
struct Block {
  std::int64_t m0, m1, n0, n1;
};

/// A thread's share of the queue's workspace.
struct Scratch {
  float* data;
  std::int64_t floats;
};

AGON_INLINE std::int64_t smaller(std::int64_t a, std::int64_t b) { return a < b ? a : b; }
AGON_INLINE std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// Part `index` of `parts` of [0, n) in units of `unit`, as even as units allow.
AGON_INLINE std::int64_t part_begin(std::int64_t n, std::int64_t unit, std::int64_t parts,
                                    std::int64_t index) {
  return smaller(n, ceil_div(n, unit) * index / parts * unit);
}

// The sum over k is cut every kDepth: a packed panel then stays near the core, and rounding errors of long
// sums stay small. The cut depends on k alone, so an element of C has the same bits however C is divided.
inline constexpr std::int64_t kDepth = 512;
// Rows of A that pass over all packed panels before the next rows do; A's part of them stays in the second
// cache.
inline constexpr std::int64_t kRows = 10 * kTileRows;
// Columns packed at a time.
inline constexpr std::int64_t kColumns = 512;

struct PanelPosition {
  std::int64_t k0, depth;  ///< the part of the sum
  std::int64_t n;          ///< first column
  int columns, vectors;
};

inline void pack_panel(const Product& p, const PanelPosition& at, float* panel) {
  if (p.b_layout == Layout::row_major) {
    pack_rows(p.b + at.k0 * p.ldb + at.n, p.ldb, at.depth, at.columns, at.vectors, panel);
  } else {
    pack_columns(p.b + at.n * p.ldb + at.k0, p.ldb, at.depth, at.columns, at.vectors, panel);
  }
}

/// Rows [m0, m1) of one panel.
inline void multiply_panel(const Product& p, const PanelPosition& at, std::int64_t m0, std::int64_t m1,
                           const float* panel) {
  const bool last = at.k0 + at.depth == p.k;
  const std::int64_t tiles = ceil_div(m1 - m0, kTileRows);
  for (std::int64_t t = 0; t < tiles; ++t) {
    const std::int64_t m = m0 + (m1 - m0) * t / tiles;  // even tiles: no thin one at the end
    const int rows = static_cast<int>(m0 + (m1 - m0) * (t + 1) / tiles - m);
    const std::ptrdiff_t c = m * p.ldc + at.n;
    const TileOutput out{p.c + c,
                         p.ldc,
                         at.columns,
                         at.k0 > 0,
                         last ? p.finish : Finish::plain,
                         p.slope,
                         p.bias == nullptr ? nullptr : p.bias + at.n,
                         p.y == nullptr ? nullptr : p.y + c};
    if (p.a_layout == Layout::row_major) {
      tile_function<Layout::row_major>(rows, at.vectors)(p.a + m * p.lda + at.k0, p.lda, panel, at.depth,
                                                         out);
    } else {
      tile_function<Layout::column_major>(rows, at.vectors)(p.a + at.k0 * p.lda + m, p.lda, panel, at.depth,
                                                            out);
    }
  }
}

/// One thread's block of C. Needs scratch for one panel at least: kDepth * kPanel floats.
inline void multiply_block(const Product& p, const Block& block, Scratch scratch) {
  for (std::int64_t k0 = 0; k0 < p.k; k0 += kDepth) {
    const std::int64_t depth = smaller(kDepth, p.k - k0);
    const std::int64_t fitting = scratch.floats / (depth * kPanel) * kPanel;
    const std::int64_t columns = smaller(kColumns, fitting);
    for (std::int64_t c0 = block.n0; c0 < block.n1; c0 += columns) {
      const std::int64_t c1 = smaller(block.n1, c0 + columns);
      for (std::int64_t m0 = block.m0; m0 < block.m1; m0 += kRows) {
        const std::int64_t m1 = smaller(block.m1, m0 + kRows);
        float* panel = scratch.data;
        for (std::int64_t n = c0; n < c1; n += kPanel, panel += depth * kPanel) {
          const int valid = static_cast<int>(smaller(kPanel, c1 - n));
          const PanelPosition at{k0, depth, n, valid, valid <= kLanes ? 1 : 2};
          if (m0 == block.m0) pack_panel(p, at, panel);
          multiply_panel(p, at, m0, m1, panel);
        }
      }
    }
  }
}

/// The block of thread `index` of `threads`: a grid of threads over rows and columns, the one whose largest
/// block costs least. Depends on the shape and the number of threads only.
inline Block thread_block(const Product& p, int threads, int index) {
  // Packing a column costs about as much as multiplying this many rows with it.
  const std::int64_t packing = p.b_layout == Layout::column_major ? 5 : 3;
  const std::int64_t vectors = ceil_div(p.n, kLanes);
  int best = 1;
  std::int64_t least = INT64_MAX;
  for (int across = 1; across <= threads; ++across) {
    if (threads % across != 0) continue;
    const std::int64_t cost = ceil_div(vectors, across) * (ceil_div(p.m, threads / across) + packing);
    if (cost < least) {
      least = cost;
      best = across;
    }
  }
  const int down = threads / best;
  const int row = index / best, column = index % best;
  const std::int64_t unit = ceil_div(p.n, kPanel) >= best ? kPanel : kLanes;
  return {part_begin(p.m, 1, down, row), part_begin(p.m, 1, down, row + 1),
          part_begin(p.n, unit, best, column), part_begin(p.n, unit, best, column + 1)};
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
