#include "engine/model/statistics_ring.hpp"

#include <algorithm>

namespace agon {

std::vector<kernels::StepStatistics> read_ring(std::span<const kernels::StepStatistics> ring,
                                               const std::uint64_t* published, std::uint64_t since) {
  const std::uint64_t size = ring.size();
  const std::uint64_t end = __atomic_load_n(published, __ATOMIC_ACQUIRE);
  // Behind the newest row lie the oldest, which the device may be writing: those that it publishes together,
  // and before their count is seen the next ones. A fence keeps still later ones from being seen before that.
  const auto safe = [&](std::uint64_t newest) {
    return newest + kUnsafeRows <= size ? 0 : newest + kUnsafeRows - size;
  };
  const std::uint64_t begin = std::min(end, std::max(since, safe(end)));
  std::vector<kernels::StepStatistics> rows;
  rows.reserve(end - begin);
  for (std::uint64_t i = begin; i < end; ++i) rows.push_back(ring[i % size]);
  __atomic_thread_fence(__ATOMIC_ACQUIRE);
  const std::uint64_t first = std::clamp(safe(__atomic_load_n(published, __ATOMIC_RELAXED)), begin, end);
  rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(first - begin));
  return rows;
}

std::vector<kernels::HealthSample> read_health(std::span<const kernels::HealthSample> ring,
                                               std::uint64_t every, const std::uint64_t* published,
                                               std::uint64_t since) {
  const std::uint64_t size = ring.size();
  const std::uint64_t seen = __atomic_load_n(published, __ATOMIC_ACQUIRE);
  // The samples of the steps under way overwrite those `size` before them.
  const auto overwritten = [&](std::uint64_t step) {
    const std::uint64_t newest = (step + kUnsafeRows) / every;
    return newest <= size ? 0 : newest - size;
  };
  std::vector<kernels::HealthSample> samples;
  for (std::uint64_t i = std::max(since / every, overwritten(seen)) + 1; i <= seen / every; ++i)
    if (ring[i % size].step == i * every) samples.push_back(ring[i % size]);
  __atomic_thread_fence(__ATOMIC_ACQUIRE);
  const std::uint64_t first = overwritten(__atomic_load_n(published, __ATOMIC_RELAXED));
  std::erase_if(samples, [&](const kernels::HealthSample& health) { return health.step / every <= first; });
  return samples;
}

}  // namespace agon
