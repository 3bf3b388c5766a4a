// How the simulator's parts say what they found.
#pragma once

#include <cstddef>
#include <string>

#include "tests/simulator/core/site.hpp"
#include "tests/simulator/simulator.hpp"

namespace agon::simulator {

struct Thread;

/// Whether nothing of the kind was reported yet of this kernel and `where`, a return address or the hash of a
/// place; from now on something was. For what may happen a million times: words cost more than the check that
/// asks for them.
bool first_time(const char* kind, std::size_t where);

/// Files a report on the thread, at `place`; once for each kind, kernel and place. Returns whether it was
/// new.
bool report(const char* kind, const std::string& place, const std::string& what, const Thread& thread);
/// The host is to blame.
bool report_host(const char* kind, const std::string& place, const std::string& what);

/// "block (1, 0, 0), thread (31, 0, 0)"
std::string name_of(const Thread& thread);

}  // namespace agon::simulator
