#include "kernels/logit_loss.hpp"

#include "kernels/dispatch.hpp"
#include "kernels/linear.hpp"
#include "kernels/loss_gradient.hpp"

namespace agon::kernels {
namespace {

/// Of rows [begin, end), which lie in one segment or in both.
void last_layer(QueueView queue, const LogitLoss& op, std::int64_t begin, std::int64_t end, float* logits) {
  if (begin == end) return;
  linear_forward(queue, {.shape = {end - begin, op.in, 1},
                         .x = op.x + begin * op.in,
                         .weight = op.weight,
                         .bias = op.bias,
                         .y = logits});
}

}  // namespace

void logit_loss(QueueView queue, const LogitLoss& op) {
  if (queue.device == DeviceKind::cuda) return run_on_cuda(cuda::logit_loss, queue, op);
  const std::int64_t second = op.bare + op.split;  // where segment 1 begins
  if (op.logits[1] == op.logits[0] + op.split) {
    last_layer(queue, op, op.bare, op.rows, op.logits[0]);
  } else {
    last_layer(queue, op, op.bare, second, op.logits[0]);
    last_layer(queue, op, second, op.rows, op.logits[1]);
  }
  loss_gradient(queue, {.bare = op.bare,
                        .count = {op.split, op.rows - second},
                        .logits = {op.logits[0], op.logits[1]},
                        .dlogits = op.dlogits,
                        .term = {op.term[0], op.term[1]},
                        .scale = {op.scale[0], op.scale[1]}});
  if (op.row_weight != nullptr)
    unit_rows(queue, {.rows = op.judged(),
                      .first = op.unit_first,
                      .count = op.unit_rows,
                      .dlogits = op.dlogits,
                      .row_weight = op.row_weight});
  if (op.dx != nullptr && op.judged() > 0)
    linear_backward(queue, {.shape = {op.judged(), op.in, 1},
                            .x = op.x,
                            .weight = op.weight,
                            .dz = op.dlogits,
                            .dx = op.dx,
                            .input_slope = op.input_slope});
}

}  // namespace agon::kernels
