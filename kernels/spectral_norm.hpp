// Weights divided by their largest singular value, as power iteration estimates it, and the gradient through
// that.
#pragma once

#include <cstdint>

#include "kernels/backends.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

/// One layer's W, (out, in) row-major, and what belongs to it; all in device memory.
struct SpectralLayer {
  std::int64_t out = 0;
  std::int64_t in = 0;
  const float* weight = nullptr;  ///< (out, in)
  float* normalised = nullptr;    ///< (out, in): weight / sigma
  float* gradient = nullptr;      ///< (out, in), of `normalised`; spectral_gradient alone looks at it
  float* left = nullptr;          ///< (out): u, of length 1
  float* right = nullptr;         ///< (in): v, of length 1
  float* sigma = nullptr;         ///< (1): u^T W v
  float* scratch = nullptr;       ///< (in + out)
};

AGON_FORMULA SpectralLayer at_replica(SpectralLayer layer, formula::Replica r) {
  r.move(layer.weight, layer.normalised, layer.gradient, layer.left, layer.right, layer.sigma, layer.scratch);
  return layer;
}

/// Layers of one call; a network of more takes several.
inline constexpr int kMostSpectralLayers = 8;

struct SpectralNorm {
  std::int64_t layers = 0;      ///< 1 to kMostSpectralLayers
  std::int64_t iterations = 1;  ///< of power iteration: 1, or 0 to keep u and v
  SpectralLayer layer[kMostSpectralLayers]{};
};

AGON_FORMULA SpectralNorm at_replica(SpectralNorm op, formula::Replica r) {
  for (std::int64_t l = 0; l < op.layers; ++l) op.layer[l] = at_replica(op.layer[l], r);
  return op;
}

/// v = W^T u / ||W^T u||, u = W v / ||W v|| (no length below 1e-12 is divided by), then sigma = u^T W v and
/// normalised = W / sigma. A sigma of 0, of a W that is 0, makes normalised NaN. Source: Miyato, Kataoka,
/// Koyama, Yoshida, "Spectral normalization for generative adversarial networks" (2018), algorithm 1.
void spectral_norm(QueueView queue, const SpectralNorm& op);
AGON_ON_BACKENDS(void spectral_norm(QueueView queue, const SpectralNorm& op));

/// gradient G, by normalised, becomes the one by W, u and v held constant: (G - <G, normalised> u v^T) /
/// sigma. Source: the same, equation 12.
void spectral_gradient(QueueView queue, const SpectralNorm& op);
AGON_ON_BACKENDS(void spectral_gradient(QueueView queue, const SpectralNorm& op));

}  // namespace agon::kernels
