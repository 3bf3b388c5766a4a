// Which way a linear layer is computed on CUDA.
#include "kernels/linear.hpp"

#include <algorithm>

#include "kernels/cuda/linear_plan.hpp"
#include "kernels/cuda/linear_routes.hpp"
#include "kernels/cuda/operations.hpp"

namespace agon::kernels::cuda {
namespace {

/// cuBLASLt multiplies faster than our tiles but has no LeakyReLU: a pass over the product (8 bytes an
/// element) must be won back. By arithmetic (H100: 67 TFLOP/s in fp32, some 400 in TF32; 3 TB/s; a fifth of
/// the product's time to gain) that takes sums of about 450 terms in fp32 and 2700 in TF32, where no pass is
/// needed any number; and the product must be large enough for launches not to matter. bf16's products out of
/// fp32 operands are taken for no faster than TF32's: both read the same bytes.
bool library_wins(LinearRoute route, Precision precision, const LinearShape& shape, std::int64_t terms,
                  bool pass) {
  if (route != LinearRoute::automatic) return route == LinearRoute::library;
  constexpr double kLarge = 268435456;  // multiply-adds
  const double products = static_cast<double>(shape.batch) * static_cast<double>(shape.in * shape.out);
  if (products < kLarge || std::min(shape.in, shape.out) <= kThin) return false;
  return !pass || terms >= (precision == Precision::fp32 ? 1024 : 4096);
}

/// Whether the library computed it, Adam included.
bool backward_by_library(QueueView queue, const LinearBackward& op) {
  const bool pass = op.dx != nullptr && op.input_slope != 1.0f;
  if (op.accumulate || queue.replicas.count > 1 || queue.replicas.first > 0 ||
      !library_wins(op.route, op.precision, op.shape, op.shape.out, pass) ||
      !linear_backward_library(queue, op))
    return false;
  if (op.update.state != nullptr) cuda::adam(queue, layer_update(op));
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
  const bool pass = op.slope != 1.0f;
  if (queue.replicas.count == 1 && queue.replicas.first == 0 &&
      library_wins(op.route, op.precision, op.shape, op.shape.in, pass) && linear_forward_library(queue, op))
    return;
  if (op.shape.out <= kThin) return linear_forward_thin(queue, op);
  linear_forward_tiled(queue, op);
}

void linear_backward(QueueView queue, const LinearBackward& op, const LinearBackward& beside) {
  backward(queue, op, beside, nullptr);
}

void step_end(QueueView queue, const StepEnd& end, const LinearBackward& first,
              const LinearBackward& second) {
  backward(queue, first, second, &end);
}

}  // namespace agon::kernels::cuda
