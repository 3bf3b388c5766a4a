// Programmatic dependent launch: the kernel may run while the one before it does, until it waits for that.
#pragma once

#include <cstddef>

namespace agon::simulator {

struct Thread;

/// The thread's kernel has waited for the one before it. Called by the kernel.
void wait_for_previous_grid();

/// A thread that has not waited touches the device's memory (others are its own business): reported, and the
/// thread then counts as having waited. `pc`: return address of the access.
void check_early_access(Thread& thread, const void* pointer, const void* pc);

/// A thread has ended without waiting: its kernel may end before the one before it, and so may the next.
void report_no_wait(Thread& thread);

}  // namespace agon::simulator
