// Kernels of warp collectives: shuffles, votes, matches and reductions.
#include <cooperative_groups.h>

#include <cstdlib>

#include "tests/simulator/language_kernels.hpp"
#include "tests/simulator/language_launch.hpp"

namespace agon::simulator::language {
namespace {

namespace cg = cooperative_groups;
constexpr unsigned kAll = 0xffffffffu;

template <class T>
__global__ void shuffle_all(Shuffle kind, const T* values, T* out) {
  const T mine = values[threadIdx.x];
  out += threadIdx.x;
  for (int width = 1; width <= 32; width *= 2) {
    for (int argument = 0; argument < 2 * kArguments; ++argument, out += 32) {
      const int small = argument % kArguments;
      const auto delta = static_cast<unsigned>(small);
      if (kind == Shuffle::indexed) *out = __shfl_sync(kAll, mine, argument, width);
      if (kind == Shuffle::up) *out = __shfl_up_sync(kAll, mine, delta, width);
      if (kind == Shuffle::down) *out = __shfl_down_sync(kAll, mine, delta, width);
      if (kind == Shuffle::crossed) *out = __shfl_xor_sync(kAll, mine, small, width);
    }
  }
}

template <class T, unsigned width>
__global__ void shuffle_tiles(Shuffle kind, const T* values, T* out) {
  const auto tile = cg::tiled_partition<width>(cg::this_thread_block());
  const T mine = values[threadIdx.x];
  out += threadIdx.x;
  for (unsigned argument = 0; argument < 2 * kArguments; ++argument, out += blockDim.x) {
    const unsigned small = argument % kArguments;
    if (kind == Shuffle::indexed) *out = tile.shfl(mine, argument);
    if (kind == Shuffle::up) *out = tile.shfl_up(mine, small);
    if (kind == Shuffle::down) *out = tile.shfl_down(mine, small);
    if (kind == Shuffle::crossed) *out = tile.shfl_xor(mine, small % width);  // within the tile
  }
}

/// The lanes on the thread's side of the mask.
__device__ unsigned side_of(unsigned mask) { return mask >> threadIdx.x % 32 & 1 ? mask : ~mask; }

__global__ void shuffle_in_mask(unsigned mask, const int* values, const int* sources, int* out) {
  const unsigned i = threadIdx.x;
  if (mask >> i & 1) {
    out[i] = __shfl_sync(mask, values[i], sources[i]);
  } else {
    out[i] = __shfl_sync(~mask, values[i], sources[i]);
  }
}

__global__ void collect(unsigned mask, const unsigned* values, Collected* all) {
  const unsigned together = side_of(mask), value = values[threadIdx.x];
  const auto number = static_cast<int>(value);
  Collected& mine = all[threadIdx.x];
  mine.ballot = __ballot_sync(together, static_cast<int>(value & 6));
  mine.any = __any_sync(together, static_cast<int>(value & 4));
  mine.all = __all_sync(together, static_cast<int>(value & 9));
  mine.same = __match_any_sync(together, value % 5);
  mine.same_float = __match_any_sync(together, static_cast<float>(value % 3) / 4);
  mine.same_long = __match_any_sync(together, static_cast<unsigned long long>(value % 7) << 32);
  mine.add = __reduce_add_sync(together, value);
  mine.least = __reduce_min_sync(together, value);
  mine.greatest = __reduce_max_sync(together, value);
  mine.both = __reduce_and_sync(together, value | 0x00ff00ffu);
  mine.either = __reduce_or_sync(together, value & 0x0ff00ff0u);
  mine.odd = __reduce_xor_sync(together, value);
  mine.signed_add = __reduce_add_sync(together, number >> 8);
  mine.signed_least = __reduce_min_sync(together, number);
  mine.signed_greatest = __reduce_max_sync(together, number);
}

template <unsigned width>
__global__ void tell_tiles(const unsigned* values, TilePlace* all) {
  AGON_SHARED(unsigned, shared, [1024]);
  const auto tile = cg::tiled_partition<width>(cg::this_thread_block());
  const unsigned i = threadIdx.x, value = values[i];
  TilePlace& mine = all[i];
  mine.rank = tile.thread_rank();
  mine.size = tile.size();
  mine.count = tile.num_threads();
  mine.group = tile.meta_group_rank();
  mine.ballot = tile.ballot(static_cast<int>(value & 2));
  mine.any = tile.any(static_cast<int>(value & 12) == 12) != 0;
  mine.all = tile.all(static_cast<int>(value & 12)) != 0;
  shared[i] = value;
  tile.sync();
  mine.neighbour = shared[i - mine.rank + (mine.rank + 1) % width];
}

/// Each turn the lanes on either side of a mask put their numbers down, then read the next lane's of their
/// side.
__global__ void pass_in_masks(const unsigned* masks, int rounds, unsigned* out) {
  AGON_SHARED(unsigned, board, [32]);
  const unsigned lane = threadIdx.x;
  unsigned value = lane;
  for (int round = 0; round < rounds; ++round) {
    const unsigned together = side_of(masks[round]);
    board[lane] = value;
    __syncwarp(together);
    const unsigned above = lane == 31 ? 0 : together & kAll << (lane + 1);
    const int next = __ffs(static_cast<int>(above != 0 ? above : together)) - 1;
    value = 3 * board[next] + 1;
    out[32 * round + static_cast<int>(lane)] = value;
    __syncwarp();
  }
}

template <class T>
struct TileShuffle {
  Shuffle kind;
  const T* values;
  T* out;
  unsigned threads;
  template <unsigned width>
  void start() const {
    run({.threads = threads}, shuffle_tiles<T, width>, kind, values, out);
  }
};

struct TellTiles {
  const unsigned* values;
  TilePlace* all;
  unsigned threads;
  template <unsigned width>
  void start() const {
    run({.threads = threads}, tell_tiles<width>, values, all);
  }
};

template <class Kernel>
void start_by_width(unsigned width, const Kernel& kernel) {
  if (width == 1) kernel.template start<1>();
  if (width == 2) kernel.template start<2>();
  if (width == 4) kernel.template start<4>();
  if (width == 8) kernel.template start<8>();
  if (width == 16) kernel.template start<16>();
  if (width == 32) kernel.template start<32>();
}

}  // namespace

template <class T>
std::vector<T> shuffles(Shuffle kind, const std::vector<T>& values) {
  const Array<T> in(values), out(std::size_t{6} * 2 * kArguments * 32);
  run({}, shuffle_all<T>, kind, in.get(), out.get());
  return out.values();
}
template std::vector<signed char> shuffles(Shuffle, const std::vector<signed char>&);
template std::vector<float> shuffles(Shuffle, const std::vector<float>&);
template std::vector<double> shuffles(Shuffle, const std::vector<double>&);
template std::vector<Four> shuffles(Shuffle, const std::vector<Four>&);

template <class T>
std::vector<T> tile_shuffles(Shuffle kind, const std::vector<T>& values, unsigned width) {
  const Array<T> in(values), out(values.size() * 2 * kArguments);
  start_by_width(width, TileShuffle<T>{kind, in.get(), out.get(), static_cast<unsigned>(values.size())});
  return out.values();
}
template std::vector<float> tile_shuffles(Shuffle, const std::vector<float>&, unsigned);
template std::vector<Four> tile_shuffles(Shuffle, const std::vector<Four>&, unsigned);

std::vector<int> masked_shuffle(unsigned mask, const std::vector<int>& values,
                                const std::vector<int>& sources) {
  const Array<int> in(values), from(sources), out(values.size());
  run({}, shuffle_in_mask, mask, in.get(), from.get(), out.get());
  return out.values();
}

std::vector<Collected> collected(unsigned mask, const std::vector<unsigned>& values) {
  const Array<unsigned> in(values);
  const Array<Collected> out(values.size());
  run({.threads = static_cast<unsigned>(values.size())}, collect, mask, in.get(), out.get());
  return out.values();
}

std::vector<TilePlace> tile_places(const std::vector<unsigned>& values, unsigned width) {
  const Array<unsigned> in(values);
  const Array<TilePlace> out(values.size());
  start_by_width(width, TellTiles{in.get(), out.get(), static_cast<unsigned>(values.size())});
  return out.values();
}

std::vector<unsigned> passed_in_masks(const std::vector<unsigned>& masks) {
  const Array<unsigned> in(masks), out(masks.size() * 32);
  run({}, pass_in_masks, in.get(), static_cast<int>(masks.size()), out.get());
  return out.values();
}

}  // namespace agon::simulator::language
