// One thread's block of a matrix product: panels of B, packed or in place, tiles of C along each.
#include "kernels/cpu/linear/gemm.hpp"

#include "kernels/cpu/linear/gemm_pack.hpp"
#include "kernels/cpu/linear/gemm_round.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

// Where factors are rounded, half as often: a panel's scratch then holds as many rounded rows of A, too.
constexpr std::int64_t kRoundedDepth = kDepth / 2;
// Elements of A that pass over all packed panels before the next ones do, and of B packed at a time: both
// stay in the second cache.
constexpr std::int64_t kAElements = 70 * 1024;
constexpr std::int64_t kPackedElements = 64 * 1024;
// A row-major B is read in place for so few rows: copying it would cost more than its strides do.
constexpr std::int64_t kDirectRows = kLanes == 16 ? 1000 : 96;

struct PanelPosition {
  std::int64_t k0, depth;  ///< the part of the sum
  std::int64_t n;          ///< first column
  int columns, vectors;
};

// A column-major A is copied tile by tile where a tile's rows are less than half of a cache line: in place
// each k would ask for a line of its own, and lines a power of two apart share few places of the first cache.
constexpr bool kCopiesTiles = 2 * kTileRows < kLineFloats;

/// A's rows from some m0 and k's from some k0 on, in place, rounded, or tile by tile.
struct Rows {
  const float* data;
  std::ptrdiff_t stride;  ///< of rows; of k's where A is column-major
  bool by_tiles = false;  ///< each tile is (depth, its rows), one behind the other
};

/// B's part of a panel, in place or packed, with its row stride.
struct Panel {
  const float* data;
  std::ptrdiff_t stride;
  bool first;                     ///< of the thread's panels
  const float* source = nullptr;  ///< what the next panel will be packed from, where that lies in one piece
  std::int64_t source_floats = 0;
};

void pack_panel(const Product& p, const PanelPosition& at, float* panel) {
  if (p.b_layout == Layout::row_major) {
    pack_rows(p.b + at.k0 * p.ldb + at.n, p.ldb, at.depth, at.columns, at.vectors, panel);
  } else {
    pack_columns(p.b + at.n * p.ldb + at.k0, p.ldb, at.depth, at.columns, at.vectors, panel);
  }
  const std::int64_t floats = at.depth * at.vectors * kLanes;
  if (p.precision != Precision::fp32) round_matrix(p.precision, panel, floats, 1, floats, panel);
}

/// Writes rows [m0, m1) of a column-major A, m0's first element at a, tile by tile.
void copy_tiles(const float* a, std::ptrdiff_t lda, const Tiles& tiles, std::int64_t depth, float* to) {
  for (std::int64_t t = 0; t < tiles.count(); ++t) {
    const std::int64_t rows = tiles.begin(t + 1) - tiles.begin(t);
    const float* from = a + (tiles.begin(t) - tiles.m0);
    for (std::int64_t k = 0; k < depth; ++k, from += lda, to += rows)
      for (std::int64_t r = 0; r < rows; ++r) to[r] = from[r];
  }
}

/// Whether A's rows are copied, with so many panels to be multiplied by.
bool copies_tiles(const Product& p, std::int64_t columns) {
  constexpr std::int64_t kFewest = 4 * kPanel;
  return kCopiesTiles && p.a_layout == Layout::column_major && p.precision == Precision::fp32 &&
         columns >= kFewest;
}

/// A's rows [m0, m1) and k's [k0, k0 + depth); `scratch` holds them where they are rounded.
Rows rows_of(const Product& p, std::int64_t m0, std::int64_t m1, std::int64_t k0, std::int64_t depth,
             float* scratch) {
  const bool by_rows = p.a_layout == Layout::row_major;
  const float* const a = by_rows ? p.a + m0 * p.lda + k0 : p.a + k0 * p.lda + m0;
  if (p.precision == Precision::fp32) return {a, p.lda};
  const std::int64_t lines = by_rows ? m1 - m0 : depth, across = by_rows ? depth : m1 - m0;
  round_matrix(p.precision, a, p.lda, lines, across, scratch);
  return {scratch, across};
}

/// Rows [m0, m1), `from` m0 on, of one panel's columns.
void multiply_panel(const Product& p, const PanelPosition& at, std::int64_t m0, std::int64_t m1,
                    const Rows& from, const Panel& panel) {
  const bool transposed = p.finish == Finish::transposed;
  const bool last = at.k0 + at.depth == p.k;
  const Tiles all{m0, m1};
  const std::int64_t tiles = all.count();
  for (std::int64_t t = 0; t < tiles; ++t) {
    const std::int64_t m = all.begin(t);
    const int rows = static_cast<int>(all.begin(t + 1) - m);
    const bool by_rows = p.a_layout == Layout::row_major;
    const float* a = from.data + (m - m0) * (by_rows ? from.stride : from.by_tiles ? at.depth : 1);
    const std::ptrdiff_t c = transposed ? at.n * p.ldc + m : m * p.ldc + at.n;
    // The first panel meets A's rows for the first time: each tile asks for the next one's. Behind it, the
    // tiles ask for what the next panel is packed from.
    const bool first = by_rows && panel.first && from.stride == at.depth;
    const std::int64_t share = ceil_div(panel.source_floats, tiles);
    const TileInput in{a,
                       from.by_tiles ? rows : from.stride,
                       panel.data,
                       panel.stride,
                       at.depth,
                       first       ? a + rows * from.stride
                       : share > 0 ? panel.source + t * share
                                   : a,
                       first ? rows : ceil_div(share, at.depth)};
    const TileOutput out{p.c + c,
                         p.ldc,
                         at.columns,
                         at.k0 > 0 || p.accumulate,
                         last || transposed ? p.finish : Finish::plain,
                         p.slope,
                         p.bias == nullptr ? nullptr : p.bias + at.n,
                         p.y == nullptr ? nullptr : p.y + c,
                         p.y != nullptr && (p.far || p.m * p.n >= kFarElements),
                         p.far,
                         p.row_weight == nullptr ? nullptr : p.row_weight + m};
    const auto multiply = by_rows ? tile_function<Layout::row_major>(rows, at.vectors)
                                  : tile_function<Layout::column_major>(rows, at.vectors);
    multiply(in, out);
  }
}

/// Whether whole panels of B are read where they are.
bool reads_in_place(const Product& p, const Block& block) {
  return p.precision == Precision::fp32 && p.b_layout == Layout::row_major &&
         block.m1 - block.m0 <= kDirectRows;
}

/// Part [k0, k0 + depth) of the sum for the columns of `block`, which fit `packed`. `rounded` holds A's rows
/// where they are rounded or copied, else it is empty.
void multiply_columns(const Product& p, const Block& block, std::int64_t k0, std::int64_t depth,
                      Scratch rounded, float* packed) {
  const bool copies = rounded.floats > 0;
  const std::int64_t rows = copies ? smaller(kAElements, rounded.floats) / depth / kTileRows * kTileRows
                                   : ceil_div(kAElements / depth, kTileRows) * kTileRows;
  for (std::int64_t m0 = block.m0; m0 < block.m1; m0 += rows) {
    const std::int64_t m1 = smaller(block.m1, m0 + rows);
    Rows from = rows_of(p, m0, m1, k0, depth, rounded.data);
    if (copies && p.precision == Precision::fp32) {
      copy_tiles(from.data, from.stride, {m0, m1}, depth, rounded.data);
      from = {rounded.data, 0, true};
    }
    float* panel = packed;
    for (std::int64_t n = block.n0; n < block.n1; n += kPanel, panel += depth * kPanel) {
      const int columns = static_cast<int>(smaller(kPanel, block.n1 - n));
      const PanelPosition at{k0, depth, n, columns, columns <= kLanes ? 1 : 2};
      if (p.panels != nullptr) {
        multiply_panel(p, at, m0, m1, from, {p.panels + n * p.k + k0 * kPanel, kPanel, n == block.n0});
        continue;
      }
      if (reads_in_place(p, block) && columns == kPanel) {
        multiply_panel(p, at, m0, m1, from, {p.b + k0 * p.ldb + n, p.ldb, n == block.n0});
        continue;
      }
      if (m0 == block.m0) pack_panel(p, at, panel);
      Panel its_own{panel, at.vectors * kLanes, n == block.n0};
      const std::int64_t left = smaller(kPanel, block.n1 - n - kPanel);
      if (m0 == block.m0 && left > 0 && p.b_layout == Layout::column_major && p.ldb == depth) {
        its_own.source = p.b + (n + kPanel) * p.ldb;
        its_own.source_floats = left * depth;
      }
      multiply_panel(p, at, m0, m1, from, its_own);
    }
  }
}

}  // namespace

void pack_panels(const Product& p, std::int64_t first, std::int64_t last, float* panels) {
  for (std::int64_t i = first; i < last; ++i) {
    const std::int64_t n = i * kPanel;
    const int columns = static_cast<int>(smaller(kPanel, p.n - n));
    pack_panel(p, {0, p.k, n, columns, kTileVectors}, panels + n * p.k);
  }
}

void multiply_block(const Product& p, const Block& block, Scratch scratch) {
  const bool rounds = p.precision != Precision::fp32;
  const std::int64_t most = rounds ? kRoundedDepth : kDepth;
  const bool copies = rounds || copies_tiles(p, block.n1 - block.n0);
  const Scratch rounded{scratch.data, copies ? scratch.floats / 32 * 16 : 0};
  const Scratch packed{scratch.data + rounded.floats, scratch.floats - rounded.floats};
  for (std::int64_t k0 = 0; k0 < p.k; k0 += most) {
    const std::int64_t depth = smaller(most, p.k - k0);
    const bool packs = p.panels == nullptr && !reads_in_place(p, block);
    const std::int64_t columns =
        packs ? smaller(kPackedElements, packed.floats) / (depth * kPanel) * kPanel : block.n1 - block.n0;
    for (std::int64_t n0 = block.n0; n0 < block.n1; n0 += columns) {
      multiply_columns(p, {block.m0, block.m1, n0, smaller(block.n1, n0 + columns)}, k0, depth, rounded,
                       packed.data);
    }
  }
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
