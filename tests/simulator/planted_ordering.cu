// Planted: accesses that nothing orders.
#include <cooperative_groups.h>

#include "tests/simulator/planted_bugs.hpp"
#include "tests/simulator/planted_launch.hpp"

namespace agon::simulator::planted {
namespace {

namespace cg = cooperative_groups;
using kernels::cuda::copy_async;
using kernels::cuda::copy_async_commit;
using kernels::cuda::copy_async_wait;

__global__ void barrier_before(float* out, bool planted) {
  AGON_SHARED(float, tile, [64]);
  tile[threadIdx.x] = static_cast<float>(threadIdx.x);
  if (!planted) __syncthreads();
  out[threadIdx.x] = tile[63 - threadIdx.x];  // planted: missing barrier before a read
}

__global__ void barrier_after(float* out, bool planted) {
  AGON_SHARED(float, tile, [64]);
  for (int turn = 0; turn < 2; ++turn) {
    tile[threadIdx.x] = static_cast<float>(turn);  // planted: missing barrier after a read
    __syncthreads();
    out[threadIdx.x] += tile[63 - threadIdx.x];
    if (!planted) __syncthreads();
  }
}

__global__ void two_blocks(float* out, bool planted) {
  const unsigned at = planted ? threadIdx.x : blockIdx.x * blockDim.x + threadIdx.x;
  out[at] = static_cast<float>(blockIdx.x);  // planted: two blocks write one place
}

__global__ void block_reads_block(float* out, bool planted) {
  out[blockIdx.x * 32 + threadIdx.x] = 1.0f;
  const unsigned other = planted ? 1 - blockIdx.x : blockIdx.x;
  out[64 + blockIdx.x * 32 + threadIdx.x] =
      out[other * 32 + threadIdx.x];  // planted: block reads another's write
}

__global__ void grid_barrier(float* out, bool planted) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = 1.0f;
  if (!planted) cg::this_grid().sync();
  out[128 + i] = out[127 - i];  // planted: missing grid barrier
}

__global__ void warp_barrier(float* out, bool planted) {
  AGON_SHARED(float, tile, [32]);
  tile[threadIdx.x] = 1.0f;
  if (!planted) __syncwarp();
  out[threadIdx.x] = tile[31 - threadIdx.x];  // planted: missing __syncwarp
}

/// A barrier of half a warp orders that half alone.
__global__ void half_warp_barrier(float* out, bool planted) {
  AGON_SHARED(float, tile, [32]);
  tile[threadIdx.x] = 1.0f;
  const auto half = cg::tiled_partition<16>(cg::this_thread_block());
  half.sync();
  out[threadIdx.x] = tile[threadIdx.x ^ (planted ? 16 : 8)];  // planted: barrier of the wrong lanes
}

/// A shuffle does not order memory.
__global__ void shuffle_orders_nothing(float* out, bool planted) {
  AGON_SHARED(int, flag, [1]);
  if (threadIdx.x == 0) flag[0] = 1;
  __shfl_sync(0xffffffffu, 1, 0);
  if (!planted) __syncwarp();
  out[threadIdx.x] = static_cast<float>(flag[0]);  // planted: shuffle taken for a barrier
}

__global__ void copy_barrier(float* out, const float* in, bool planted) {
  AGON_SHARED(float, stage, [64]);
  copy_async<4>(stage + threadIdx.x, in + threadIdx.x, true);
  copy_async_commit();
  copy_async_wait<0>();
  if (!planted) __syncthreads();
  out[threadIdx.x] = stage[63 - threadIdx.x];  // planted: copy waited for by its own thread alone
}

/// The last block to come adds up what all have written. Source: CUDA C++ Programming Guide, "Memory Fence
/// Functions".
__global__ void last_block(float* partial, unsigned* count, float* out, bool planted) {
  AGON_SHARED(unsigned, last, [1]);
  if (threadIdx.x == 0) {
    partial[blockIdx.x] = 1.0f;
    if (!planted) __threadfence();
    last[0] = atomicAdd(count, 1u) == gridDim.x - 1 ? 1 : 0;
    __threadfence();
  }
  __syncthreads();
  if (last[0] == 0) return;
  if (threadIdx.x == 0) *count = 0;                                      // for the next launch
  if (threadIdx.x < gridDim.x) out[threadIdx.x] = partial[threadIdx.x];  // planted: missing fence
}

__global__ void atomic_and_plain(unsigned* count, unsigned* out, bool planted) {
  atomicAdd(count, 1u);  // planted: atomic beside a plain read
  if (!planted) __syncthreads();
  out[threadIdx.x] = *count;
}

__global__ void cluster_barrier(float* out, bool planted) {
  AGON_SHARED(float, tile, [32]);
  tile[threadIdx.x] = 1.0f;
  const auto cluster = cg::this_cluster();
  if (!planted) cluster.sync();
  const float* const other = cluster.map_shared_rank(tile, cluster.block_rank() ^ 1);
  out[blockIdx.x * 32 + threadIdx.x] = other[threadIdx.x];  // planted: missing cluster barrier
  cluster.sync();
}

__global__ void cluster_end(float* out, bool planted) {
  AGON_SHARED(float, tile, [32]);
  tile[threadIdx.x] = 1.0f;
  const auto cluster = cg::this_cluster();
  cluster.sync();  // planted: block ends while its cluster reads it
  if (cluster.block_rank() == 0) {
    const float* const other = cluster.map_shared_rank(tile, 1);
    out[blockIdx.x * 32 + threadIdx.x] = other[threadIdx.x];
  }
  if (!planted) cluster.sync();
}

__global__ void cluster_begin(float* out, bool planted) {
  AGON_SHARED(float, tile, [32]);
  const auto cluster = cg::this_cluster();
  if (!planted) cluster.sync();
  float* const other = cluster.map_shared_rank(tile, cluster.block_rank() ^ 1);
  other[threadIdx.x] = 1.0f;  // planted: cluster's block not known to run
  cluster.sync();
  out[blockIdx.x * 32 + threadIdx.x] = tile[threadIdx.x];
}

/// Tiles of 16 lanes each read a place, then their leader writes one: its own, or the other tile's.
__global__ void tile_leader(float* out, bool planted) {
  AGON_SHARED(float, slot, [2]);
  const auto tile = cg::tiled_partition<16>(cg::this_thread_block());
  if (threadIdx.x < 2) slot[threadIdx.x] = 1.0f;
  __syncwarp();
  out[threadIdx.x] = slot[tile.meta_group_rank()];
  tile.sync();
  const unsigned at = planted ? 1 - tile.meta_group_rank() : tile.meta_group_rank();
  if (tile.thread_rank() == 0) slot[at] = 2.0f;  // planted: lanes of another tile
}

__global__ void bytes(unsigned char* out, bool planted) {
  const unsigned at = planted ? threadIdx.x / 2 : threadIdx.x;
  out[at] = static_cast<unsigned char>(threadIdx.x);  // planted: bytes of one word
}

__global__ void volatile_read(float* out, bool planted) {
  if (blockIdx.x == 0) {
    out[64 + threadIdx.x] = *static_cast<volatile float*>(out + threadIdx.x);
  } else if (planted) {
    out[threadIdx.x] = 1.0f;  // planted: volatile read beside a plain write
  }
}

/// Hands a value to the other block, which waits for it.
__global__ void block_fence(float* out, bool planted) {
  auto* const flag = reinterpret_cast<unsigned*>(out + 500);
  if (threadIdx.x != 0) return;
  if (blockIdx.x == 0) {
    out[0] = 1.0f;
    if (planted) {
      __threadfence_block();
    } else {
      __threadfence();
    }
    atomicExch(flag, 1u);
  } else {
    while (atomicAdd(flag, 0u) == 0) __nanosleep(100);
    __threadfence();
    out[1] = out[0];  // planted: fence of the block alone
  }
}

/// `kernel(out, planted)` on 512 floats.
template <void (*kernel)(float*, bool), unsigned blocks, unsigned threads, unsigned cluster = 1,
          bool cooperative = false>
void run_on(bool planted) {
  const Memory<float> out("out", 512);
  run({blocks, threads, cluster, cooperative}, kernel, out.get(), planted);
}

void run_bytes(bool planted) {
  const Memory<unsigned char> out("out", 64);
  run({.threads = 64}, bytes, out.get(), planted);
}

void run_copy(bool planted) {
  const Memory<float> out("out", 64), in("in", 64);
  run({.threads = 64}, copy_barrier, out.get(), in.get(), planted);
}

void run_last_block(bool planted) {
  const Memory<float> out("out", 8), partial("partial", 8);
  const Memory<unsigned> count("count", 1);
  run({.blocks = 8}, last_block, partial.get(), count.get(), out.get(), planted);
}

void run_atomic(bool planted) {
  const Memory<unsigned> out("out", 64), count("count", 1);
  run({.threads = 64}, atomic_and_plain, count.get(), out.get(), planted);
}

constexpr Bug kBugs[] = {
    {"missing barrier before a read", "race", __FILE__, run_on<barrier_before, 1, 64>},
    {"missing barrier after a read", "race", __FILE__, run_on<barrier_after, 1, 64>},
    {"two blocks write one place", "race", __FILE__, run_on<two_blocks, 2, 32>},
    {"block reads another's write", "race", __FILE__, run_on<block_reads_block, 2, 32>},
    {"missing grid barrier", "race", __FILE__, run_on<grid_barrier, 4, 32, 1, true>},
    {"missing __syncwarp", "race", __FILE__, run_on<warp_barrier, 1, 32>},
    {"barrier of the wrong lanes", "race", __FILE__, run_on<half_warp_barrier, 1, 32>},
    {"shuffle taken for a barrier", "race", __FILE__, run_on<shuffle_orders_nothing, 1, 32>},
    {"copy waited for by its own thread alone", "race", __FILE__, run_copy},
    {"missing fence", "race", __FILE__, run_last_block},
    {"atomic beside a plain read", "race", __FILE__, run_atomic},
    {"missing cluster barrier", "race", __FILE__, run_on<cluster_barrier, 4, 32, 2>},
    {"block ends while its cluster reads it", "block ended too early", __FILE__,
     run_on<cluster_end, 4, 32, 2>, "out of bounds"},
    {"cluster's block not known to run", "block not started", __FILE__, run_on<cluster_begin, 4, 32, 2>},
    {"lanes of another tile", "race", __FILE__, run_on<tile_leader, 1, 32>},
    {"bytes of one word", "race", __FILE__, run_bytes},
    {"volatile read beside a plain write", "race", __FILE__, run_on<volatile_read, 2, 32>},
    {"fence of the block alone", "race", __FILE__, run_on<block_fence, 2, 32, 1, true>},
};

}  // namespace

std::span<const Bug> ordering_bugs() { return kBugs; }

}  // namespace agon::simulator::planted
