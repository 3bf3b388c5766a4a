// How far apart two samples lie, seen along lines.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/backends.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

/// Points of either sample that can be ranked, at most: both lie in a block's shared memory.
inline constexpr std::int64_t kMostRanked = 2048;

/// out[p] = 1/n sum_i (a_(i) - b_(i))^2, with a_(1) <= a_(2) <= ... the products of `direction` p with the
/// rows of x, each counted `times` times, and b_(i) those with the rows of y: the squared Wasserstein-2
/// distance of the two projected samples. Equal bits on every device but for the order of the last sum.
/// Source: Bonneel, Rabin, Peyre, Pfister, "Sliced and Radon Wasserstein barycenters of measures" (2015).
struct SlicedWasserstein {
  static constexpr std::string_view kName = "sliced_wasserstein";
  std::int64_t n = 0;      ///< rows of y, at most kMostRanked; a multiple of `times`
  std::int64_t times = 1;  ///< x has n / times rows
  std::int64_t width = 0;
  std::int64_t projections = 0;
  const float* x = nullptr;          ///< (n / times, width), finite, as is y
  const float* y = nullptr;          ///< (n, width)
  const float* direction = nullptr;  ///< (projections, width)
  float* out = nullptr;              ///< (projections)
};

/// Of no replica's memory.
template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, SlicedWasserstein& op) {
  v.reads(op.x, op.n / op.times * op.width);
  v.reads(op.y, op.n * op.width);
  v.reads(op.direction, op.projections * op.width);
  v.writes(op.out, op.projections);
}

/// Sums are two-stage and deterministic. Not of replicas.
void sliced_wasserstein(QueueView queue, const SlicedWasserstein& op);
AGON_ON_BACKENDS(void sliced_wasserstein(QueueView queue, const SlicedWasserstein& op));

}  // namespace agon::kernels
