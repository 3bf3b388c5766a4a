// What was never given back, and a new start after a fault.
#include "tests/simulator/core/memory.hpp"
#include "tests/simulator/runtime/errors.hpp"
#include "tests/simulator/runtime/event.hpp"
#include "tests/simulator/runtime/graph_program.hpp"
#include "tests/simulator/runtime/handles.hpp"
#include "tests/simulator/simulator.hpp"

namespace agon::simulator {
namespace {

template <class Object>
void add_lines(std::vector<std::string>& lines, const char* what, const Handles<Object>& handles) {
  for (const auto& [handle, object] : handles.all())
    lines.push_back(what + (" created at " + object->created_from.text()));
}

}  // namespace

std::vector<std::string> leaks() {
  const std::lock_guard lock(api_mutex());
  std::vector<std::string> lines = live_allocations();
  add_lines(lines, "stream", streams());
  add_lines(lines, "event", events());
  add_lines(lines, "graph", graphs());
  add_lines(lines, "instantiated graph", executables());
  return lines;
}

void recover() {
  const std::lock_guard lock(api_mutex());
  set_device_fault(cudaSuccess);
}

}  // namespace agon::simulator
