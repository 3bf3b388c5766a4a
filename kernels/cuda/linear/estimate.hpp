// Which tile shape computes a layer's products, and into how many pieces the sum over the batch is cut.
//
// An estimate by arithmetic: a device finishes no earlier than its work spread evenly, and no earlier than
// its longest block; small tiles reach a smaller share of the multiply-add rate.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels/linear.hpp"
#include "kernels/linear_tangent.hpp"

namespace agon::kernels::cuda {

using kernels::TileKind;

struct TileCost {
  TileKind kind;
  std::int64_t rows, columns;
  double efficiency;  ///< share of the peak that one busy multiprocessor reaches; estimated from reads per
                      ///< product
};

inline constexpr std::array<TileCost, 3> kTileCosts{
    {{TileKind::small, 16, 32, 0.45}, {TileKind::medium, 64, 64, 0.7}, {TileKind::large, 128, 128, 0.9}}};

constexpr std::int64_t tiles(std::int64_t n, std::int64_t each) { return (n + each - 1) / each; }

/// Multiply-adds of a multiprocessor in the time that a second, dependent launch takes (some 3 us).
inline constexpr double kLaunchCost = 5e5;
/// The same for the time that a float of a partial sum takes to be written and read back (8 bytes at 3 TB/s).
inline constexpr double kPartialCost = 0.6;

inline TileKind estimated_tile(const LinearShape& shape, int multiprocessors) {
  TileKind best = TileKind::small;
  double least = -1;
  for (const TileCost& tile : kTileCosts) {
    const double block = static_cast<double>(tile.rows * tile.columns) * static_cast<double>(shape.in);
    const double blocks = static_cast<double>(tiles(shape.batch, tile.rows) * tiles(shape.out, tile.columns));
    const double time = std::max(block, block * blocks / multiprocessors) / tile.efficiency;
    if (least < 0 || time < least) least = time, best = tile.kind;
  }
  return best;
}

struct BackwardTiles {
  TileKind kind = TileKind::small;
  int splits = 1;  ///< of the sum over the batch for dweight and dbias; more than one need a second launch
};

/// Floats of one split's partial sums: dweight, then dbias.
constexpr std::int64_t partial_size(const LinearShape& shape) { return shape.out * shape.in + shape.out; }

/// Splits of `batch` that leave no piece empty, at most `wanted`, whose partial sums fit in the workspace.
inline int feasible_splits(const LinearShape& shape, std::int64_t wanted, std::size_t workspace_bytes) {
  const auto fits = static_cast<std::int64_t>(workspace_bytes / sizeof(float)) / partial_size(shape);
  const std::int64_t splits = std::max<std::int64_t>(1, std::min({wanted, fits, shape.batch}));
  const std::int64_t piece = tiles(shape.batch, splits);
  return static_cast<int>(tiles(shape.batch, piece));
}

inline BackwardTiles estimated_tiles(const LinearShape& shape, bool input, bool parameters,
                                     int multiprocessors, std::size_t workspace_bytes) {
  constexpr std::int64_t kMostSplits = 64;
  const auto partials = static_cast<double>(partial_size(shape));
  BackwardTiles best;
  double least = -1;
  for (const TileCost& tile : kTileCosts) {
    const auto area = static_cast<double>(tile.rows * tile.columns);
    const double input_block = input ? area * static_cast<double>(shape.out) : 0;
    const auto input_blocks =
        static_cast<double>(tiles(shape.batch, tile.rows) * tiles(shape.in, tile.columns));
    const auto weight_blocks =
        static_cast<double>(tiles(shape.out, tile.rows) * tiles(shape.in, tile.columns));
    for (std::int64_t wanted = 1; wanted <= (parameters ? kMostSplits : 1); wanted *= 2) {
      const int splits = feasible_splits(shape, wanted, workspace_bytes);
      const auto piece = static_cast<double>(tiles(shape.batch, splits));
      const double weight_block = parameters ? area * piece : 0;
      const double all = input_block * input_blocks + weight_block * weight_blocks * splits;
      const double time = std::max({input_block, weight_block, all / multiprocessors}) / tile.efficiency +
                          (splits > 1 ? kLaunchCost + kPartialCost * partials * splits : 0);
      if (least < 0 || time < least) least = time, best = {tile.kind, splits};
    }
  }
  return best;
}

using kernels::kThin;  ///< thin layers have kernels of their own

inline bool thin(const LinearShape& shape) { return shape.in <= kThin || shape.out <= kThin; }

inline constexpr int kThinThreads = 256;
inline constexpr int kThinWarps = kThinThreads / 32;
inline constexpr int kGroup = 4;   ///< thin columns that one warp or block computes
inline constexpr int kWide = 128;  ///< wide columns of a warp: 4 to a lane

/// Splits of a thin layer's sum over the batch.
inline int thin_splits(const LinearBackward& op, std::size_t workspace_bytes, int multiprocessors) {
  constexpr std::int64_t kLeastPiece =
      64 * kThinWarps;  // batch rows: below this a second launch costs more than it saves
  if (op.dweight == nullptr) return 1;
  const bool thin_is_dz = op.shape.out <= kThin;
  const std::int64_t tile_count = tiles(thin_is_dz ? op.shape.in : op.shape.out, kWide) *
                                  tiles(thin_is_dz ? op.shape.out : op.shape.in, kGroup);
  const std::int64_t estimate =
      std::min(tiles(op.shape.batch, kLeastPiece), tiles(std::int64_t{2} * multiprocessors, tile_count));
  return feasible_splits(op.shape, op.choice.splits > 0 ? op.choice.splits : estimate, workspace_bytes);
}

/// How our kernels compute a layer's gradients.
struct BackwardWay {
  bool thin = false;
  BackwardTiles tiles{};  ///< of a thin layer the splits alone
  Precision precision = Precision::fp32;
};

inline BackwardWay way_of(const LinearBackward& op, std::size_t workspace_bytes, int multiprocessors) {
  const bool input = op.dx != nullptr, parameters = op.dweight != nullptr;
  BackwardWay way{.thin = thin(op.shape), .precision = op.precision};
  if (way.thin) {
    way.tiles.splits = thin_splits(op, workspace_bytes, multiprocessors);
  } else if (op.choice.splits == 0) {
    way.tiles = estimated_tiles(op.shape, input, parameters, multiprocessors, workspace_bytes);
  } else {
    way.tiles = {op.choice.tile,
                 parameters ? feasible_splits(op.shape, op.choice.splits, workspace_bytes) : 1};
  }
  return way;
}

/// Whether one kernel can do both.
inline bool together(const BackwardWay& a, const BackwardWay& b) {
  return a.thin || b.thin || (a.tiles.kind == b.tiles.kind && a.precision == b.precision);
}

/// Of the workspace, for each of two operations in one launch.
constexpr std::size_t half_workspace(std::size_t bytes) { return bytes / 2 / 256 * 256; }

/// Whether cuBLASLt is expected to win; `pass`: LeakyReLU needs a pass over the product.
///
/// It multiplies faster than our tiles but has no LeakyReLU: the pass (8 bytes an element) must be won back.
/// By arithmetic (H100: 67 TFLOP/s in fp32, some 400 in TF32; 3 TB/s; a fifth of the product's time to gain)
/// that takes sums of about 450 terms in fp32 and 2700 in TF32, where no pass is needed any number; and the
/// product must be large enough for launches not to matter. bf16's products out of fp32 operands are taken
/// for no faster than TF32's: both read the same bytes.
inline bool library_wins(Precision precision, const LinearShape& shape, std::int64_t terms, bool pass) {
  constexpr double kLarge = 268435456;  // multiply-adds
  const double products = static_cast<double>(shape.batch) * static_cast<double>(shape.in * shape.out);
  if (products < kLarge || thin(shape)) return false;
  return !pass || terms >= (precision == Precision::fp32 ? 1024 : 4096);
}
inline bool library_wins(const LinearForward& op) {
  return library_wins(op.precision, op.shape, op.shape.in, op.slope != 1.0f);
}
inline bool library_wins(const LinearTangent& op) {
  return library_wins(op.precision, op.shape, op.shape.in, true);
}
inline bool library_wins(const LinearBackward& op) {
  return library_wins(op.precision, op.shape, op.shape.out, op.dx != nullptr && op.input_slope != 1.0f);
}

}  // namespace agon::kernels::cuda
