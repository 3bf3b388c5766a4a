#include "kernels/kernel_sums.hpp"

#include "kernels/cpu/parts.hpp"
#include "kernels/formula/distance.hpp"
#include "kernels/formula/elementary.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

double sum_over(const KernelSums& op, const float* row, const float* others, std::int64_t count) {
  double sum = 0;
  for (std::int64_t j = 0; j < count; ++j) {
    const float* const other = others + j * op.width;
    if (other == row) continue;
    const float square = formula::squared_distance(row, other, op.width);
    sum += static_cast<double>(formula::exponential_of_nonpositive(-op.scale * square));
  }
  return sum;
}

}  // namespace

void kernel_sums(QueueView queue, const KernelSums& op) {
  for_each(queue, op.n + op.m, true, [&](std::int64_t i) {
    const bool first = i < op.n;
    const float* const row = first ? op.x + i * op.width : op.y + (i - op.n) * op.width;
    op.own[i] = static_cast<float>(first ? AGON_CPU_VARIANT::sum_over(op, row, op.x, op.n)
                                         : AGON_CPU_VARIANT::sum_over(op, row, op.y, op.m));
    if (first) op.cross[i] = static_cast<float>(AGON_CPU_VARIANT::sum_over(op, row, op.y, op.m));
  });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
