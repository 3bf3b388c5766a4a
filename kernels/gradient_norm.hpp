// The norm of a network's whole gradient, and by how much Adam is to scale it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "kernels/adam.hpp"
#include "kernels/backends.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

struct GradientNorm {
  static constexpr std::string_view kName = "gradient_norm";
  std::int64_t n = 0;
  const float* gradient = nullptr;  ///< (n)
  double clip = 0;                  ///< the norm that gradients are scaled down to, above 0
  AdamState* state = nullptr;       ///< device memory: its gradient_norm and gradient_scale are written
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, GradientNorm& op) {
  v.reads(op.gradient, op.n);
  v.updates(op.state, 1);
}

/// CUDA's blocks, at most so many: several need a second launch, for their sum.
inline constexpr int kMostNormBlocks = 256;
inline std::int64_t norm_blocks(const GradientNorm& op) {
  constexpr std::int64_t kOneBlock = 16384;  // elements: below this a second launch costs more than it saves
  constexpr std::int64_t kEach = 1024;       // elements of a block, where there are not too many
  return op.n <= kOneBlock ? 1 : std::min<std::int64_t>(kMostNormBlocks, (op.n + kEach - 1) / kEach);
}
inline std::int64_t launch_count(const GradientNorm& op, int) { return norm_blocks(op) > 1 ? 2 : 1; }

/// gradient_norm = ||gradient||, gradient_scale = min(1, clip / (gradient_norm + 1e-6)), from sums in double
/// in an order that depends on n alone. Where the norm is no number the scale is 1. Source: Pascanu, Mikolov,
/// Bengio, "On the difficulty of training recurrent neural networks" (2013), with PyTorch's 1e-6
/// (torch.nn.utils.clip_grad_norm_).
void gradient_norm(QueueView queue, const GradientNorm& op);
AGON_ON_BACKENDS(void gradient_norm(QueueView queue, const GradientNorm& op));

}  // namespace agon::kernels
