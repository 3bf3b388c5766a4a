// The threads of the grid that runs, and who waits for whom.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "tests/simulator/core/fiber.hpp"
#include "tests/simulator/core/grid.hpp"
#include "tests/simulator/core/site.hpp"

namespace agon::simulator {

/// The checker's clock. It moves on whenever threads synchronise: an access at tick a is ordered before a
/// thread that has since taken part in a barrier completed at a tick above a, together with the accessor.
using Tick = std::uint32_t;

/// Who accessed: a thread, or the smallest group that holds all of several unordered readers. The top four
/// bits say which, then 18 bits of block and 10 of thread (any of the group's). Between a thread and its warp
/// are the tiles of 2, 4, 8 and 16 neighbouring lanes.
struct Who {
  enum Group : std::uint32_t { thread, pair, quad, oct, half, warp, block, cluster, grid };
  static constexpr unsigned kThreadBits = 10, kBlockBits = 18, kGroupShift = kThreadBits + kBlockBits;
  std::uint32_t bits = 0;

  static Who of(std::uint32_t block_index, std::uint32_t thread_index) {
    return {block_index << kThreadBits | thread_index};
  }
  Group group() const { return static_cast<Group>(bits >> kGroupShift); }
  std::uint32_t block_index() const { return (bits & ((1u << kGroupShift) - 1)) >> kThreadBits; }
  std::uint32_t thread_index() const { return bits & ((1u << kThreadBits) - 1); }
  std::uint32_t warp_index() const { return thread_index() / 32; }
  /// The lanes of a group no larger than a warp.
  std::uint32_t first_lane() const { return thread_index() % 32 >> group() << group(); }
  std::uint32_t lanes() const { return 1u << group(); }
  Who widened(Group to) const {
    return {(bits & ((1u << kGroupShift) - 1)) | static_cast<std::uint32_t>(to) << kGroupShift};
  }
  bool operator==(const Who&) const = default;
};
inline constexpr std::uint32_t kMostBlocks = 1u << Who::kBlockBits;

/// What a thread knows to have happened elsewhere: before which tick the accesses of a thread, warp, block or
/// cluster are ordered before its own. Keys are made by key_of.
using Knowledge = std::unordered_map<std::uint64_t, Tick>;
void learn(Knowledge& knowledge, const Knowledge& news);

/// What a fence makes ready to be handed on by the thread's next atomic write.
struct Release {
  Knowledge knowledge;
  bool block_only = false;  ///< by __threadfence_block
  std::uint32_t block = 0;
};

struct Block;
struct Cluster;
struct Thread;

/// A place where threads meet: a block's, a cluster's or the grid's barrier.
struct Barrier {
  unsigned members = 0;  ///< threads that have not ended
  unsigned left = 0;     ///< and those that have
  unsigned arrived = 0;
  std::vector<Thread*> waiting;
  Site site;        ///< of the first to arrive
  Tick synced = 0;  ///< when it last completed
  int votes = 0;    ///< of __syncthreads_count and its like

  void reset(unsigned threads, Tick now);
};

/// A collective of a warp that some lanes of `mask` have reached.
struct Meeting {
  std::uint32_t mask = 0, arrived = 0;
  const char* word = "";
  Site site;
};

struct Warp {
  Thread* lane[32] = {};
  void* exchange[32] = {};  ///< what each lane brings to the meeting
  std::uint32_t present = 0, live = 0;
  std::vector<Meeting> meetings;
  Tick synced = 0;
};

struct Copy {
  void* destination;
  const void* source;  ///< nullptr: zeroes
  unsigned bytes;
};

struct Thread {
  Fiber fiber;
  uint3 index{};
  unsigned linear = 0, lane = 0;
  Who who;
  Block* block = nullptr;
  Warp* warp = nullptr;

  const char* waits_for = nullptr;  ///< the word it waits in; nullptr where it runs or is ready
  Site waits_at;
  bool ended = false;
  bool early = false;  ///< the kernel before this one may still be running
  int vote = 0;

  std::unique_ptr<Tick[]> lanes;               ///< per lane, where masks smaller than the warp synchronised
  std::unique_ptr<Knowledge> known;            ///< by acquiring
  std::vector<std::shared_ptr<Release>> seen;  ///< read by atomics, known after the next fence
  std::shared_ptr<Release> released[2];        ///< by the last fence: for all, and for the block alone
  std::vector<Copy> open_copies;
  std::deque<std::vector<Copy>> copies;  ///< closed groups
};

struct Block {
  uint3 index{};
  std::uint32_t linear = 0;
  unsigned rank = 0;  ///< in its cluster
  unsigned slot = 0;  ///< of shared memory
  bool live = false;
  Barrier barrier;
  Cluster* cluster = nullptr;
  std::vector<Warp> warps;
  std::unique_ptr<Knowledge> known;
  std::vector<Thread*> acquirers;  ///< threads with knowledge of their own since the last barrier
};

struct Cluster {
  Barrier barrier;
  Tick started = 0;
  std::uint32_t linear = 0;
  std::vector<Block*> blocks;
};

/// The thread whose kernel code runs on this thread of the host; nullptr in the simulator's own code.
extern constinit thread_local Thread* running __attribute__((tls_model("initial-exec")));

/// While it lives the simulator's own code runs; accesses are not the kernel's.
class Inside {
 public:
  Inside() : self_(running) { running = nullptr; }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  ~Inside() { running = self_; }
  Thread& self() const { return *self_; }

 private:
  Thread* self_;
};

/// The grid that runs. A cluster's blocks are numbered one after the other.
struct GridState {
  const Grid* grid = nullptr;
  unsigned threads_per_block = 0, blocks_per_cluster = 1, cluster_count = 0;
  Barrier barrier;
  Tick now = 1;
  std::vector<Block*> resident;
  std::uint64_t idle_turns = 0;     ///< threads that only let others run, one after the other
  const Warp* combining = nullptr;  ///< whose lanes' collective is computed
  Outcome outcome = Outcome::completed;
};
extern GridState grid_state;
inline std::uint32_t cluster_of(std::uint32_t block) { return block / grid_state.blocks_per_cluster; }

/// Gives the processor away until someone makes the thread ready. Called Inside.
void wait_for(Thread& self, const char* word, Site site);
void make_ready(Thread& thread);
/// Ends the grid: the thread has faulted and does not return from here.
[[noreturn]] void fault(Thread& self, Outcome outcome);

}  // namespace agon::simulator
