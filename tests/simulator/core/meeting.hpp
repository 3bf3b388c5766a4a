// Threads that end, wait for each other, and take turns.
#pragma once

#include "tests/simulator/core/thread.hpp"

namespace agon::simulator {

/// The thread's kernel has returned: barriers and warp collectives no longer expect it.
void end_thread(Thread& thread);

/// Lets others run first.
void yield(Thread& self);

/// Whether mutation has taken away the barrier, or the wait, at this place; notes that it has run.
bool taken_away(Site site);

}  // namespace agon::simulator
