#include "kernels/loss_gradient.hpp"

#include <cstring>

#include "kernels/cpu/parts.hpp"
#include "kernels/formula/objective.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kParallelFrom =
    16 * 1024;  // numbers; fewer are done before the other threads are awake

struct SegmentGradients {
  const float* logits;
  const float* partners;  ///< of the same number of logits; not read where the term is not paired
  float* dlogits;
  std::int64_t count;
  float scale;
};

template <LossShape shape, bool paired>
void segment_gradients(QueueView queue, const LossTerm term, const SegmentGradients segment) {
  const auto [logits, partners, dlogits, count, scale] = segment;
  for_ranges(queue, count, kLineFloats, count >= kParallelFrom, [=](std::int64_t begin, std::int64_t end) {
#pragma omp simd
    for (std::int64_t i = begin; i < end; ++i)
      dlogits[i] =
          scale *
          formula::objective_element<shape, paired>(term, logits[i], paired ? partners[i] : 0.0f).slope;
  });
}

void weighted_row(const WeightedRows& op, std::int64_t r) {
  const float weight = op.row_weight[r];
  const float* const y = op.y + r * op.width;
  float* const x = op.x + r * op.width;
#pragma omp simd
  for (std::int64_t c = 0; c < op.width; ++c) x[c] = formula::fused(weight, x[c], y[c]);
}

}  // namespace

void loss_gradient(QueueView queue, const LossGradient& op) {
  float* dlogits = op.dlogits;
  for (std::int64_t i = 0; i < op.bare; ++i) *dlogits++ = 0.0f;
  for (int s = 0; s < 2; ++s) {
    if (op.kept[s] != nullptr && op.count[s] > 0)
      std::memcpy(op.kept[s], op.logits[s], static_cast<std::size_t>(op.count[s]) * sizeof(float));
    if (s == 1 && op.term[1].shape == LossShape::none) continue;
    const SegmentGradients segment{op.logits[s], op.logits[1 - s], dlogits, op.count[s], op.scale[s]};
    formula::with_loss(op.term[s], [&]<LossShape shape, bool paired>() {
      segment_gradients<shape, paired>(queue, op.term[s], segment);
    });
    dlogits += op.count[s];
  }
}

void unit_rows(QueueView, const UnitRows& op) {
  for (std::int64_t r = 0; r < op.rows; ++r) {
    const bool unit = r >= op.first && r < op.first + op.count;
    op.row_weight[r] = unit ? op.dlogits[r] : 1.0f;
    if (unit) op.dlogits[r] = 1.0f;
  }
}

void weighted_rows(QueueView queue, const WeightedRows& op) {
  for_each(queue, op.rows, op.rows * op.width >= kParallelFrom, [&](std::int64_t r) { weighted_row(op, r); });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
