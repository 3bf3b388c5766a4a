// Barriers and fences. Source: CUDA C++ Programming Guide, "Synchronization Functions", "Memory Fence
// Functions".
#pragma once

#include "tests/simulator/language/keywords.hpp"

namespace agon::simulator {

enum class Scope : unsigned char { block, cluster, grid };
enum class Vote : unsigned char { none, count, all, any };

/// Waits until every thread of the scope has come. Returns the outcome of the vote.
int meet(Scope scope, Vote vote, bool ballot, const char* word, const char* file, int line);
void fence_memory(bool block_only);

}  // namespace agon::simulator

inline void __syncthreads(AGON_SITE) {
  agon::simulator::meet(agon::simulator::Scope::block, agon::simulator::Vote::none, false, "__syncthreads",
                        AGON_PASS_SITE);
}
inline int __syncthreads_count(int predicate, AGON_SITE) {
  return agon::simulator::meet(agon::simulator::Scope::block, agon::simulator::Vote::count, predicate != 0,
                               "__syncthreads_count", AGON_PASS_SITE);
}
inline int __syncthreads_and(int predicate, AGON_SITE) {
  return agon::simulator::meet(agon::simulator::Scope::block, agon::simulator::Vote::all, predicate != 0,
                               "__syncthreads_and", AGON_PASS_SITE);
}
inline int __syncthreads_or(int predicate, AGON_SITE) {
  return agon::simulator::meet(agon::simulator::Scope::block, agon::simulator::Vote::any, predicate != 0,
                               "__syncthreads_or", AGON_PASS_SITE);
}

inline void __threadfence() { agon::simulator::fence_memory(false); }
inline void __threadfence_system() { agon::simulator::fence_memory(false); }
inline void __threadfence_block() { agon::simulator::fence_memory(true); }

/// Lets other threads run: one that waits for memory to change must not keep the processor.
void __nanosleep(unsigned nanoseconds);
[[noreturn]] void __trap();
