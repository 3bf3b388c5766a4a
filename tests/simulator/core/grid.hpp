// Runs a kernel's grid: every thread of every block, on fibers of the calling thread.
#pragma once

#include <cstddef>
#include <functional>

#include "tests/simulator/core/site.hpp"
#include "tests/simulator/language/vector_types.hpp"

namespace agon::simulator {

struct Grid {
  dim3 blocks, threads, cluster;  ///< cluster: blocks of a cluster, each of its extents divides blocks'
  std::size_t dynamic_shared = 0;
  bool cooperative = false;
  bool programmatic = false;  ///< may begin before the kernel before it has ended
  const void* kernel = nullptr;
  CallStack launched_from;
};

enum class Outcome : unsigned char {
  completed,
  illegal_address,  ///< a thread left the memory there is
  misaligned_address,
  failed,  ///< threads wait for each other forever, or a trap
};

/// Calls `thread` once for every thread of the grid and returns when all have ended or one has faulted. The
/// extents have been checked against the device's limits, but for the shared memory that static variables
/// take.
Outcome run_grid(const Grid& grid, const std::function<void()>& thread);

}  // namespace agon::simulator
