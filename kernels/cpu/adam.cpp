#include "kernels/adam.hpp"

#include "kernels/cpu/parts.hpp"
#include "kernels/formula/adam.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kParallelFrom =
    16384;  // elements; below, waking the other threads costs more than it saves

void update(const formula::AdamCoefficients c, std::int64_t begin, std::int64_t end, const Adam& op) {
  float* const parameter = op.parameter;
  const float* const gradient = op.gradient;
  float* const moment1 = op.moment1;
  float* const moment2 = op.moment2;
  float* const average = op.average;
  if (average == nullptr) {
#pragma omp simd
    for (std::int64_t i = begin; i < end; ++i) {
      formula::adam_element(c, gradient[i], parameter[i], moment1[i], moment2[i]);
    }
    return;
  }
#pragma omp simd
  for (std::int64_t i = begin; i < end; ++i) {
    formula::adam_element(c, gradient[i], parameter[i], moment1[i], moment2[i]);
    formula::average_element(c, parameter[i], average[i]);
  }
}

}  // namespace

void adam(QueueView queue, const Adam& op) {
  const formula::AdamCoefficients c = formula::adam_coefficients(*op.state);
  constexpr std::int64_t kPiece = 4096;
  for_ranges(queue, op.n, kPiece, op.n >= kParallelFrom,
             [&](std::int64_t begin, std::int64_t end) { update(c, begin, end, op); });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
