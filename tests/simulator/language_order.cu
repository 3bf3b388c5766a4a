// Kernels that hand memory on without a barrier: by fences, atomics and volatile flags.
#include <cooperative_groups.h>

#include "tests/simulator/language_kernels.hpp"
#include "tests/simulator/language_launch.hpp"

namespace agon::simulator::language {
namespace {

__global__ void add_by_last_block(const unsigned* values, unsigned* partial, unsigned* count, unsigned* out) {
  AGON_SHARED(unsigned, shared, [1]);
  AGON_SHARED(bool, last, [1]);
  if (threadIdx.x == 0) shared[0] = 0;
  __syncthreads();
  atomicAdd(shared, values[blockIdx.x * blockDim.x + threadIdx.x]);
  __syncthreads();
  if (threadIdx.x == 0) {
    partial[blockIdx.x] = shared[0];
    __threadfence();
    last[0] = atomicAdd(count, 1u) == gridDim.x - 1;
    __threadfence();
  }
  __syncthreads();
  if (last[0] && threadIdx.x == 0) {
    unsigned sum = 0;
    for (unsigned block = 0; block < gridDim.x; ++block) sum += partial[block];
    *out = sum;
  }
}

__device__ unsigned look(Flag way, unsigned* flag) {
  if (way == Flag::volatile_word) return *static_cast<const volatile unsigned*>(flag);
  return way == Flag::exchanged ? atomicCAS(flag, 0u, 0u) : atomicAdd(flag, 0u);
}

__device__ void raise(Flag way, unsigned* flag, unsigned value) {
  if (way == Flag::volatile_word) *static_cast<volatile unsigned*>(flag) = value;
  if (way == Flag::exchanged) atomicExch(flag, value);
  if (way == Flag::added) atomicAdd(flag, 1u);
}

/// The flag says whose turn it is; thread 0 of each block takes part.
__global__ void hand_round(Flag way, unsigned* flag, unsigned* x, unsigned rounds) {
  if (threadIdx.x != 0) return;
  for (unsigned round = 0; round < rounds; ++round) {
    const unsigned turn = round * gridDim.x + blockIdx.x;
    while (look(way, flag) != turn) __nanosleep(40);
    __threadfence();
    *x = 3 * *x + blockIdx.x;
    __threadfence();
    raise(way, flag, turn + 1);
  }
}

/// flags[0]: rounds that block 0 has written; flags[1]: blocks that have read.
__global__ void read_broadcast(Flag way, unsigned* flags, unsigned* board, unsigned* sums, unsigned rounds) {
  const unsigned i = threadIdx.x, readers = gridDim.x - 1;
  unsigned sum = 0;
  for (unsigned round = 0; round < rounds; ++round) {
    if (i == 0) {
      while (blockIdx.x == 0 && look(Flag::added, flags + 1) != round * readers) __nanosleep(40);
      while (blockIdx.x != 0 && look(way, flags) != round + 1) __nanosleep(40);
      __threadfence();
    }
    __syncthreads();
    if (blockIdx.x == 0) {
      board[i] = 100 * round + i;
    } else {
      sum += board[i];
    }
    __syncthreads();
    if (i == 0) {
      __threadfence();
      if (blockIdx.x == 0) {
        raise(way, flags, round + 1);
      } else {
        raise(Flag::added, flags + 1, 0);
      }
    }
  }
  sums[blockIdx.x * blockDim.x + i] = sum;
}

/// Warp w adds w + 1 to each lane's value once warp w - 1 has done so.
__global__ void hand_between_warps(unsigned* out, bool everywhere) {
  AGON_SHARED(unsigned, values, [32]);
  AGON_SHARED(unsigned, flag, [1]);
  const unsigned warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  volatile unsigned* const turn = flag;
  if (warp == 0) values[lane] = lane;
  if (threadIdx.x == 0) flag[0] = 0;
  __syncthreads();
  if (lane == 0)
    while (*turn != warp) __nanosleep(40);
  if (everywhere)
    __threadfence_system();
  else
    __threadfence_block();
  __syncwarp();
  values[lane] += warp + 1;
  __syncwarp();
  if (everywhere)
    __threadfence_system();
  else
    __threadfence_block();
  if (lane == 0) *turn = warp + 1;
  __syncthreads();
  if (warp == 0) out[lane] = values[lane];
}

__global__ void fence_too_small(unsigned* flag, unsigned* cell, unsigned* out) {
  if (blockIdx.x == 0) {
    *cell = 5;
    __threadfence_block();
    atomicExch(flag, 1u);
  } else {
    while (atomicAdd(flag, 0u) == 0) __nanosleep(40);
    __threadfence();
    *out = *cell;
  }
}

__global__ void count_under_lock(unsigned* lock, unsigned* count, unsigned turns) {
  for (unsigned turn = 0; turn < turns; ++turn) {
    if (threadIdx.x == 0) {
      while (atomicCAS(lock, 0u, 1u) != 0) __nanosleep(40);
      __threadfence();
      *count += 1;
      __threadfence();
      atomicExch(lock, 0u);
    }
    __syncthreads();
  }
}

__global__ void give_up(unsigned* out) {
  if (threadIdx.x == 3) __trap();
  out[threadIdx.x] = 1;
}

}  // namespace

std::vector<unsigned> last_block_sum(const std::vector<unsigned>& values, unsigned blocks) {
  const Array<unsigned> in(values), partial(blocks), count(1), out(1);
  run({.blocks = blocks, .threads = static_cast<unsigned>(values.size() / blocks)}, add_by_last_block,
      in.get(), partial.get(), count.get(), out.get());
  return out.values();
}

std::vector<unsigned> handed_round(Flag flag, unsigned blocks, unsigned rounds) {
  const Array<unsigned> turn(1), x(1);
  run({.blocks = blocks, .cooperative = true}, hand_round, flag, turn.get(), x.get(), rounds);
  return x.values();
}

std::vector<unsigned> broadcast(Flag flag, unsigned blocks, unsigned rounds) {
  const Array<unsigned> flags(2), board(64), sums(std::size_t{64} * blocks);
  run({.blocks = blocks, .threads = 64, .cooperative = true}, read_broadcast, flag, flags.get(), board.get(),
      sums.get(), rounds);
  return sums.values();
}

std::vector<unsigned> handed_between_warps(unsigned warps, bool everywhere) {
  const Array<unsigned> out(32);
  run({.threads = 32 * warps}, hand_between_warps, out.get(), everywhere);
  return out.values();
}

std::vector<unsigned> handed_by_a_block_fence() {
  const Array<unsigned> flag(1), cell(1), out(1);
  run({.blocks = 2, .threads = 1, .cooperative = true}, fence_too_small, flag.get(), cell.get(), out.get());
  return out.values();
}

std::vector<unsigned> locked_count(unsigned blocks, unsigned turns) {
  const Array<unsigned> lock(1), count(1);
  run({.blocks = blocks, .cooperative = true}, count_under_lock, lock.get(), count.get(), turns);
  return count.values();
}

void trap() {
  const Array<unsigned> out(32);
  run({}, give_up, out.get());
}

}  // namespace agon::simulator::language
