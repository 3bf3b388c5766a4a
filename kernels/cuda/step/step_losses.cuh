// Sums of a phase's losses over a block.
#pragma once

#include "kernels/cuda/device/reduce.cuh"
#include "kernels/formula/objective.hpp"
#include "kernels/step_losses.hpp"

namespace agon::kernels::cuda {

/// Sums over a segment, before scaling: {loss[0], loss[1], output[0], output[1]}.
inline constexpr int kLossSums = 4;

struct SegmentScales {
  float of[2];  // 1 / length; 0 where the segment is empty
};

inline SegmentScales segment_scales(const ObjectiveLoss& op) {
  const std::int64_t length[2] = {op.split, op.n - op.split};
  SegmentScales scales{};
  for (int s = 0; s < 2; ++s)
    if (length[s] != 0) scales.of[s] = 1.0f / static_cast<float>(length[s]);
  return scales;
}

/// Elements first, first + stride, ..., added to `sum`. What the term is no thread's elements differ in but
/// at the split: a branch costs nothing, and six objectives times everything that ends in this would be many
/// kernels.
__device__ __forceinline__ void add_losses(const ObjectiveLoss& op, std::int64_t first, std::int64_t stride,
                                           float (&sum)[kLossSums]) {
  for (std::int64_t i = first; i < op.n; i += stride) {
    const bool second = i >= op.split;
    const LossTerm term = second ? op.term[1] : op.term[0];
    const float partner = term.paired ? op.logits[second ? i - op.split : i + op.split] : 0.0f;
    const auto element = formula::objective_element(term, op.logits[i], partner);
    sum[0] += second ? 0.0f : element.loss;
    sum[1] += second ? element.loss : 0.0f;
    sum[2] += second ? 0.0f : element.output;
    sum[3] += second ? element.output : 0.0f;
  }
}

__device__ __forceinline__ void write_losses(ObjectiveResult* result, const SegmentScales& scale,
                                             const float (&sum)[kLossSums]) {
#pragma unroll
  for (int s = 0; s < 2; ++s) {
    result->loss[s] = scale.of[s] * sum[s];
    result->output[s] = scale.of[s] * sum[2 + s];
  }
}

}  // namespace agon::kernels::cuda
