// What the device tells the host of the loop while it repeats steps.
#pragma once

#include <cstdint>

namespace agon::kernels {

/// In pinned host memory, written by the device. `count` is stored last: who sees it sees the rest.
struct LoopReport {
  std::uint64_t count = 0;  ///< reports so far; each says that all enqueued before it has been done
  std::uint64_t step = 0;   ///< of the training that is furthest
  std::uint64_t over = 0;   ///< 1: every training has diverged
};

}  // namespace agon::kernels
