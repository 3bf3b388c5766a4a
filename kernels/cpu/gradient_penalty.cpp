#include "kernels/gradient_penalty.hpp"

#include "kernels/cpu/parts.hpp"
#include "kernels/formula/gradient_penalty.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kParallelFrom =
    64 * 1024;  // numbers; fewer are done before the other threads are awake

void penalise_row(const GradientPenalty& op, std::int64_t r) {
  const std::int64_t s = r / op.segment;
  float* const g = op.gradient + r * op.width;
  float* const x = op.x + r * op.width;
  float squares = 0.0f;
#pragma omp simd reduction(+ : squares)
  for (std::int64_t i = 0; i < op.width; ++i) squares += g[i] * g[i];
  const formula::PenaltyElement element =
      formula::penalty_element(formula::with_share(op.term[s], op.share), squares);
  op.penalty[s][r % op.segment] = element.penalty;
  const float factor = op.scale * element.factor;
  const float weight = op.row_weight[r];
#pragma omp simd
  for (std::int64_t i = 0; i < op.width; ++i) {
    g[i] *= factor;
    x[i] = formula::fused(weight, x[i], g[i]);
  }
}

}  // namespace

void gradient_penalty(QueueView queue, const GradientPenalty& op) {
  for_each(queue, op.rows, op.rows * op.width >= kParallelFrom, [&](std::int64_t r) { penalise_row(op, r); });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
