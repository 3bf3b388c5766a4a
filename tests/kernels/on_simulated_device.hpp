// What a test tells the simulated device; nothing elsewhere. tests/simulator/main.cpp has one meaning of
// these functions, tests/without_simulator.cpp the other.
#pragma once

#include <cstddef>

namespace agon::test {

/// No kernel may touch these bytes.
void forbid(const void* pointer, std::size_t bytes);

/// A kernel that reads these bytes reads what nobody has written.
void forget(const void* pointer, std::size_t bytes);

/// The kernels to come run with their threads and blocks in reverse (run 0) or in another random order for
/// each other `run`.
void use_order(int run);
/// In the order that they had at first.
void use_first_order();

/// While it lives, kernels run in another order for each `run`; bits must not change.
class InAnotherOrder {
 public:
  explicit InAnotherOrder(int run) { use_order(run); }
  ~InAnotherOrder() { use_first_order(); }
  InAnotherOrder(const InAnotherOrder&) = delete;
  InAnotherOrder& operator=(const InAnotherOrder&) = delete;
};

}  // namespace agon::test
