// Where the runtime's CUDA side counts (engine/runtime/counters.hpp).
#pragma once

#include <atomic>
#include <cstdint>

namespace agon::cuda {

struct Counters {
  std::atomic<std::uint64_t> waits, queries, copies, allocations, graphs, graph_launches, refused_edges;
};
inline constinit Counters counters{};

inline void count(std::atomic<std::uint64_t>& counter) { counter.fetch_add(1, std::memory_order_relaxed); }

}  // namespace agon::cuda
