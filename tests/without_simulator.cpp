// What tests tell the simulated device, for programs without one.
#include "tests/kernels/on_simulated_device.hpp"
#include "tests/test_device.hpp"

namespace agon::test {

bool simulated() { return false; }
void forbid(const void*, std::size_t) {}
void forget(const void*, std::size_t) {}
void use_order(int) {}
void use_first_order() {}

}  // namespace agon::test
