// Which accesses are ordered before which: by barriers, and by fences and atomics.
//
// The rule for the latter is the PTX memory model's synchronises-with, for relaxed atomics: what a thread did
// before a fence is handed on by its next atomic write, or volatile store, to a location; who reads that
// location by an atomic, or volatile load, knows of it after a fence of its own. Both sides take in what they
// learned from others. Source: PTX ISA, "Memory Consistency Model", "Release and Acquire Patterns",
// "Causality Order".
#include <algorithm>
#include <utility>

#include "tests/simulator/core/shadow.hpp"

namespace agon::simulator {
namespace {

constexpr std::uint64_t kClusterKey = std::uint64_t{1} << 40;

/// What has been handed on at a location.
std::unordered_map<const void*, std::vector<std::shared_ptr<Release>>> handed_on;

Tick known_tick(const Knowledge* knowledge, std::uint64_t key) {
  if (knowledge == nullptr) return 0;
  const auto found = knowledge->find(key);
  return found == knowledge->end() ? 0 : found->second;
}

bool knows(const Thread& thread, std::uint64_t key, Tick tick) {
  return known_tick(thread.known.get(), key) > tick || known_tick(thread.block->known.get(), key) > tick;
}

bool acquired(Who who, Tick tick, const Thread& thread) {
  if (thread.known == nullptr && thread.block->known == nullptr) return false;
  const auto block_known = [&](std::uint32_t block) {
    return knows(thread, key_of(Who::of(block, 0), Who::block), tick) ||
           knows(thread, key_of_cluster(cluster_of(block)), tick);
  };
  if (who.group() >= Who::cluster) {
    const dim3& blocks = grid_state.grid->blocks;
    const std::uint32_t first =
        who.group() == Who::grid ? 0 : cluster_of(who.block_index()) * grid_state.blocks_per_cluster;
    const std::uint32_t end =
        who.group() == Who::grid ? blocks.x * blocks.y * blocks.z : first + grid_state.blocks_per_cluster;
    for (std::uint32_t block = first; block < end; ++block) {
      const bool known =
          block == thread.block->linear ? thread.block->barrier.synced > tick : block_known(block);
      if (!known) return false;
    }
    return true;
  }
  if (who.group() == Who::thread && knows(thread, key_of(who, Who::thread), tick)) return true;
  if (who.group() <= Who::warp && knows(thread, key_of(who, Who::warp), tick)) return true;
  return block_known(who.block_index());
}

/// By barriers of a warp, all of its lanes' or some.
bool warp_ordered(Who who, Tick tick, const Thread& thread) {
  if (thread.warp->synced > tick) return true;
  if (thread.lanes == nullptr) return false;
  if (who.group() == Who::thread) return thread.lanes[who.thread_index() % 32] > tick;
  for (unsigned lane = who.first_lane(), end = lane + who.lanes(); lane < end; ++lane)
    if ((thread.warp->present >> lane & 1) && lane != thread.lane && thread.lanes[lane] <= tick) return false;
  return true;
}

}  // namespace

bool ordered(Who who, Tick tick, const Thread& thread) {
  if (tick < grid_state.barrier.synced) return true;
  if (who == thread.who) return true;
  if (who.group() != Who::grid) {
    const std::uint32_t block = who.block_index();
    if (block == thread.block->linear) {
      if (thread.block->barrier.synced > tick) return true;
      const bool same_warp = who.warp_index() == thread.linear / 32;
      if (who.group() <= Who::warp && same_warp && warp_ordered(who, tick, thread)) return true;
    }
    const Cluster& cluster = *thread.block->cluster;
    if (cluster_of(block) == cluster.linear && cluster.barrier.synced > tick) return true;
  }
  return acquired(who, tick, thread);
}

std::uint64_t key_of(Who who, Who::Group group) {
  const std::uint32_t index = group == Who::thread ? who.thread_index()
                              : group == Who::warp ? who.warp_index()
                                                   : 0;
  return std::uint64_t{group} << 36 | std::uint64_t{who.block_index()} << Who::kThreadBits | index;
}

std::uint64_t key_of_cluster(std::uint32_t cluster) { return kClusterKey | cluster; }

void learn(Knowledge& knowledge, const Knowledge& news) {
  for (const auto& [key, tick] : news) {
    Tick& known = knowledge[key];
    known = std::max(known, tick);
  }
}

void forget_releases() { handed_on.clear(); }

void forget_releases(const void* pointer, std::size_t bytes) {
  const char* const begin = static_cast<const char*>(pointer);
  std::erase_if(handed_on, [&](const auto& one) {
    return static_cast<const char*>(one.first) >= begin &&
           static_cast<const char*>(one.first) < begin + bytes;
  });
}

namespace {

/// A fence of the block alone takes nothing in that came from another block.
void acquire(Thread& thread, bool block_only) {
  std::vector<std::shared_ptr<Release>> not_yet;
  for (auto& release : std::exchange(thread.seen, {})) {
    if (block_only && release->block != thread.block->linear) {
      not_yet.push_back(std::move(release));
      continue;
    }
    if (thread.known == nullptr) thread.known = std::make_unique<Knowledge>();
    learn(*thread.known, release->knowledge);
  }
  thread.seen = std::move(not_yet);
  if (thread.known != nullptr) thread.block->acquirers.push_back(&thread);
}

}  // namespace

void fence(Thread& thread, bool block_only) {
  acquire(thread, block_only);
  auto release = std::make_shared<Release>();
  release->block_only = block_only;
  release->block = thread.block->linear;
  Knowledge& knowledge = release->knowledge;
  if (thread.known != nullptr) learn(knowledge, *thread.known);
  if (thread.block->known != nullptr) learn(knowledge, *thread.block->known);
  const auto note = [&](std::uint64_t key, Tick tick) { knowledge[key] = std::max(knowledge[key], tick); };
  note(key_of(thread.who, Who::thread), ++grid_state.now);
  note(key_of(thread.who, Who::warp), thread.warp->synced);
  note(key_of(thread.who, Who::block), thread.block->barrier.synced);
  note(key_of_cluster(thread.block->cluster->linear), thread.block->cluster->barrier.synced);
  if (thread.lanes != nullptr) {
    for (unsigned lane = 0; lane < 32; ++lane) {
      const std::uint32_t other = thread.linear / 32 * 32 + lane;
      note(key_of(Who::of(thread.block->linear, other), Who::thread), thread.lanes[lane]);
    }
  }
  thread.released[block_only ? 1 : 0] = std::move(release);
}

void take_releases(Thread& thread, const void* pointer) {
  const auto found = handed_on.find(pointer);
  if (found == handed_on.end()) return;
  for (const auto& release : found->second)
    if (!release->block_only || release->block == thread.block->linear) thread.seen.push_back(release);
}

void hand_on_releases(Thread& thread, const void* pointer, bool replaces) {
  auto& here = handed_on[pointer];
  if (replaces) here.clear();
  for (const auto& release : thread.released)
    if (release != nullptr && std::find(here.begin(), here.end(), release) == here.end())
      here.push_back(release);
}

}  // namespace agon::simulator
