// Thrust's OpenMP back end; without this word its headers would ask for CUDA's.
#define THRUST_DEVICE_SYSTEM THRUST_DEVICE_SYSTEM_OMP
#include "engine/table/distinct.hpp"

#include <thrust/execution_policy.h>
#include <thrust/system/omp/execution_policy.h>

#include <future>

#include "engine/runtime/thread_pool.hpp"
#include "engine/table/distinct_with.hpp"

namespace agon {

Distinct distinct(std::span<const double> input, const Device& device) {
  if (device.kind() == DeviceKind::cuda) return cuda::distinct(input, device.index());
  // Threads that wait for each other at every algorithm cost more than a few numbers do.
  constexpr std::size_t kFew = 1 << 16;
  if (input.size() < kFew || ThreadPool::inside()) return distinct_with<std::vector>(thrust::seq, input);
  if (forks() == 0) return distinct_with<std::vector>(thrust::omp::par, input);
  // OpenMP's threads of this one stayed in the parent; a new thread gets new ones.
  return std::async(std::launch::async, [&] { return distinct_with<std::vector>(thrust::omp::par, input); })
      .get();
}

}  // namespace agon
