#include "engine/runtime/counters.hpp"

#include "engine/runtime/cuda/counters.hpp"

namespace agon {

RuntimeCounters runtime_counters() noexcept {
  const auto now = [](const std::atomic<std::uint64_t>& counter) {
    return counter.load(std::memory_order_relaxed);
  };
  const cuda::Counters& all = cuda::counters;
  return {now(all.waits),  now(all.queries),        now(all.copies),       now(all.allocations),
          now(all.graphs), now(all.graph_launches), now(all.refused_edges)};
}

}  // namespace agon
