#include "tests/simulator/core/early.hpp"

#include "tests/simulator/core/memory.hpp"
#include "tests/simulator/core/records.hpp"
#include "tests/simulator/core/report.hpp"
#include "tests/simulator/core/shadow.hpp"
#include "tests/simulator/core/thread.hpp"

namespace agon::simulator {

void wait_for_previous_grid() {
  if (running != nullptr) running->early = false;
}

void check_early_access(Thread& thread, const void* pointer, const void* pc) {
  const auto offset = static_cast<std::size_t>(static_cast<const char*>(pointer) - space.base);
  if (offset < kDeviceBegin || offset >= kPinnedEnd) return;
  thread.early = false;
  if (first_time("access before the wait", reinterpret_cast<std::size_t>(pc)))
    report("access before the wait", place_of(pc),
           "touches " + describe_address(pointer) + " while the kernel before this one may still be running",
           thread);
}

void report_no_wait(Thread& thread) {
  thread.early = false;
  if (first_time("no wait", 0))
    report("no wait", grid_state.grid->launched_from.text(),
           "a thread of a kernel launched programmatically ends without having waited for the kernel before",
           thread);
}

}  // namespace agon::simulator
