// What a test tells the simulated device's checker of memory; nothing elsewhere.
#pragma once

#include <cstddef>

#if defined(AGON_SIMULATED)
#include "tests/simulator/simulator.hpp"
#endif

namespace agon::test {

/// No kernel may touch these bytes.
inline void forbid([[maybe_unused]] const void* pointer, [[maybe_unused]] std::size_t bytes) {
#if defined(AGON_SIMULATED)
  simulator::forbid(pointer, bytes);
#endif
}

/// A kernel that reads these bytes reads what nobody has written.
inline void forget([[maybe_unused]] const void* pointer, [[maybe_unused]] std::size_t bytes) {
#if defined(AGON_SIMULATED)
  simulator::forget(pointer, bytes);
#endif
}

}  // namespace agon::test
