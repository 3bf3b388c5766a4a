// Which way a linear layer is computed on CUDA.
#include "kernels/linear.hpp"

#include "kernels/cuda/linear/backends.hpp"
#include "kernels/cuda/linear/estimate.hpp"

namespace agon::kernels::cuda {
namespace {

template <class Operation>
bool by_library(QueueView queue, const Operation& op) {
  if (!library_can(queue, op)) return false;
  return op.choice.by == LayerBackend::automatic ? library_wins(op) : op.choice.by == LayerBackend::library;
}

template <class Operation>
bool by_fused(QueueView queue, const Operation& op) {
  return op.choice.by == LayerBackend::fused && fused_can(queue, op);
}

/// Whether a library computed it, Adam included.
bool backward_by_library(QueueView queue, const LinearBackward& op) {
  if (by_fused(queue, op)) return linear_backward_fused(queue, op);
  if (!by_library(queue, op) || !linear_backward_library(queue, op)) return false;
  if (op.update.state != nullptr) cuda::adam(queue, op.update);
  return true;
}

/// `end`: step_end beside them; or null.
void backward(QueueView queue, const LinearBackward& op, const LinearBackward& beside, const StepEnd* end) {
  LinearBackward own[2];
  int count = 0;
  for (const LinearBackward* one : {&op, &beside}) {
    if (one->dx == nullptr && one->dweight == nullptr) continue;
    if (!backward_by_library(queue, *one)) own[count++] = *one;
  }
  if (count > 0) return linear_backward_own(queue, own, count, end);
  if (end != nullptr) cuda::step_end(queue, *end);
}

}  // namespace

void linear_forward(QueueView queue, const LinearForward& op) {
  if (by_library(queue, op) && linear_forward_library(queue, op)) return;
  if (by_fused(queue, op) && linear_forward_fused(queue, op)) return;
  if (op.shape.out <= kThin) return linear_forward_thin(queue, op);
  linear_forward_tiled(queue, op);
}

void linear_tangent(QueueView queue, const LinearTangent& asked) {
  LinearTangent op = asked;
  if (op.choice.by == LayerBackend::fused) op.choice = {};
  if (by_library(queue, op) && linear_tangent_library(queue, op)) return;
  if (op.shape.out <= kThin) return linear_tangent_thin(queue, op);
  linear_tangent_tiled(queue, op);
}

void linear_backward(QueueView queue, const LinearBackward& op, const LinearBackward& beside) {
  backward(queue, op, beside, nullptr);
}

void step_end(QueueView queue, const StepEnd& end, const LinearBackward& first,
              const LinearBackward& second) {
  backward(queue, first, second, &end);
}

}  // namespace agon::kernels::cuda
