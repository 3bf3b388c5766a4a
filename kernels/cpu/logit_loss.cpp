#include "kernels/logit_loss.hpp"

#include "kernels/cpu/variant.hpp"
#include "kernels/formula/sigmoid_bce.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

/// Rows [begin, end), which lie in one segment.
void segment_logits(QueueView queue, const LogitLoss& op, std::int64_t begin, std::int64_t end,
                    float* logits) {
  if (begin == end) return;
  AGON_CPU_VARIANT::linear_forward(queue, {.shape = {end - begin, op.in, 1},
                                           .x = op.x + begin * op.in,
                                           .weight = op.weight,
                                           .bias = op.bias,
                                           .y = logits});
}

void segment_gradients(const float* logits, float* dlogits, std::int64_t count, float target, float scale) {
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i)
    dlogits[i] = scale * (formula::sigmoid_bce(logits[i], target).probability - target);
}

}  // namespace

void logit_loss(QueueView queue, const LogitLoss& op) {
  if (op.logits[1] == op.logits[0] + op.split) {
    segment_logits(queue, op, 0, op.rows, op.logits[0]);
  } else {
    segment_logits(queue, op, 0, op.split, op.logits[0]);
    segment_logits(queue, op, op.split, op.rows, op.logits[1]);
  }
  segment_gradients(op.logits[0], op.dlogits, op.split, op.target[0], op.scale[0]);
  segment_gradients(op.logits[1], op.dlogits + op.split, op.rows - op.split, op.target[1], op.scale[1]);
  if (op.dx == nullptr) return;
  AGON_CPU_VARIANT::linear_backward(queue, {.shape = {op.rows, op.in, 1},
                                            .x = op.x,
                                            .weight = op.weight,
                                            .dz = op.dlogits,
                                            .dx = op.dx,
                                            .input_slope = op.input_slope});
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
