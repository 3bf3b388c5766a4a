// Thrust's OpenMP back end; without this word its headers would ask for CUDA's.
#define THRUST_DEVICE_SYSTEM THRUST_DEVICE_SYSTEM_OMP
#include "engine/table/distinct.hpp"

#include <thrust/execution_policy.h>
#include <thrust/system/omp/execution_policy.h>

#include "engine/table/distinct_with.hpp"

namespace agon {

Distinct distinct(std::span<const double> input, const Device& device) {
  if (device.kind() == DeviceKind::cuda) return cuda::distinct(input, device.index());
  // Threads that wait for each other at every algorithm cost more than a few numbers do.
  constexpr std::size_t kFew = 1 << 16;
  if (input.size() < kFew) return distinct_with<std::vector>(thrust::seq, input);
  return distinct_with<std::vector>(thrust::omp::par, input);
}

}  // namespace agon
