// Sums of the sigmoid-BCE over a block.
#pragma once

#include "kernels/cuda/reduce.cuh"
#include "kernels/formula/sigmoid_bce.hpp"
#include "kernels/sigmoid_bce.hpp"

namespace agon::kernels::cuda {

/// Sums over a segment, before scaling: {loss[0], loss[1], probability[0], probability[1]}.
inline constexpr int kBceSums = 4;

struct BceScales {
  float loss[2];         // weight / length; 0 where the segment is empty
  float probability[2];  // 1 / length; 0 where it is empty
};

inline BceScales bce_scales(const SigmoidBce& op) {
  const std::int64_t length[2] = {op.split, op.n - op.split};
  BceScales scales{};
  for (int s = 0; s < 2; ++s) {
    if (length[s] == 0) continue;
    scales.probability[s] = 1.0f / static_cast<float>(length[s]);
    scales.loss[s] = op.weight[s] / static_cast<float>(length[s]);
  }
  return scales;
}

/// Elements first, first + stride, ...: gradients out (where dlogits is not null), sums added to `sum`.
__device__ __forceinline__ void add_bce(const SigmoidBce& op, const BceScales& scale, std::int64_t first,
                                        std::int64_t stride, float (&sum)[kBceSums]) {
  for (std::int64_t i = first; i < op.n; i += stride) {
    const bool second = i >= op.split;
    const float target = second ? op.target[1] : op.target[0];
    const formula::SigmoidBceElement element = formula::sigmoid_bce(op.logits[i], target);
    if (op.dlogits != nullptr)
      op.dlogits[i] = (second ? scale.loss[1] : scale.loss[0]) * (element.probability - target);
    sum[0] += second ? 0.0f : element.loss;
    sum[1] += second ? element.loss : 0.0f;
    sum[2] += second ? 0.0f : element.probability;
    sum[3] += second ? element.probability : 0.0f;
  }
}

__device__ __forceinline__ void write_bce(SigmoidBceResult* result, const BceScales& scale,
                                          const float (&sum)[kBceSums]) {
#pragma unroll
  for (int s = 0; s < 2; ++s) {
    result->loss[s] = scale.loss[s] * sum[s];
    result->probability[s] = scale.probability[s] * sum[2 + s];
  }
}

}  // namespace agon::kernels::cuda
