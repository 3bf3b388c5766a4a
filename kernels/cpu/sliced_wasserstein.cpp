#include "kernels/sliced_wasserstein.hpp"

#include "kernels/cpu/parts.hpp"
#include "kernels/formula/distance.hpp"
#include "kernels/formula/sorting_network.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

/// The n rows' products with `direction`, sorted; `value` has room for the next power of two from n.
void project_and_sort(const float* rows, std::int64_t n, const float* direction, std::int64_t width,
                      float* value) {
  for (std::int64_t i = 0; i < n; ++i) value[i] = formula::dot(rows + i * width, direction, width);
  const std::int64_t size = formula::power_of_two_from(n);
  for (std::int64_t i = n; i < size; ++i) value[i] = formula::float_of(0x7f800000u);
  for (std::int64_t run = 2; run <= size; run *= 2)
    for (std::int64_t distance = run / 2; distance > 0; distance /= 2)
      for (std::int64_t i = 0; i < size / 2; ++i) formula::compare_exchange(value, i, run, distance);
}

float distance_along(const SlicedWasserstein& op, const float* direction) {
  float x[kMostRanked], y[kMostRanked];
  project_and_sort(op.x, op.n / op.times, direction, op.width, x);
  project_and_sort(op.y, op.n, direction, op.width, y);
  double sum = 0;
  for (std::int64_t i = 0; i < op.n; ++i) {
    const double difference = static_cast<double>(x[i / op.times]) - static_cast<double>(y[i]);
    sum += difference * difference;
  }
  return static_cast<float>(sum / static_cast<double>(op.n));
}

}  // namespace

void sliced_wasserstein(QueueView queue, const SlicedWasserstein& op) {
  for_each(queue, op.projections, true, [&](std::int64_t p) {
    op.out[p] = AGON_CPU_VARIANT::distance_along(op, op.direction + p * op.width);
  });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
