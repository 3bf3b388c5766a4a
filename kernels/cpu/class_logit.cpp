#include "kernels/class_logit.hpp"

#include <cstring>

#include "kernels/cpu/parts.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kParallelFrom = 64 * 1024;  // numbers; below, the other threads are not worth waking

}  // namespace

void class_logit(QueueView queue, const ClassLogit& op) {
  for_each(queue, op.rows, op.rows >= kParallelFrom, [&](std::int64_t r) {
    const float* const scores = op.scores + r * (1 + op.classes);
    op.logits[r] = scores[0] + scores[1 + op.chosen[r % op.segment]];
  });
}

void class_logit_backward(QueueView queue, const ClassLogitBackward& op) {
  const std::int64_t width = 1 + op.classes;
  for_each(queue, op.rows, op.rows * width >= kParallelFrom, [&](std::int64_t r) {
    float* const dscores = op.dscores + r * width;
    std::memset(dscores, 0, static_cast<std::size_t>(width) * sizeof(float));
    dscores[0] = dscores[1 + op.chosen[r % op.segment]] = op.dlogits[r];
  });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
