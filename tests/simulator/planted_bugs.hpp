// Bugs on purpose: what the checker must find, each beside the same code without the bug.
#pragma once

#include <ostream>
#include <span>

namespace agon::simulator::planted {

struct Bug {
  const char* name;  ///< the line it is reported at ends with "// planted: <name>"
  const char* kind;  ///< of the report
  const char* file;  ///< where it is planted
  void (*run)(bool planted);
  const char* also = nullptr;  ///< the kind it may have in another order of threads
};

inline std::ostream& operator<<(std::ostream& stream, const Bug& bug) { return stream << bug.name; }

std::span<const Bug> memory_bugs();    ///< addresses, unwritten memory
std::span<const Bug> ordering_bugs();  ///< races
std::span<const Bug> meeting_bugs();   ///< barriers and warp collectives
std::span<const Bug> early_bugs();     ///< programmatic launches
std::span<const Bug> host_bugs();      ///< the use of the runtime

}  // namespace agon::simulator::planted
