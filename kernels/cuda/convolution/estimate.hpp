// Which tiles compute a convolution's products, and into how many pieces a long sum is cut: the arithmetic of
// kernels/cuda/linear/estimate.hpp for products of which there are several, one for each group and phase.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/cuda/linear/estimate.hpp"

namespace agon::kernels::cuda {

/// `count` products (rows, k) times (k, columns) of one launch.
struct Products {
  std::int64_t count = 1, rows = 0, k = 0, columns = 0;
};

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

}  // namespace agon::kernels::cuda
