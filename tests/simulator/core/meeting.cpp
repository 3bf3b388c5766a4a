// Barriers and warp collectives.
#include "tests/simulator/core/meeting.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "tests/simulator/core/report.hpp"
#include "tests/simulator/core/shadow.hpp"
#include "tests/simulator/core/shared.hpp"
#include "tests/simulator/include/cooperative_groups.h"
#include "tests/simulator/language/barriers.hpp"
#include "tests/simulator/language/warp.hpp"

namespace agon::simulator {
namespace {

/// A barrier, or a wait for copies, where it is written, in a kernel.
using MeetingPlace = std::tuple<const char*, int, const void*>;

/// Every one that has run, and whether mutation has taken it away. A header's may have several addresses of
/// its file's name.
std::map<MeetingPlace, bool>& sites() {
  static std::map<MeetingPlace, bool> all;
  return all;
}

std::string text_of(const MeetingPlace& place) {
  const auto& [file, line, kernel] = place;
  return Site{file, line}.text() + " in " + plain_function_name(kernel);
}

Barrier& barrier_of(Scope scope, const Thread& thread) {
  if (scope == Scope::block) return thread.block->barrier;
  return scope == Scope::cluster ? thread.block->cluster->barrier : grid_state.barrier;
}

/// A barrier's members know what any of them knew.
void share_knowledge(Block& block) {
  for (Thread* thread : block.acquirers) {
    if (thread->known == nullptr) continue;
    if (block.known == nullptr) block.known = std::make_unique<Knowledge>();
    learn(*block.known, *thread->known);
  }
  block.acquirers.clear();
}

void share_knowledge(Cluster& cluster) {
  Knowledge all;
  for (Block* block : cluster.blocks) {
    share_knowledge(*block);
    if (block->known != nullptr) learn(all, *block->known);
  }
  if (all.empty()) return;
  for (Block* block : cluster.blocks) block->known = std::make_unique<Knowledge>(all);
}

int outcome_of(Vote vote, const Barrier& barrier) {
  if (vote == Vote::count) return barrier.votes;
  if (vote == Vote::all) return barrier.votes == static_cast<int>(barrier.members) ? 1 : 0;
  return barrier.votes != 0 ? 1 : 0;
}

void complete(Scope scope, Vote vote, Barrier& barrier, const Thread& any) {
  if (scope == Scope::block) share_knowledge(*any.block);
  if (scope == Scope::cluster) share_knowledge(*any.block->cluster);
  barrier.synced = ++grid_state.now;
  grid_state.idle_turns = 0;
  const int outcome = outcome_of(vote, barrier);
  barrier.arrived = 0;
  barrier.votes = 0;
  for (Thread* thread : std::exchange(barrier.waiting, {})) {
    thread->vote = outcome;
    make_ready(*thread);
  }
}

void check_meeting(Scope scope, Barrier& barrier, const char* word, Site site, Thread& self) {
  if (scope == Scope::grid && !grid_state.grid->cooperative) {
    report("grid barrier outside a cooperative launch", site.text(), std::string(word) + " needs one", self);
    fault(self, Outcome::failed);
  }
  if (barrier.left > 0) {
    report("exit before barrier", site.text(),
           std::string(word) + " is reached after " + std::to_string(barrier.left) + " threads have ended",
           self);
  }
  if (barrier.arrived == 0) {
    barrier.site = site;
  } else if (!(barrier.site == site)) {
    report("divergent barrier", site.text(),
           std::string(word) + " meets the barrier of " + barrier.site.text() + ", where other threads wait",
           self);
  }
}

void leave_barrier(Scope scope, Barrier& barrier, Thread& thread) {
  --barrier.members;
  ++barrier.left;
  if (barrier.arrived == 0) return;
  report("exit before barrier", barrier.site.text(),
         std::to_string(barrier.arrived) + " threads wait while this one has ended", thread);
  if (barrier.arrived == barrier.members) complete(scope, Vote::none, barrier, thread);
}

void leave_warp(Thread& thread) {
  Warp& warp = *thread.warp;
  warp.live &= ~(1u << thread.lane);
  for (const Meeting& meeting : warp.meetings) {
    if (meeting.arrived == 0 || !(meeting.mask >> thread.lane & 1)) continue;
    report("inactive lane", meeting.site.text(),
           std::string(meeting.word) + " names lane " + std::to_string(thread.lane) + ", which has ended",
           thread);
  }
}

void leave_block(Block& block, const Thread& last) {
  if (checks_accesses() && grid_state.blocks_per_cluster > 1) check_shared_at_end(block, last);
  block.live = false;
  close_shared(block);
}

/// Lanes of a smaller mask than the warp know of each other what any of them knows.
void order_lanes(Warp& warp, std::uint32_t mask) {
  const Tick now = ++grid_state.now;
  if (mask == warp.present) {
    warp.synced = now;
  } else {
    Tick joined[32] = {};
    for (unsigned lane = 0; lane < 32; ++lane) {
      if (!(mask >> lane & 1)) continue;
      auto& lanes = warp.lane[lane]->lanes;
      if (lanes == nullptr) lanes.reset(new Tick[32]{});
      for (unsigned other = 0; other < 32; ++other) joined[other] = std::max(joined[other], lanes[other]);
    }
    for (unsigned lane = 0; lane < 32; ++lane)
      if (mask >> lane & 1) joined[lane] = now;
    for (unsigned lane = 0; lane < 32; ++lane)
      if (mask >> lane & 1) std::copy(joined, joined + 32, warp.lane[lane]->lanes.get());
  }
  Knowledge all;
  for (unsigned lane = 0; lane < 32; ++lane)
    if ((mask >> lane & 1) && warp.lane[lane]->known != nullptr) learn(all, *warp.lane[lane]->known);
  if (all.empty()) return;
  for (unsigned lane = 0; lane < 32; ++lane)
    if (mask >> lane & 1) warp.lane[lane]->known = std::make_unique<Knowledge>(all);
}

void check_mask(std::uint32_t mask, const char* word, Site site, Thread& self) {
  const std::uint32_t gone = mask & ~self.warp->live;
  if (!(mask >> self.lane & 1)) {
    report(
        "inactive lane", site.text(),
        std::string(word) + " is called by lane " + std::to_string(self.lane) + ", which its mask leaves out",
        self);
    fault(self, Outcome::failed);
  }
  if (gone == 0) return;
  report("inactive lane", site.text(),
         std::string(word) + " names lane " + std::to_string(__builtin_ctz(gone)) + ", which has ended",
         self);
}

Meeting& meeting_of(Warp& warp, std::uint32_t mask, bool orders_memory, const char* word, Site site,
                    Thread& self) {
  for (Meeting& meeting : warp.meetings) {
    if (meeting.arrived == 0 || meeting.mask != mask) continue;
    // bar.warp.sync need not be one instruction for all lanes, collectives must. Source: PTX ISA,
    // "bar.warp.sync".
    if (!orders_memory && !(meeting.site == site)) {
      report("divergent warp", site.text(),
             std::string(word) + " meets " + meeting.word + " of " + meeting.site.text(), self);
    }
    return meeting;
  }
  for (Meeting& meeting : warp.meetings)
    if (meeting.arrived == 0) return meeting = {mask, 0, word, site};
  return warp.meetings.emplace_back(Meeting{mask, 0, word, site});
}

}  // namespace

bool taken_away(Site site) {
  const MeetingPlace place{site.file, site.line, grid_state.grid->kernel};
  const auto [found, fresh] = sites().try_emplace(place, false);
  if (fresh && !options().without_barrier.empty())
    found->second = text_of(place) == options().without_barrier;
  return found->second;
}

std::vector<std::string> barrier_sites() {
  std::set<std::string> all;
  for (const auto& [place, away] : sites()) all.insert(text_of(place));
  return {all.begin(), all.end()};
}

void end_thread(Thread& thread) {
  thread.ended = true;
  grid_state.idle_turns = 0;
  leave_warp(thread);
  const bool under_way = std::any_of(thread.copies.begin(), thread.copies.end(),
                                     [](const auto& group) { return !group.empty(); });
  if (under_way || !thread.open_copies.empty())
    report("copy not waited for", "?", "the thread ends with copies under way", thread);
  leave_barrier(Scope::block, thread.block->barrier, thread);
  leave_barrier(Scope::cluster, thread.block->cluster->barrier, thread);
  leave_barrier(Scope::grid, grid_state.barrier, thread);
  if (thread.block->barrier.members == 0) leave_block(*thread.block, thread);
}

int meet(Scope scope, Vote vote, bool ballot, const char* word, const char* file, int line) {
  const Inside inside;
  Thread& self = inside.self();
  const Site site{file, line};
  if (taken_away(site)) return ballot ? 1 : 0;
  Barrier& barrier = barrier_of(scope, self);
  check_meeting(scope, barrier, word, site, self);
  barrier.votes += ballot ? 1 : 0;
  ++barrier.arrived;
  barrier.waiting.push_back(&self);
  if (barrier.arrived == barrier.members) {
    complete(scope, vote, barrier, self);
    self.fiber.suspend();
  } else {
    wait_for(self, word, site);
  }
  return self.vote;
}

void gather_warp(unsigned mask, void* mine, Combine combine, bool orders_memory, const char* word,
                 const char* file, int line) {
  const Inside inside;
  Thread& self = inside.self();
  const Site site{file, line};
  if (orders_memory && taken_away(site)) return;
  Warp& warp = *self.warp;
  mask &= warp.present;  // a block's last warp may be short
  check_mask(mask, word, site, self);
  Meeting& meeting = meeting_of(warp, mask, orders_memory, word, site, self);
  warp.exchange[self.lane] = mine;
  meeting.arrived |= 1u << self.lane;
  if ((meeting.arrived & warp.live) != (mask & warp.live)) return wait_for(self, word, site);
  const std::uint32_t together = std::exchange(meeting.arrived, 0u);
  grid_state.combining = &warp;
  if (combine != nullptr) combine(warp.exchange, together, word, file, line);
  if (orders_memory) order_lanes(warp, together);
  for (unsigned lane = 0; lane < 32; ++lane)
    if ((together >> lane & 1) && lane != self.lane) make_ready(*warp.lane[lane]);
}

unsigned lane_index() { return running->lane; }
unsigned cluster_block_rank() { return running->block->rank; }
unsigned cluster_blocks() { return grid_state.blocks_per_cluster; }

void report_inactive_lane(int reader, int source, const char* word, const char* file, int line) {
  report("inactive lane", Site{file, line}.text(),
         std::string(word) + ": lane " + std::to_string(reader) + " reads lane " + std::to_string(source) +
             ", which is not in the mask",
         *grid_state.combining->lane[reader]);
}

void fence_memory(bool block_only) {
  const Inside inside;
  fence(inside.self(), block_only);
}

}  // namespace agon::simulator

void __nanosleep(unsigned) {
  const agon::simulator::Inside inside;
  agon::simulator::yield(inside.self());
}

void __trap() {
  const agon::simulator::Inside inside;
  agon::simulator::report("trap", "?", "__trap", inside.self());
  agon::simulator::fault(inside.self(), agon::simulator::Outcome::failed);
}
