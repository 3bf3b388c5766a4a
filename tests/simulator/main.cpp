// GoogleTest's main for programs with a simulated device: what the checker finds fails the test that ran, and
// so does memory it did not give back. AGON_SIMULATED_LIST names a file that gets a line for each barrier and
// kernel that ran.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "tests/kernels/on_simulated_device.hpp"
#include "tests/simulator/simulator.hpp"
#include "tests/test_device.hpp"

namespace agon::simulator {
namespace {

class Checker : public ::testing::EmptyTestEventListener {
  void OnTestStart(const ::testing::TestInfo&) override { take_reports(); }
  void OnTestEnd(const ::testing::TestInfo&) override {
    for (const Report& report : take_reports()) ADD_FAILURE() << report.text();
    for (const std::string& leak : leaks()) ADD_FAILURE() << "leak: " << leak;
  }
  void OnTestProgramEnd(const ::testing::UnitTest&) override {
    const char* const file = std::getenv("AGON_SIMULATED_LIST");
    if (file == nullptr) return;
    std::ofstream list(file, std::ios::app);
    for (const std::string& site : barrier_sites()) list << "barrier " << site << '\n';
    for (const std::string& kernel : kernels_run()) list << "kernel " << kernel << '\n';
  }
};

const Options& first_options() {
  static const Options first = options();
  return first;
}

}  // namespace
}  // namespace agon::simulator

namespace agon::test {

bool simulated() { return true; }
void forbid(const void* pointer, std::size_t bytes) { simulator::forbid(pointer, bytes); }
void forget(const void* pointer, std::size_t bytes) { simulator::forget(pointer, bytes); }
void use_order(int run) {
  simulator::first_options();
  simulator::options().order = run == 0 ? simulator::Order::reverse : simulator::Order::random;
  simulator::options().seed = static_cast<std::uint64_t>(run);
}
void use_first_order() { simulator::options() = simulator::first_options(); }

}  // namespace agon::test

int main(int count, char** arguments) {
#if !defined(AGON_SANITIZED)
  if (!agon::simulator::checks_accesses()) {
    std::fputs("the kernels of this program are not instrumented: nothing would be checked\n", stderr);
    return EXIT_FAILURE;
  }
#endif
  ::testing::InitGoogleTest(&count, arguments);
  ::testing::UnitTest::GetInstance()->listeners().Append(new agon::simulator::Checker);
  return RUN_ALL_TESTS();
}
