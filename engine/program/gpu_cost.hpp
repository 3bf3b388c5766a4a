// What an operation costs on a GPU, by arithmetic.
#pragma once

#include <cstdint>

#include "engine/program/operation.hpp"
#include "engine/runtime/described_gpu.hpp"

namespace agon {

struct GpuCost {
  std::int64_t launches = 0;  ///< by our own kernels, where nothing was tuned
  double flop = 0;            ///< two for each multiply-add of its products; nothing else is counted
  std::int64_t bytes = 0;     ///< read and written (engine/program/summary.hpp)
  /// Seconds. The products take at least flop / peak, whoever computes them as sums of products. Of what is
  /// read at most as much as the cache holds can be there before, of what is written at most as much can
  /// stay there: the rest goes to or comes from memory, at its rate.
  double floor = 0;
  /// Seconds, where all that is read comes from memory and all that is written goes there: the roofline. It
  /// takes less where the operations before left something in the cache.
  double from_memory = 0;

  /// Of one operation behind the other.
  GpuCost& operator+=(const GpuCost& other);
};

/// Of one replica.
GpuCost cost_of(const Operation& operation, const DescribedGpu& gpu);

}  // namespace agon
