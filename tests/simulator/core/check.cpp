// The check of an access: is the memory there, written, and everybody else's access ordered before this one.
#include <algorithm>
#include <bit>
#include <string>

#include "tests/simulator/core/memory.hpp"
#include "tests/simulator/core/records.hpp"
#include "tests/simulator/core/report.hpp"
#include "tests/simulator/core/shadow.hpp"

// The linker's, around the program's constants and globals.
extern "C" const char __executable_start, _end;

namespace agon::simulator {
namespace {

std::string words_for(Who who) {
  const std::string block = "block " + std::to_string(who.block_index());
  const std::string thread = "thread " + std::to_string(who.thread_index());
  switch (who.group()) {
    case Who::thread:
      return block + ", " + thread;
    case Who::pair:
    case Who::quad:
    case Who::oct:
    case Who::half:
    case Who::warp:
      return "several lanes of a warp (one is " + block + ", " + thread + ")";
    case Who::block:
      return "several threads of " + block + " (one is " + thread + ")";
    case Who::cluster:
      return "several blocks of a cluster (one access was by " + block + ", " + thread + ")";
    default:
      return "several blocks (one access was by " + block + ", " + thread + ")";
  }
}

/// An access under way.
struct Check {
  Thread& thread;
  Access access;
  std::string (*place)(const void*);
  const void* place_argument;
  std::size_t key;  ///< of the place

  bool first(const char* kind) const { return first_time(kind, key); }

  bool writes() const { return access != Access::read && access != Access::atomic_read; }
  bool atomic() const { return access >= Access::atomic_read; }
  std::string where() const { return place(place_argument); }
  const char* verb() const { return writes() ? "writes " : "reads "; }
};

/// Nothing but barriers can have ordered anything before what this thread does.
bool knows_by_barriers_alone(const Thread& thread) {
  return thread.known == nullptr && thread.block->known == nullptr;
}

void report_race(const Check& check, const char* earlier, Who who, const void* at) {
  if (!check.first("race")) return;
  report("race", check.where(),
         std::string(check.verb()) + describe_address(at) + ", which " + words_for(who) + " " + earlier +
             " with nothing in between to order the two",
         check.thread);
}

bool later(const Record& record, const Thread& thread) {
  return record.tick != 0 && record.tick >= grid_state.barrier.synced && !(record.who == thread.who) &&
         !ordered(record.who, record.tick, thread);
}

/// Races of one cell. `use`: where atomics have accessed the word.
///
/// An update comes after the writes whose result it read: from then on it stands for them. A store does not.
void check_cell(const Check& check, Cell& cell, const AtomicUse* use, const void* at) {
  Thread& thread = check.thread;
  const bool both_atomic = check.atomic() && use != nullptr && use->written;
  if (later(cell.write, thread) && !both_atomic) {
    report_race(check, "has written", cell.write.who, at);
  } else if (check.writes() && later(cell.read, thread)) {
    report_race(check, "has read", cell.read.who, at);
  } else if (check.access == Access::write && use != nullptr && later(use->read, thread)) {
    report_race(check, "has read by an atomic", use->read.who, at);
  }
  if (check.writes()) {
    const bool beside_others = both_atomic && check.access == Access::atomic_store;
    cell.write = beside_others ? joined(cell.write, thread) : Record{thread.who, grid_state.now};
    cell.read = {};
  } else if (!check.atomic()) {
    cell.read = joined(cell.read, thread);
  }
}

void report_unwritten(const Check& check, const void* at, bool pending) {
  if (!check.first(pending ? "copy not waited for" : "uninitialised")) return;
  if (pending) {
    report("copy not waited for", check.where(),
           std::string(check.verb()) + describe_address(at) + " while a copy into it is under way",
           check.thread);
  } else {
    report("uninitialised", check.where(), "reads " + describe_address(at) + ", which nobody has written",
           check.thread);
  }
}

[[noreturn]] void leave_memory(const Check& check, const void* at, const char* why) {
  report("out of bounds", check.where(), std::string(check.verb()) + describe_address(at) + why,
         check.thread);
  fault(check.thread, Outcome::illegal_address);
}

/// A word's one cell; or, from its first access in parts on, those of its bytes.
void check_cells(const Check& check, std::size_t w, unsigned first, unsigned end, const AtomicUse* use) {
  std::uint8_t& state = space.states[w];
  Cell& cell = space.cells[w];
  if (end - first != 4 && (state & word::kSplit) == 0) {
    split_words[w] = {.cells = {cell, cell, cell, cell}};
    state |= word::kSplit;
  }
  char* const at = space.base + 4 * w;
  if ((state & word::kSplit) == 0) return check_cell(check, cell, use, at);
  for (unsigned byte = first; byte < end; ++byte)
    check_cell(check, split_words[w].cells[byte], use, at + byte);
}

/// One word, of which bytes [first, end) are accessed.
void check_word(const Check& check, std::size_t w, unsigned first, unsigned end) {
  std::uint8_t& state = space.states[w];
  char* const at = space.base + 4 * w + first;
  const bool too_short = (state & word::kSplit) != 0 && split_words[w].bytes < end;
  if ((state & word::kAllocated) == 0 || too_short) leave_memory(check, at, "");
  const auto mask = static_cast<std::uint8_t>(((1u << end) - 1) & ~((1u << first) - 1));
  const bool reads = !check.writes();
  if ((state & word::kPending) != 0 || (reads && (state & mask) != mask)) {
    report_unwritten(check, at, (state & word::kPending) != 0);
    state |= mask;  // once is enough
    state &= static_cast<std::uint8_t>(~word::kPending);
  }
  AtomicUse* const use = (state & word::kAtomic) != 0 ? &atomic_uses[w] : nullptr;
  check_cells(check, w, first, end, use);
  if (check.writes()) state = static_cast<std::uint8_t>((state | mask) & ~word::kAtomic);
  if (!check.atomic()) return;
  AtomicUse& now = atomic_uses[w];
  if (use == nullptr) now = {};
  if (check.writes()) now = {true, {}};
  if (!check.writes()) now.read = joined(now.read, check.thread);
  state |= word::kAtomic;
}

/// Another block's shared memory can be reached by its cluster, while it runs.
void check_slot(const Check& check, std::size_t offset, const void* pointer) {
  const auto slot = static_cast<unsigned>(offset / kSlot);
  if (slot == check.thread.block->slot) return;
  for (const Block* other : check.thread.block->cluster->blocks) {
    if (other->slot != slot) continue;
    if (!other->live) leave_memory(check, pointer, ", shared memory of a block that has ended");
    const Cluster& cluster = *other->cluster;
    if (cluster.barrier.synced == cluster.started && check.first("block not started"))
      report("block not started", check.where(),
             std::string(check.verb()) + describe_address(pointer) +
                 " of another block, which no cluster barrier" + " has shown to run yet",
             check.thread);
    return;
  }
  leave_memory(check, pointer, ", shared memory of a block of another cluster");
}

/// Stacks, constants and globals are nobody's business; the rest of the host's memory is out of reach.
void check_outside(const Check& check, const void* pointer) {
  if (check.thread.fiber.holds(pointer)) return;
  const char* const p = static_cast<const char*>(pointer);
  if (p >= &__executable_start && p < &_end) return;
  leave_memory(check, pointer, "");
}

void run_check(const Check& check, const void* pointer, std::size_t bytes) {
  const auto offset = static_cast<std::size_t>(static_cast<const char*>(pointer) - space.base);
  if (offset >= kPinnedEnd) return check_outside(check, pointer);
  if (offset < kDeviceBegin) check_slot(check, offset, pointer);
  for (std::size_t byte = offset, stop = offset + bytes; byte < stop;) {
    const std::size_t w = byte / 4, end = std::min(stop, 4 * w + 4);
    check_word(check, w, static_cast<unsigned>(byte - 4 * w), static_cast<unsigned>(end - 4 * w));
    byte = end;
  }
}

}  // namespace

Record joined(const Record& old, const Thread& thread) {
  const Record mine{thread.who, grid_state.now};
  if (old.tick < grid_state.barrier.synced) return mine;
  const std::uint32_t block = old.who.block_index();
  const bool same_block = old.who.group() <= Who::block && block == thread.who.block_index();
  const bool same_warp =
      same_block && old.who.group() <= Who::warp && old.who.warp_index() == thread.linear / 32;
  auto tile = static_cast<Who::Group>(std::bit_width(old.who.thread_index() ^ thread.linear));
  tile = std::max(tile, old.who.group());
  if (same_block && thread.block->barrier.synced > old.tick) return mine;
  const bool may_be_ordered =
      same_warp || (!same_block && grid_state.blocks_per_cluster > 1) || !knows_by_barriers_alone(thread);
  if (may_be_ordered && ordered(old.who, old.tick, thread)) return mine;
  const bool same_cluster = grid_state.blocks_per_cluster > 1 && old.who.group() <= Who::cluster &&
                            cluster_of(block) == thread.block->cluster->linear;
  return {thread.who.widened(same_warp      ? tile
                             : same_block   ? Who::block
                             : same_cluster ? Who::cluster
                                            : Who::grid),
          grid_state.now};
}

void check_access(Thread& thread, const void* pointer, std::size_t bytes, Access access, const void* pc) {
  run_check({thread, access, place_of, pc, reinterpret_cast<std::size_t>(pc)}, pointer, bytes);
}

void check_access(Thread& thread, const void* pointer, std::size_t bytes, Access access, Site site) {
  if (access <= Access::write && quickly_fine(thread, pointer, bytes, access == Access::write)) return;
  const auto text = [](const void* argument) { return static_cast<const Site*>(argument)->text(); };
  const auto key = reinterpret_cast<std::size_t>(site.file) * 31 +
                   static_cast<std::size_t>(site.line) * 0x9e3779b97f4a7c15u;
  run_check({thread, access, text, &site, key}, pointer, bytes);
}

void check_end_of(const void* pointer, std::size_t bytes, const Thread& thread) {
  const auto begin = static_cast<std::size_t>(static_cast<const char*>(pointer) - space.base) / 4;
  const auto unordered = [&](const Record& record) {
    const bool own = record.who.group() <= Who::block && record.who.block_index() == thread.block->linear;
    return record.tick != 0 && !own && !ordered(record.who, record.tick, thread);
  };
  const auto find = [&](const Cell& cell, std::size_t w) {
    for (const Record& record : {cell.write, cell.read}) {
      if (!unordered(record)) continue;
      report("block ended too early", thread.block->cluster->barrier.site.text(),
             "the block ends while " + words_for(record.who) + " may still be at " +
                 describe_address(space.base + 4 * w) + " of it: a cluster barrier must come between",
             thread);
      return true;
    }
    return false;
  };
  for (std::size_t w = begin, end = begin + (bytes + 3) / 4; w < end; ++w) {
    const bool split = (space.states[w] & word::kSplit) != 0;
    for (unsigned byte = 0; byte < (split ? 4u : 1u); ++byte)
      if (find(split ? split_words[w].cells[byte] : space.cells[w], w)) return;
  }
}

}  // namespace agon::simulator
