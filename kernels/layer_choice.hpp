// Which algorithm computes a linear layer or a convolution of some shape.
#pragma once

#include <compare>
#include <cstdint>

namespace agon::kernels {

/// Who computes a product: our kernel, the vendor's library (cuBLASLt on CUDA, of convolutions cuDNN; oneDNN
/// on the processor), a kernel that cuDNN makes of a linear layer with its activation (CUDA, tf32; forward,
/// or the input gradient alone), or whichever of the first two is expected to be faster for the shape: of
/// convolutions ours. Where a library has nothing to offer (oneDNN: tf32 and bf16; cuDNN: bf16), our kernel
/// computes. cuBLASLt is asked for tf32 or bf16; its factors may be rounded otherwise, to as many bits, or
/// not at all; so may cuDNN's.
enum class LayerBackend : std::uint8_t { automatic, own, library, fused };

/// The tiles of our kernels on CUDA (kernels/cuda/device/tile.cuh).
enum class TileKind : std::uint8_t { small, medium, large };

/// How long a library's list of algorithms is, at most: cuBLASLt's and that of cuDNN's convolutions, cuDNN's
/// of a linear layer. No more than kMostFused of cuDNN's are tried.
inline constexpr int kMostAlgorithms = 8, kMostFused = 4;
/// Pieces that a sum is cut into, at most.
inline constexpr int kMostPieces = 128;

/// The algorithm of a layer's products, where somebody has chosen it (kernels/linear_algorithms.hpp and
/// kernels/convolution_algorithms.hpp list them). Results differ between algorithms in the last bits. The
/// processor looks at `by` alone, of linear layers.
struct LayerChoice {
  LayerBackend by = LayerBackend::automatic;
  TileKind tile = TileKind::small;  ///< own: of the layers that are not thin
  std::uint8_t splits = 0;          ///< own: pieces of dweight's sum, at most; 0: both by estimate
  std::uint8_t algorithm = 0;       ///< library, fused: number in its list, its own favourite first

  friend auto operator<=>(const LayerChoice&, const LayerChoice&) = default;
};

/// Of two operations that are enqueued together (linear_backward with `beside`); of one alone the first.
struct LayerChoices {
  LayerChoice first;
  LayerChoice beside{};

  friend auto operator<=>(const LayerChoices&, const LayerChoices&) = default;
};

}  // namespace agon::kernels
