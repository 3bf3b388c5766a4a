// Sorting in place by comparisons whose order does not depend on the values.
#pragma once

#include <cstdint>

#include "kernels/formula/annotate.hpp"

namespace agon::kernels::formula {

/// The least power of two that is not less than n.
AGON_FORMULA std::int64_t power_of_two_from(std::int64_t n) {
  std::int64_t size = 1;
  while (size < n) size *= 2;
  return size;
}

/// Comparator `index` of a bitonic sorter's stage for runs of `run` at `distance`: of size / 2, all of which
/// may be applied at once. Stages: run = 2, 4, ..., size, and for each distance = run / 2, run / 4, ..., 1.
/// Source: Batcher, "Sorting networks and their applications" (1968).
AGON_FORMULA void compare_exchange(float* value, std::int64_t index, std::int64_t run,
                                   std::int64_t distance) {
  const std::int64_t low = 2 * index - (index & (distance - 1)), high = low + distance;
  const float a = value[low], b = value[high];
  const bool rising = (low & run) == 0;
  const float least = b < a ? b : a, most = b < a ? a : b;
  value[low] = rising ? least : most;
  value[high] = rising ? most : least;
}

}  // namespace agon::kernels::formula
