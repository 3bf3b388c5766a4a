#include "kernels/concat.hpp"

#include "kernels/formula/leaky_relu.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kParallelFrom =
    64 * 1024;  // numbers; fewer are done before the other threads are awake

void copy_numbers(float* to, const float* from, std::int64_t count) {
#pragma omp simd
  for (std::int64_t c = 0; c < count; ++c) to[c] = from[c];
}

void backward_row(const ConcatBackward& op, std::int64_t r) {
  float* const gradient = op.gradient + r * op.width();
  if (op.later != nullptr) {
    const float* const later = op.later + (r + 1) * op.later_width - op.width();
#pragma omp simd
    for (std::int64_t c = 0; c < op.first_width + op.second_width; ++c) gradient[c] += later[c];
  }
  const float* const y = op.y + r * op.width();
  float* const du = op.du + r * op.first_width;
#pragma omp simd
  for (std::int64_t c = 0; c < op.first_width; ++c)
    du[c] = gradient[c] * formula::leaky_relu_derivative(y[c], op.slope);
}

}  // namespace

void concat(QueueView queue, const Concat& op) {
#pragma omp parallel for schedule(static) \
    num_threads(queue.threads) if (op.rows * op.width() >= kParallelFrom)
  for (std::int64_t r = 0; r < op.rows; ++r) {
    float* const y = op.y + r * op.width();
    if (op.first != nullptr) copy_numbers(y, op.first + r * op.first_width, op.first_width);
    copy_numbers(y + op.first_width, op.second + r * op.second_width, op.second_width);
  }
}

void concat_backward(QueueView queue, const ConcatBackward& op) {
#pragma omp parallel for schedule(static) \
    num_threads(queue.threads) if (op.rows * op.width() >= kParallelFrom)
  for (std::int64_t r = 0; r < op.rows; ++r) backward_row(op, r);
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
