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

/// How dbias, a sum over the pixels of all images, is divided: a block has some neighbouring channels of a
/// piece of the pixels.
struct BiasPieces {
  std::int64_t lanes = 32;  ///< channels of a block
  std::int64_t channel_tiles = 1;
  std::int64_t piece = 0;   ///< pixels
  std::int64_t pieces = 1;  ///< none of them empty; several need a second launch
};

inline constexpr int kBiasThreads = 256;

inline BiasPieces bias_pieces(const ConvolutionShape& s, int multiprocessors) {
  constexpr std::int64_t kLeastEach = 16;  // pixels of a thread: below this a launch costs more than it saves
  const ImageShape out = s.out();
  const std::int64_t pixels = s.batch * out.pixels();
  BiasPieces bias;
  while (bias.lanes > 1 && bias.lanes / 2 >= out.channels) bias.lanes /= 2;
  bias.channel_tiles = tiles(out.channels, bias.lanes);
  const std::int64_t filling = tiles(std::int64_t{4} * multiprocessors, bias.channel_tiles);
  const std::int64_t wanted =
      std::clamp<std::int64_t>(pixels * bias.lanes / (kLeastEach * kBiasThreads), 1, filling);
  bias.piece = tiles(pixels, wanted);
  bias.pieces = tiles(pixels, bias.piece);
  return bias;
}

inline constexpr std::int64_t kPhases = 16;  ///< of one launch of a pass up, whose arguments they are

/// Whether fine pixels leave the rests by the stride that phase number `phase` stands for.
inline bool has_pixels(const ConvolutionShape& s, std::int64_t phase) {
  return phase / s.stride < s.fine.height && phase % s.stride < s.fine.width;
}

/// Of a pass from the coarse images up to the fine ones.
inline std::int64_t launches_up(const ConvolutionShape& s) {
  std::int64_t launches = 0;
  for (std::int64_t first = 0, all = s.stride * s.stride; first < all; first += kPhases) {
    bool any = false;
    for (std::int64_t phase = first; phase < std::min(first + kPhases, all); ++phase)
      any = any || has_pixels(s, phase);
    if (any) ++launches;
  }
  return launches;
}

}  // namespace agon::kernels::cuda
