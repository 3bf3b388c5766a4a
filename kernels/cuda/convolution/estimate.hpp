// Which tiles compute a convolution's products, and into how many pieces a long sum is cut: the arithmetic of
// kernels/cuda/linear/estimate.hpp for products of which there are several, one for each group and phase.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/convolution_shape.hpp"
#include "kernels/cuda/linear/estimate.hpp"
#include "kernels/layer_choice.hpp"

namespace agon::kernels::cuda {

/// `count` products (rows, k) times (k, columns) of one launch.
struct Products {
  std::int64_t count = 1, rows = 0, k = 0, columns = 0;
};

/// From the fine images to the coarse ones: coarse pixels, by groups.
inline Products products_down(const ConvolutionShape& s) {
  return {s.groups, s.coarse_pixels(), s.patch(), s.coarse_group()};
}
/// From the coarse images to the fine ones: phases of fine pixels, by groups; the largest of them.
inline Products products_up(const ConvolutionShape& s) {
  const std::int64_t taps = tiles(s.kernel, s.stride);
  return {s.groups * s.stride * s.stride,
          s.batch * tiles(s.fine.height, s.stride) * tiles(s.fine.width, s.stride),
          taps * taps * s.coarse_group(), s.fine_group()};
}
/// dweight, by groups.
inline Products products_of_weights(const ConvolutionShape& s) {
  return {s.groups, s.coarse_group(), s.coarse_pixels(), s.patch()};
}

struct ProductTiles {
  TileKind kind = TileKind::small;
  std::int64_t pieces = 1;  ///< of the k's, none of them empty; several need a second launch
};

/// The pieces that `wanted` come to where none may be empty.
inline std::int64_t full_pieces(std::int64_t k, std::int64_t wanted) {
  return tiles(k, tiles(k, std::clamp<std::int64_t>(wanted, 1, k)));
}

inline ProductTiles estimated_tiles(const Products& of, std::int64_t most_pieces, int multiprocessors) {
  ProductTiles best;
  double least = -1;
  const auto sums = static_cast<double>(of.count * of.rows * of.columns);
  for (const TileCost& tile : kTileCosts) {
    const auto area = static_cast<double>(tile.rows * tile.columns);
    const auto blocks =
        static_cast<double>(of.count * tiles(of.rows, tile.rows) * tiles(of.columns, tile.columns));
    for (std::int64_t wanted = 1; wanted <= most_pieces; wanted *= 2) {
      const std::int64_t pieces = full_pieces(of.k, wanted);
      const double block = area * static_cast<double>(tiles(of.k, pieces));
      const auto parts = static_cast<double>(pieces);
      const double time = std::max(block, block * blocks * parts / multiprocessors) / tile.efficiency +
                          (pieces > 1 ? kLaunchCost + kPartialCost * sums * parts : 0);
      if (least < 0 || time < least) least = time, best = {tile.kind, pieces};
    }
  }
  return best;
}

/// Pieces of dweight's sum: as many as fit into the workspace, and no more than a shape's pixels are worth.
inline std::int64_t most_pieces(const ConvolutionShape& s, std::size_t workspace_bytes) {
  constexpr std::int64_t kShortest = 32;  // pixels
  const auto fit = static_cast<std::int64_t>(workspace_bytes / sizeof(float)) / s.weights();
  return std::clamp<std::int64_t>(std::min(fit, s.coarse_pixels() / kShortest), 1, kMostPieces);
}

/// The tiles that are chosen, or where none are, the estimate's.
inline TileKind tile_of(const LayerChoice& choice, const Products& products, int multiprocessors) {
  return choice.splits > 0 ? choice.tile : estimated_tiles(products, 1, multiprocessors).kind;
}
inline ProductTiles weight_tiles(const LayerChoice& choice, const ConvolutionShape& s,
                                 std::size_t workspace_bytes, int multiprocessors) {
  const Products products = products_of_weights(s);
  const std::int64_t most = most_pieces(s, workspace_bytes);
  if (choice.splits == 0) return estimated_tiles(products, most, multiprocessors);
  return {choice.tile, full_pieces(products.k, std::min<std::int64_t>(choice.splits, most))};
}

}  // namespace agon::kernels::cuda
