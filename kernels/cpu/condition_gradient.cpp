#include "kernels/condition_gradient.hpp"

#include "kernels/cpu/parts.hpp"
#include "kernels/formula/conditions.hpp"
#include "kernels/formula/record_heads.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kParallelFrom = 2 * 1024;  // rows; fewer are done before the other threads are awake

void add_gradient(const ConditionGradient& op, std::int64_t r) {
  const std::int32_t chosen = op.chosen[r];
  const std::int64_t head = formula::head_of(op.shape, chosen);
  const std::int64_t levels = op.shape.first[head + 1] - op.shape.first[head];
  const float* const scores = op.scores + r * op.width + op.shape.score[head];
  float* const dscores = op.dscores + r * op.width + op.shape.score[head];
  formula::LevelChoice best;
  for (std::int64_t l = 0; l < levels; ++l)
    best = formula::better_of_later(best, {scores[l], static_cast<std::int32_t>(l)});
  float sum = 0.0f;
  for (std::int64_t l = 0; l < levels; ++l) sum += formula::level_weight(scores[l], best.logit, 1.0f);
  const float scale = op.scale / sum;
  for (std::int64_t l = 0; l < levels; ++l)
    dscores[l] += formula::level_weight(scores[l], best.logit, 1.0f) * scale;
  dscores[chosen - op.shape.first[head]] -= op.scale;
}

}  // namespace

void condition_gradient(QueueView queue, const ConditionGradient& op) {
  for_each(queue, op.rows, op.rows >= kParallelFrom, [&](std::int64_t r) { add_gradient(op, r); });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
