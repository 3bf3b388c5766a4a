// What the runtime has asked of CUDA so far: the proof that the training loop asks for nothing.
#pragma once

#include <cstdint>

namespace agon {

/// Of the whole process, all devices; all zero on the processor alone. Only ever growing: take the
/// difference.
struct RuntimeCounters {
  std::uint64_t waits = 0;        ///< times the host blocked until a stream was empty
  std::uint64_t queries = 0;      ///< times it asked, without blocking, whether one was
  std::uint64_t copies = 0;       ///< copies and fills enqueued
  std::uint64_t allocations = 0;  ///< of device and pinned memory
  std::uint64_t graphs = 0;       ///< graphs instantiated
  std::uint64_t graph_launches = 0;
  std::uint64_t refused_edges =
      0;  ///< graphs instantiated without programmatic edges, which the driver refused

  friend bool operator==(const RuntimeCounters&, const RuntimeCounters&) = default;
};

/// Callable from any thread.
RuntimeCounters runtime_counters() noexcept;

}  // namespace agon
