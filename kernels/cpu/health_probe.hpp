// A health probe by one thread, once in many steps: about as many multiply-adds as the networks have
// parameters, 2 rows width, and kHealthNeighbours^2 width / 2.
#pragma once

#include "kernels/cpu/sums.hpp"
#include "kernels/formula/distance.hpp"
#include "kernels/formula/health_probe.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {

inline float share_saturated(const ObjectiveLoss& op, int segment) {
  const std::int64_t first = segment == 0 ? 0 : op.split, last = segment == 0 ? op.split : op.n;
  const std::int64_t to_partner = segment == 0 ? op.split : -op.split;
  const LossTerm& term = op.term[segment];
  std::int64_t count = 0;
  for (std::int64_t i = first; i < last; ++i) {
    const float partner = term.paired ? op.logits[i + to_partner] : 0.0f;
    count += formula::is_saturated(term, op.logits[i], partner);
  }
  return last == first ? 0.0f : static_cast<float>(count) / static_cast<float>(last - first);
}

inline void compare_columns(const HealthProbe& op, HealthPartial& seen) {
  for (std::int64_t c = 0; c < op.width; ++c) {
    const float first = op.fakes[c];
    double sum = 0, square = 0;
    for (std::int64_t i = 1; i < op.rows; ++i) {
      const double difference = static_cast<double>(op.fakes[i * op.width + c] - first);
      sum += difference, square += difference * difference;
    }
    formula::add_column(seen, first, static_cast<float>(sum), static_cast<float>(square),
                        static_cast<float>(op.rows), op.reference[c], op.reference[op.width + c]);
  }
}

/// Sum of the distances to the nearest other row.
inline double sum_of_distances(const HealthProbe& op) {
  float nearest[kHealthNeighbours];
  for (std::int64_t i = 0; i < op.neighbours; ++i) {
    nearest[i] = formula::float_of(0x7f800000u);
    for (std::int64_t j = 0; j < i; ++j) {
      const float square =
          formula::squared_distance(op.fakes + i * op.width, op.fakes + j * op.width, op.width);
      nearest[i] = formula::least(nearest[i], square);
      nearest[j] = formula::least(nearest[j], square);
    }
  }
  double sum = 0;
  for (std::int64_t i = 0; i < op.neighbours; ++i)
    sum += static_cast<double>(formula::square_root(nearest[i]));
  return sum;
}

inline void probe(const HealthProbe& op) {
  HealthPartial seen = formula::nothing_seen();
  for (int i = 0; i < 2; ++i) {
    seen.square[i] = static_cast<float>(sum_of_squares(op.gradient[i], op.parameters[i]));
    seen.saturated[i] = AGON_CPU_VARIANT::share_saturated(op.loss, i);
  }
  if (op.rows > 1) AGON_CPU_VARIANT::compare_columns(op, seen);
  if (op.neighbours > 1)
    seen.distance_sum = static_cast<float>(AGON_CPU_VARIANT::sum_of_distances(op) /
                                           static_cast<double>(op.reference[2 * op.width]));
  for (int i = 0; i < kHealthBlocks; ++i) op.partial[i] = i == 0 ? seen : formula::nothing_seen();
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
