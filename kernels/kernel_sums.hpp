// The sums that a kernel two-sample test is made of.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/backends.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

/// With k(u, v) = exp(-|u - v|^2 scale) and z the rows of x, then those of y,
///   own[i] = sum_j k(z_i, z_j) over the other rows of z_i's sample
///   cross[i] = sum_j k(x_i, y_j)
/// Source: Gretton, Borgwardt, Rasch, Schoelkopf, Smola, "A kernel two-sample test" (2012), equation 3.
struct KernelSums {
  static constexpr std::string_view kName = "kernel_sums";
  std::int64_t n = 0;  ///< rows of x
  std::int64_t m = 0;  ///< of y
  std::int64_t width = 0;
  float scale = 1.0f;        ///< 1 / (2 bandwidth^2)
  const float* x = nullptr;  ///< (n, width)
  const float* y = nullptr;  ///< (m, width)
  float* own = nullptr;      ///< (n + m)
  float* cross = nullptr;    ///< (n)
};

/// Of no replica's memory.
template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, KernelSums& op) {
  v.reads(op.x, op.n * op.width);
  v.reads(op.y, op.m * op.width);
  v.writes(op.own, op.n + op.m);
  v.writes(op.cross, op.n);
}

/// Sums are two-stage and deterministic. Not of replicas.
void kernel_sums(QueueView queue, const KernelSums& op);
AGON_ON_BACKENDS(void kernel_sums(QueueView queue, const KernelSums& op));

}  // namespace agon::kernels
