// Tiles of products without tensor cores: what devices before compute capability 8.0 run in every precision.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/precision.hpp"

namespace agon::simulator {

/// c (rows, columns) = a b, for one block. The shape is 0 for the small tile, 1 for the medium and 2 for the
/// large one; `a` is stored (rows, k), or (k, rows) where `outer_a`; `b` (columns, k), or (k, columns).
struct ScalarProblem {
  int shape;
  kernels::Precision precision;
  bool outer_a, outer_b;
  std::int64_t rows, columns, k;
  std::vector<float> a, b;
};

std::vector<float> scalar_product(const ScalarProblem& problem);

}  // namespace agon::simulator
