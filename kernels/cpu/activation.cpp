#include "kernels/activation.hpp"

#include "kernels/cpu/parts.hpp"
#include "kernels/formula/activation.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kParallelFrom =
    32 * 1024;  // numbers; fewer are done before the other threads are awake

}  // namespace

void activation(QueueView queue, const Activation& op) {
  formula::with_activation(op.kind, [queue, op](auto phi) {
    float* const y = op.y;
    const float slope = op.slope;
    const std::int64_t n = op.n;
    for_ranges(queue, n, kLineFloats, n >= kParallelFrom, [=](std::int64_t begin, std::int64_t end) {
#pragma omp simd
      for (std::int64_t i = begin; i < end; ++i) y[i] = phi.of(y[i], slope);
    });
  });
}

void activation_backward(QueueView queue, const ActivationBackward& op) {
  formula::with_activation(op.kind, [queue, op](auto phi) {
    const float* const y = op.y;
    const float* const dy = op.dy.at(op.gradient);
    float* const gradient = op.gradient;
    const float slope = op.slope;
    const std::int64_t n = op.n;
    for_ranges(queue, n, kLineFloats, n >= kParallelFrom, [=](std::int64_t begin, std::int64_t end) {
#pragma omp simd
      for (std::int64_t i = begin; i < end; ++i) gradient[i] = dy[i] * phi.derivative(y[i], slope);
    });
  });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
