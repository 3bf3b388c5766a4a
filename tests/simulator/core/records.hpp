// The records behind shadow.hpp: who last wrote each word of memory, and who has read it since.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "tests/simulator/core/shadow.hpp"
#include "tests/simulator/core/thread.hpp"

namespace agon::simulator {

struct Record {
  Who who;
  Tick tick = 0;  ///< 0: nobody
};

/// The last write to a word, and the reads since, as one record that covers them all.
struct Cell {
  Record write, read;
};

struct Space {
  char* base = nullptr;
  std::uint8_t* states = nullptr;  ///< a byte for each word, see shadow.hpp
  Cell* cells = nullptr;           ///< one for each word
};
extern Space space;

/// Of words that were accessed in parts: a cell for each byte, and how many of them there are (an
/// allocation's last word may be short).
struct SplitWord {
  std::array<Cell, 4> cells;
  unsigned bytes = 4;
};
extern std::unordered_map<std::size_t, SplitWord> split_words;

/// Of words that atomics have accessed since the last plain write.
struct AtomicUse {
  bool written = false;  ///< the last write was an atomic's
  Record read;           ///< atomic reads, which race with plain writes alone
};
extern std::unordered_map<std::size_t, AtomicUse> atomic_uses;

/// The record that covers a new access by `thread` beside the older ones: its own where those are ordered
/// before it, else that of the smallest group that holds them all.
Record joined(const Record& old, const Thread& thread);

/// Notes an access in the usual case: whole words that were written, in the thread's own reach, by accesses
/// ordered before this one. False where it is for check_access to say; what was noted by then does no harm.
inline bool quickly_fine(const Thread& thread, std::size_t offset, std::size_t bytes, bool writes) {
  if ((offset | bytes) % 4 != 0) return false;
  if (offset < kDeviceBegin && offset / kSlot != thread.block->slot) return false;
  const Tick floor = grid_state.barrier.synced, own_floor = thread.block->barrier.synced,
             now = grid_state.now;
  const std::uint32_t block = thread.who.block_index();
  const auto fine = [&](const Record& record) {
    return record.tick < floor || record.who == thread.who ||
           (record.tick < own_floor && record.who.group() <= Who::block && record.who.block_index() == block);
  };
  // All that a read by this thread would add is there.
  const auto covered = [&](const Record& record) {
    if (record.tick != now) return false;
    const Who::Group group = record.who.group();
    if (group == Who::grid) return true;
    if (group == Who::cluster || record.who.block_index() != block) return false;
    return group == Who::block || (record.who.thread_index() ^ thread.linear) >> group == 0;
  };
  const Record mine{thread.who, now};
  for (std::size_t w = offset / 4, end = (offset + bytes) / 4; w < end; ++w) {
    Cell& cell = space.cells[w];
    if (space.states[w] != word::kWhole || !fine(cell.write)) return false;
    if (fine(cell.read)) {
      (writes ? cell.write : cell.read) = mine;
      if (writes) cell.read = {};
    } else if (writes) {
      return false;
    } else if (!covered(cell.read)) {
      cell.read = joined(cell.read, thread);
    }
  }
  return true;
}

/// The same for an address; the thread's own stack is nobody's business.
inline bool quickly_fine(const Thread& thread, const void* pointer, std::size_t bytes, bool writes) {
  const auto offset = static_cast<std::size_t>(static_cast<const char*>(pointer) - space.base);
  return offset < kPinnedEnd ? quickly_fine(thread, offset, bytes, writes) : thread.fiber.holds(pointer);
}

}  // namespace agon::simulator
