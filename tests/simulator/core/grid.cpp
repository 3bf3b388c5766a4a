// The order in which blocks and their threads run.
#include "tests/simulator/core/grid.hpp"

#include <algorithm>
#include <memory>
#include <numeric>
#include <random>
#include <set>
#include <string>

#include "tests/simulator/core/early.hpp"
#include "tests/simulator/core/meeting.hpp"
#include "tests/simulator/core/report.hpp"
#include "tests/simulator/core/shadow.hpp"
#include "tests/simulator/core/shared.hpp"

// Not constant here: see language/keywords.hpp.
uint3 threadIdx, blockIdx;
dim3 blockDim, gridDim;

namespace agon::simulator {
namespace {

/// Stacks, blocks and clusters are kept from grid to grid.
struct Pool {
  std::vector<std::unique_ptr<Thread>> threads;
  std::vector<std::unique_ptr<Block>> blocks;
  std::vector<std::unique_ptr<Cluster>> clusters;
};

struct Scheduler {
  Pool pool;
  std::vector<Thread*> ready;
  std::size_t first_ready = 0;
  std::mt19937_64 random;
  std::set<const void*> kernels;  // that have run
  const std::function<void()>* kernel = nullptr;
};

// Never destroyed: what waits on an abandoned stack stays reachable.
Scheduler& scheduler() {
  static auto* const one = new Scheduler;
  return *one;
}

Thread* next_ready() {
  Scheduler& s = scheduler();
  const std::size_t count = s.ready.size() - s.first_ready;
  if (count == 0) {
    s.ready.clear();
    s.first_ready = 0;
    return nullptr;
  }
  if (options().order == Order::forward) return s.ready[s.first_ready++];
  const std::size_t at =
      options().order == Order::reverse ? s.ready.size() - 1 : s.first_ready + s.random() % count;
  std::swap(s.ready[at], s.ready.back());
  Thread* const thread = s.ready.back();
  s.ready.pop_back();
  return thread;
}

uint3 position(std::uint32_t linear, const dim3& extent) {
  return {linear % extent.x, linear / extent.x % extent.y, linear / extent.x / extent.y};
}

std::uint32_t volume(const dim3& extent) { return extent.x * extent.y * extent.z; }

void run_thread(void* argument) {
  auto* const thread = static_cast<Thread*>(argument);
  running = thread;
  (*scheduler().kernel)();
  running = nullptr;
  if (thread->early) report_no_wait(*thread);
  end_thread(*thread);
}

void start_thread(Thread& thread, Block& block, unsigned linear) {
  thread.index = position(linear, grid_state.grid->threads);
  thread.linear = linear;
  thread.lane = linear % 32;
  thread.who = Who::of(block.linear, linear);
  thread.block = &block;
  thread.warp = &block.warps[linear / 32];
  thread.waits_for = nullptr;
  thread.ended = false;
  thread.early = grid_state.grid->programmatic;
  thread.lanes.reset();
  thread.known.reset();
  thread.seen.clear();
  for (auto& release : thread.released) release.reset();
  thread.open_copies.clear();
  thread.copies.clear();
  thread.warp->lane[thread.lane] = &thread;
  thread.warp->present |= 1u << thread.lane;
  thread.warp->live |= 1u << thread.lane;
  thread.fiber.start(run_thread, &thread);
  scheduler().ready.push_back(&thread);
}

void start_block(unsigned slot, std::uint32_t linear, uint3 index, Cluster& cluster, unsigned rank) {
  const unsigned threads = grid_state.threads_per_block;
  Block& block = *scheduler().pool.blocks[slot];
  block.index = index;
  block.linear = linear;
  block.rank = rank;
  block.slot = slot;
  block.live = true;
  block.barrier.reset(threads, ++grid_state.now);
  block.cluster = &cluster;
  block.warps.assign((threads + 31) / 32, Warp{});
  block.known.reset();
  block.acquirers.clear();
  cluster.blocks.push_back(&block);
  grid_state.resident.push_back(&block);
  open_shared(block);
  for (unsigned t = 0; t < threads; ++t)
    start_thread(*scheduler().pool.threads[std::size_t{slot} * threads + t], block, t);
}

/// Blocks are numbered so that a cluster's are neighbours: cluster * size + rank.
void start_cluster(unsigned place, std::uint32_t linear) {
  const Grid& grid = *grid_state.grid;
  const dim3 clusters(grid.blocks.x / grid.cluster.x, grid.blocks.y / grid.cluster.y,
                      grid.blocks.z / grid.cluster.z);
  const uint3 corner = position(linear, clusters);
  Cluster& cluster = *scheduler().pool.clusters[place];
  const unsigned size = grid_state.blocks_per_cluster;
  cluster.blocks.clear();
  cluster.linear = linear;
  cluster.barrier.reset(size * grid_state.threads_per_block, grid_state.now);
  cluster.started = grid_state.now;
  for (unsigned rank = 0; rank < size; ++rank) {
    const uint3 inner = position(rank, grid.cluster);
    const uint3 index{corner.x * grid.cluster.x + inner.x, corner.y * grid.cluster.y + inner.y,
                      corner.z * grid.cluster.z + inner.z};
    start_block(place * size + rank, linear * size + rank, index, cluster, rank);
  }
}

void run_ready() {
  constexpr std::uint64_t kMostIdleTurns = 4'000'000;
  grid_state.idle_turns = 0;
  while (grid_state.outcome == Outcome::completed) {
    Thread* const thread = next_ready();
    if (thread == nullptr) return;
    if (grid_state.idle_turns > kMostIdleTurns) {
      report("deadlock", "?", "threads let each other run (__nanosleep), and none gets any further", *thread);
      grid_state.outcome = Outcome::failed;
    }
    threadIdx = thread->index;
    blockIdx = thread->block->index;
    thread->fiber.resume();
  }
}

/// Nobody can run: whoever has not ended waits for what will not happen.
void report_deadlock() {
  std::set<std::string> told;
  for (const Block* block : grid_state.resident) {
    for (const Warp& warp : block->warps) {
      for (const Thread* thread : warp.lane) {
        if (thread == nullptr || thread->ended || told.size() == 4) continue;
        if (!told.insert(thread->waits_for + thread->waits_at.text()).second) continue;
        report("deadlock", thread->waits_at.text(),
               std::string("waits in ") + thread->waits_for + " for threads that do not come", *thread);
        grid_state.outcome = Outcome::failed;
      }
    }
  }
}

/// All clusters at once in a cooperative grid, else one after the other: the blocks that run at a time.
void run_clusters(const std::vector<std::uint32_t>& order, unsigned at_once) {
  for (std::size_t first = 0; first < order.size() && grid_state.outcome == Outcome::completed;
       first += at_once) {
    grid_state.resident.clear();
    scheduler().ready.clear();
    scheduler().first_ready = 0;
    for (unsigned place = 0; place < at_once; ++place) start_cluster(place, order[first + place]);
    run_ready();
    if (grid_state.outcome == Outcome::completed) report_deadlock();
    for (Block* block : grid_state.resident) close_shared(*block);
  }
}

void reserve(unsigned clusters) {
  Pool& pool = scheduler().pool;
  const std::size_t blocks = std::size_t{clusters} * grid_state.blocks_per_cluster;
  while (pool.clusters.size() < clusters) pool.clusters.push_back(std::make_unique<Cluster>());
  while (pool.blocks.size() < blocks) pool.blocks.push_back(std::make_unique<Block>());
  while (pool.threads.size() < blocks * grid_state.threads_per_block)
    pool.threads.push_back(std::make_unique<Thread>());
}

std::vector<std::uint32_t> cluster_order(unsigned count) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0u);
  if (options().order == Order::reverse) std::reverse(order.begin(), order.end());
  if (options().order == Order::random) std::shuffle(order.begin(), order.end(), scheduler().random);
  return order;
}

std::uint64_t grid_count = 0;

}  // namespace

std::uint64_t grids_run() { return grid_count; }

Outcome run_grid(const Grid& grid, const std::function<void()>& thread) {
  const Inside inside;
  ++grid_count;
  memory_base();
  const std::uint32_t blocks = volume(grid.blocks), per_cluster = volume(grid.cluster);
  const std::uint32_t clusters = blocks / per_cluster, at_once = grid.cooperative ? clusters : 1;
  grid_state.grid = &grid;
  grid_state.outcome = Outcome::completed;
  grid_state.threads_per_block = volume(grid.threads);
  grid_state.blocks_per_cluster = per_cluster;
  if (blocks > kMostBlocks || at_once * per_cluster > kSlots) {
    report_host("too large to simulate", grid.launched_from.text(),
                std::to_string(blocks) + " blocks; at most " + std::to_string(kMostBlocks) + ", " +
                    std::to_string(kSlots) + " in a cooperative grid");
    return Outcome::failed;
  }
  scheduler().kernel = &thread;
  scheduler().kernels.insert(grid.kernel);
  scheduler().random.seed(options().seed);
  gridDim = grid.blocks;
  blockDim = grid.threads;
  grid_state.barrier.reset(blocks * grid_state.threads_per_block, ++grid_state.now);
  forget_releases();
  begin_shared(grid.dynamic_shared);
  reserve(at_once);
  run_clusters(cluster_order(clusters), at_once);
  ++grid_state.now;
  grid_state.grid = nullptr;
  return grid_state.outcome;
}

std::vector<std::string> kernels_run() {
  std::set<std::string> names;
  for (const void* kernel : scheduler().kernels) names.insert(plain_function_name(kernel));
  return {names.begin(), names.end()};
}

void wait_for(Thread& self, const char* word, Site site) {
  self.waits_for = word;
  self.waits_at = site;
  self.fiber.suspend();
}

void make_ready(Thread& thread) {
  thread.waits_for = nullptr;
  scheduler().ready.push_back(&thread);
}

/// Behind all others, in every order but the random one: whoever waits for memory must not run alone.
void yield(Thread& self) {
  Scheduler& s = scheduler();
  if (options().order == Order::reverse) {
    s.ready.insert(s.ready.begin() + static_cast<std::ptrdiff_t>(s.first_ready), &self);
  } else {
    make_ready(self);
  }
  ++grid_state.idle_turns;
  self.fiber.suspend();
}

void fault(Thread& self, Outcome outcome) {
  grid_state.outcome = outcome;
  self.fiber.suspend();
  __builtin_unreachable();
}

}  // namespace agon::simulator
