// Copies into shared memory that go on beside the thread. Source: PTX ISA, "cp.async",
// "cp.async.commit_group", "cp.async.wait_group".
#pragma once

namespace agon::simulator {

/// Copies `bytes`, or zeroes them where `source` is nullptr, at some time until the wait for its group.
void begin_copy(void* destination, const void* source, unsigned bytes, const char* file, int line);
void close_copies();
/// Returns once at most `pending` of the thread's latest groups are under way.
void wait_copies(int pending, const char* file, int line);

}  // namespace agon::simulator
