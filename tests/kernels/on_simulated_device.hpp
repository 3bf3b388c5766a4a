// What a test tells the simulated device; nothing elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>

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

/// Runs the kernels to come with their threads and blocks in another order for each `run`; bits must not
/// change.
class InAnotherOrder {
 public:
#if defined(AGON_SIMULATED)
  explicit InAnotherOrder(int run) {
    constexpr simulator::Order kOrders[] = {simulator::Order::reverse, simulator::Order::random};
    simulator::options().order = kOrders[run == 0 ? 0 : 1];
    simulator::options().seed = static_cast<std::uint64_t>(run);
  }
  ~InAnotherOrder() { simulator::options() = before_; }
#else
  explicit InAnotherOrder(int) {}
#endif
  InAnotherOrder(const InAnotherOrder&) = delete;
  InAnotherOrder& operator=(const InAnotherOrder&) = delete;

 private:
#if defined(AGON_SIMULATED)
  simulator::Options before_ = simulator::options();
#endif
};

}  // namespace agon::test
