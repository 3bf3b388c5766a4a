// The matrix product C = A B: its division over threads, and one thread's block.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/linear/gemm_tile.hpp"
#include "kernels/cpu/parts.hpp"
#include "kernels/precision.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {

// From this size on y is asked for ahead: below, the asking costs 1% of a step's time and brings nothing.
inline constexpr std::int64_t kFarElements = 256 * 1024;

/// C(m, n) = finish(sum_k A(m, k) B(k, n)), everything dense.
struct Product {
  std::int64_t m = 0, n = 0, k = 0;
  const float* a = nullptr;
  std::ptrdiff_t lda = 0;
  Layout a_layout = Layout::row_major;  ///< column_major: stored (k, m)
  const float* b = nullptr;
  std::ptrdiff_t ldb = 0;
  Layout b_layout = Layout::row_major;  ///< column_major: stored (n, k)
  const float* panels = nullptr;        ///< all of b by pack_panels(), or null: it is packed here
  float* c = nullptr;
  std::ptrdiff_t ldc = 0;
  bool accumulate = false;  ///< added to what c holds; not with Finish::derivative or tangent
  Finish finish = Finish::plain;
  float slope = 1.0f;
  const float* bias = nullptr;  ///< Finish::activation: (n)
  float* y = nullptr;  ///< Finish::derivative, tangent: (m, n), rows ldc apart; the latter updates it
  const float* row_weight = nullptr;  ///< Finish::tangent: (m)
  bool far = false;                   ///< c and y are of images of kFarElements and more, and asked for ahead
  Precision precision = Precision::fp32;
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

/// A thread's equal share of the workspace, in whole cache lines.
inline Scratch thread_scratch(QueueView queue, int threads, int index) {
  const std::int64_t floats =
      static_cast<std::int64_t>(queue.workspace_bytes / sizeof(float)) / threads / kLineFloats * kLineFloats;
  return {reinterpret_cast<float*>(queue.workspace) + floats * index, floats};
}

AGON_INLINE std::int64_t smaller(std::int64_t a, std::int64_t b) { return a < b ? a : b; }
AGON_INLINE std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// Rows [m0, m1) in even tiles: no thin one at the end.
struct Tiles {
  std::int64_t m0, m1;

  std::int64_t count() const { return ceil_div(m1 - m0, kTileRows); }
  std::int64_t begin(std::int64_t tile) const { return m0 + (m1 - m0) * tile / count(); }
};

// The sum over k is cut every kDepth: rounding errors of long sums stay small, and a panel stays near the
// core. The cut depends on k alone, so an element of C has the same bits however C is divided.
inline constexpr std::int64_t kDepth = 512;

/// One thread's block of C. The scratch holds one panel at least: kDepth * kPanel floats.
void multiply_block(const Product& p, const Block& block, Scratch scratch);

/// Floats that p.b packed takes, and packing panels [first, last) of panels_of(p): for a factor that many
/// products share.
inline std::int64_t panels_of(const Product& p) { return ceil_div(p.n, kPanel); }
inline std::int64_t packed_floats(const Product& p) { return panels_of(p) * p.k * kPanel; }
void pack_panels(const Product& p, std::int64_t first, std::int64_t last, float* panels);

/// The block of thread `index` of `threads`: of all grids of threads over C, the one whose largest block
/// costs least. Depends on the shape and the number of threads only.
inline Block thread_block(const Product& p, int threads, int index) {
  int across = 1;
  std::int64_t least = INT64_MAX;
  for (int candidate = 1; candidate <= threads; ++candidate) {
    if (threads % candidate != 0) continue;
    const std::int64_t vectors = ceil_div(ceil_div(p.n, kLanes), candidate);
    const std::int64_t rows = ceil_div(p.m, threads / candidate);
    const std::int64_t multiplying = rows * vectors;
    const std::int64_t reading = rows + kLanes * vectors;  // a cycle an element, from the last cache
    const std::int64_t packing = p.b_layout == Layout::column_major ? 4 * vectors : 0;
    const std::int64_t cost = multiplying + reading + packing;
    if (cost < least) {
      least = cost;
      across = candidate;
    }
  }
  const int down = threads / across;
  const int row = index / across, column = index % across;
  const std::int64_t unit = ceil_div(p.n, kPanel) >= across ? kPanel : kLanes;
  return {part_begin(p.m, 1, down, row), part_begin(p.m, 1, down, row + 1),
          part_begin(p.n, unit, across, column), part_begin(p.n, unit, across, column + 1)};
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
