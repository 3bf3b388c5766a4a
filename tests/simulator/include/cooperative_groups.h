// Cooperative groups for the host's compiler: blocks, tiles of a warp, clusters and grids.
// Source: CUDA C++ Programming Guide, "Cooperative Groups".
#pragma once

#include "tests/simulator/language/language.hpp"
#include "tests/simulator/language/shared_memory.hpp"

namespace agon::simulator {
unsigned cluster_block_rank();
unsigned cluster_blocks();
}  // namespace agon::simulator

namespace cooperative_groups {

class thread_block {
 public:
  static void sync(AGON_SITE) {
    agon::simulator::meet(agon::simulator::Scope::block, agon::simulator::Vote::none, false,
                          "thread_block::sync", AGON_PASS_SITE);
  }
  static unsigned thread_rank() {
    return threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
  }
  static unsigned size() { return blockDim.x * blockDim.y * blockDim.z; }
  static unsigned num_threads() { return size(); }
  static dim3 group_index() { return {blockIdx.x, blockIdx.y, blockIdx.z}; }
  static dim3 thread_index() { return {threadIdx.x, threadIdx.y, threadIdx.z}; }
};

class grid_group {
 public:
  static void sync(AGON_SITE) {
    agon::simulator::meet(agon::simulator::Scope::grid, agon::simulator::Vote::none, false,
                          "grid_group::sync", AGON_PASS_SITE);
  }
  static unsigned long long block_rank() {
    return blockIdx.x + gridDim.x * (blockIdx.y + static_cast<unsigned long long>(gridDim.y) * blockIdx.z);
  }
  static unsigned long long num_blocks() {
    return static_cast<unsigned long long>(gridDim.x) * gridDim.y * gridDim.z;
  }
  static unsigned long long thread_rank() {
    return block_rank() * thread_block::size() + thread_block::thread_rank();
  }
  static unsigned long long size() { return num_blocks() * thread_block::size(); }
};

class cluster_group {
 public:
  static void sync(AGON_SITE) {
    agon::simulator::meet(agon::simulator::Scope::cluster, agon::simulator::Vote::none, false,
                          "cluster_group::sync", AGON_PASS_SITE);
  }
  static unsigned block_rank() { return agon::simulator::cluster_block_rank(); }
  static unsigned num_blocks() { return agon::simulator::cluster_blocks(); }
  static unsigned thread_rank() { return block_rank() * thread_block::size() + thread_block::thread_rank(); }
  static unsigned num_threads() { return num_blocks() * thread_block::size(); }
  template <class T>
  static T* map_shared_rank(T* pointer, unsigned rank, AGON_SITE) {
    return static_cast<T*>(agon::simulator::shared_of_rank(pointer, rank, AGON_PASS_SITE));
  }
};

/// Size lanes of a warp, neighbours; a power of two up to 32.
template <unsigned Size, class Parent = void>
class thread_block_tile {
  static_assert(Size != 0 && Size <= 32 && (Size & (Size - 1)) == 0);

 public:
  static unsigned thread_rank() { return agon::simulator::lane_index() % Size; }
  static constexpr unsigned size() { return Size; }
  static constexpr unsigned num_threads() { return Size; }
  static unsigned meta_group_rank() { return thread_block::thread_rank() / Size; }
  static void sync(AGON_SITE) { __syncwarp(mask(), AGON_PASS_SITE); }
  template <class T>
  static T shfl(T value, unsigned source, AGON_SITE) {
    return __shfl_sync(mask(), value, static_cast<int>(source), Size, AGON_PASS_SITE);
  }
  template <class T>
  static T shfl_up(T value, unsigned delta, AGON_SITE) {
    return __shfl_up_sync(mask(), value, delta, Size, AGON_PASS_SITE);
  }
  template <class T>
  static T shfl_down(T value, unsigned delta, AGON_SITE) {
    return __shfl_down_sync(mask(), value, delta, Size, AGON_PASS_SITE);
  }
  template <class T>
  static T shfl_xor(T value, unsigned lane_mask, AGON_SITE) {
    return __shfl_xor_sync(mask(), value, static_cast<int>(lane_mask), Size, AGON_PASS_SITE);
  }
  static unsigned ballot(int predicate, AGON_SITE) {
    const unsigned first = agon::simulator::lane_index() / Size * Size;
    return __ballot_sync(mask(), predicate, AGON_PASS_SITE) >> first;
  }
  static int any(int predicate, AGON_SITE) { return __any_sync(mask(), predicate, AGON_PASS_SITE); }
  static int all(int predicate, AGON_SITE) { return __all_sync(mask(), predicate, AGON_PASS_SITE); }

 private:
  static unsigned mask() {
    const unsigned lanes = Size == 32 ? 0xffffffffu : (1u << Size % 32) - 1;
    return lanes << agon::simulator::lane_index() / Size * Size;
  }
};

inline thread_block this_thread_block() { return {}; }
inline grid_group this_grid() { return {}; }
inline cluster_group this_cluster() { return {}; }
template <unsigned Size, class Group>
thread_block_tile<Size, Group> tiled_partition(const Group&) {
  return {};
}

}  // namespace cooperative_groups
