// Weights divided by their largest singular value, as power iteration estimates it, and the gradient through
// that.
#pragma once

#include <cstdint>
#include <string_view>

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

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, SpectralLayer& op) {
  v.reads(op.weight, op.out * op.in);
  v.writes(op.normalised, op.out * op.in);
  v.moves(op.gradient);
  v.updates(op.left, op.out);
  v.updates(op.right, op.in);
  v.writes(op.sigma, 1);
  v.writes(op.scratch, op.in + op.out);
}

/// Layers of one call; a network of more takes several.
inline constexpr int kMostSpectralLayers = 8;

struct SpectralNorm {
  static constexpr std::string_view kName = "spectral_norm";
  std::int64_t layers = 0;      ///< 1 to kMostSpectralLayers
  std::int64_t iterations = 1;  ///< of power iteration: 1, or 0 to keep u and v
  SpectralLayer layer[kMostSpectralLayers]{};
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, SpectralNorm& op) {
  for (std::int64_t l = 0; l < op.layers; ++l) visit_operands(v, op.layer[l]);
}

/// A sweep each, of all layers.
inline std::int64_t launch_count(const SpectralNorm& op, int) { return op.iterations > 0 ? 3 : 2; }

/// v = W^T u / ||W^T u||, u = W v / ||W v|| (no length below 1e-12 is divided by), then sigma = u^T W v and
/// normalised = W / sigma. A sigma of 0, of a W that is 0, makes normalised NaN. Source: Miyato, Kataoka,
/// Koyama, Yoshida, "Spectral normalization for generative adversarial networks" (2018), algorithm 1.
void spectral_norm(QueueView queue, const SpectralNorm& op);
AGON_ON_BACKENDS(void spectral_norm(QueueView queue, const SpectralNorm& op));

/// Of the same layers; `iterations` is not looked at.
struct SpectralGradient {
  static constexpr std::string_view kName = "spectral_gradient";
  SpectralNorm of;
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, SpectralGradient& op) {
  for (std::int64_t l = 0; l < op.of.layers; ++l) {
    SpectralLayer& layer = op.of.layer[l];
    v.moves(layer.weight);
    v.moves(layer.scratch);
    v.reads(layer.normalised, layer.out * layer.in);
    v.reads(layer.left, layer.out);
    v.reads(layer.right, layer.in);
    v.reads(layer.sigma, 1);
    v.updates(layer.gradient, layer.out * layer.in);
  }
}

inline std::int64_t launch_count(const SpectralGradient&, int) { return 2; }

/// gradient G, by normalised, becomes the one by W, u and v held constant: (G - <G, normalised> u v^T) /
/// sigma. Source: the same, equation 12.
void spectral_gradient(QueueView queue, const SpectralGradient& op);
AGON_ON_BACKENDS(void spectral_gradient(QueueView queue, const SpectralNorm& op));

}  // namespace agon::kernels
