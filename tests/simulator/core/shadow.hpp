// What the checker knows of every byte of simulated memory, and the check of an access against it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tests/simulator/core/thread.hpp"

namespace agon::simulator {

enum class Access : std::uint8_t {
  read,
  write,
  atomic_read,
  atomic_store,   ///< of a volatile store
  atomic_update,  ///< the write of a read-modify-write
};

// The address space: shared memory's slots, then device memory, then pinned memory.
inline constexpr std::size_t kSlot = std::size_t{256} << 10;  ///< a block's shared memory: 227 KiB and gaps
inline constexpr std::size_t kSlots = 4096;                   ///< blocks that may run at the same time
inline constexpr std::size_t kDeviceBegin = kSlot * kSlots;
inline constexpr std::size_t kDeviceEnd = kDeviceBegin + (std::size_t{4} << 30);
inline constexpr std::size_t kPinnedEnd = kDeviceEnd + (std::size_t{1} << 30);

/// Each 4-byte word's state: a bit for each of its bytes that was written, and these.
namespace word {
inline constexpr std::uint8_t kBytes = 0x0f;      // written
inline constexpr std::uint8_t kAllocated = 0x10;  // the device may touch it
inline constexpr std::uint8_t kPending = 0x20;    // an asynchronous copy into it has not been waited for
inline constexpr std::uint8_t kAtomic =
    0x40;  // accessed by atomics since the last plain write: see atomic uses
inline constexpr std::uint8_t kSplit = 0x80;  // accessed in parts: see split records
inline constexpr std::uint8_t kWhole = kAllocated | kBytes;
}  // namespace word

/// Maps the address space at first use. Throws Error where the system refuses.
char* memory_base();

/// Sets the state of the words that [pointer, pointer + bytes) touches; both ends are 4-byte aligned, or the
/// last word's remainder belongs to nobody.
void set_state(const void* pointer, std::size_t bytes, std::uint8_t state);
/// Memory that starts a new life: nobody has accessed it.
void forget_accesses(const void* pointer, std::size_t bytes);
/// Marks bytes as written by nobody whom a later grid must synchronise with.
void set_written(const void* pointer, std::size_t bytes);
void set_pending(const void* pointer, std::size_t bytes, bool pending);
void copy_states(const void* destination, const void* source, std::size_t bytes);

/// Whether the thread's knowledge orders an access by `who` at `tick` before what it does now.
bool ordered(Who who, Tick tick, const Thread& thread);

/// Checks an access by `thread` and notes it. Reports what is wrong; where the memory does not exist the
/// thread faults. `pc` is a return address in the accessing code. Called with nothing running.
void check_access(Thread& thread, const void* pointer, std::size_t bytes, Access access, const void* pc);

/// The same for a word of the device language written at `site`.
void check_access(Thread& thread, const void* pointer, std::size_t bytes, Access access, Site site);

/// Reports accesses by other blocks to these bytes of the thread's block that are not ordered before now,
/// when the block ends.
void check_end_of(const void* pointer, std::size_t bytes, const Thread& thread);

/// Forgets what atomics have handed on; between grids.
void forget_releases();
/// Of these bytes: memory that starts a new life.
void forget_releases(const void* pointer, std::size_t bytes);
/// After an atomic read: what earlier writers of the location released is known after the next fence.
void take_releases(Thread& thread, const void* pointer);
/// With an atomic write: hands on what the thread's fences have made ready. `replaces`: a store, which ends
/// what earlier writers handed on; a read-modify-write passes it on.
void hand_on_releases(Thread& thread, const void* pointer, bool replaces);
void fence(Thread& thread, bool block_only);
/// Key of what a thread, warp, block or cluster is known by.
std::uint64_t key_of(Who who, Who::Group group);
std::uint64_t key_of_cluster(std::uint32_t cluster);

}  // namespace agon::simulator
