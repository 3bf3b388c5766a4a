// The language tests' kernels, run on plain values: host functions that give back what threads saw.
#pragma once

#include <cstdint>
#include <vector>

namespace agon::simulator::language {

// --- language_index.cu ---

struct Index {
  unsigned x, y, z;
  bool operator==(const Index&) const = default;
};
struct Place {
  Index thread, block, threads, blocks;
  unsigned runs;  ///< how many threads said to be here
};
/// Of every thread, block after block, x fastest.
std::vector<Place> places(const Index& blocks, const Index& threads);

struct Extent {
  unsigned long long begin, bytes;
};
/// Variables of char[1], float[3][5], double[100], a pair of ints[7], and 16 bytes of dynamic shared memory.
std::vector<Extent> shared_layout();
/// Thread i of n in block b: for v = 100 b + (n - 1 - i) it gives v, -v, v + 0.5, 2 v + 3.
std::vector<double> shared_instances(unsigned blocks, unsigned threads);
/// Each block's share of the values backwards, 3 added.
std::vector<float> reversed_in_dynamic_shared(const std::vector<float>& values, unsigned blocks);

// --- language_groups.cu ---

struct Ranks {
  unsigned long long thread_in_block, block_size, block_in_grid, grid_blocks, thread_in_grid, grid_size;
  unsigned long long block_in_cluster, cluster_blocks, thread_in_cluster, cluster_size;
  Index group_index, thread_index;
};
/// Of every thread, block after block, x fastest.
std::vector<Ranks> ranks(const Index& blocks, const Index& threads, const Index& cluster);

/// v[i] becomes 3 v[(i + 1 + round) % n] + round, round by round, all at once; `n` threads.
enum class Circle : std::uint8_t { block, group, vote, cluster, grid };
/// Circle::cluster: each run of `cluster` blocks is a circle of its own; the block circles: each block.
std::vector<unsigned> passed_round(Circle circle, const std::vector<unsigned>& values, unsigned threads,
                                   unsigned cluster, int rounds);

struct Votes {
  int count, all, any;
};
/// (rounds, threads) predicates; the votes of one block, round by round, as each thread sees them.
std::vector<Votes> block_votes(const std::vector<int>& predicates, unsigned threads);

/// (blocks, 64): every block of a cluster adds up the dynamic and static shared memory of all ranks, whose
/// element i is value i of its own 64 values and 10 times it.
std::vector<unsigned> cluster_sums(const std::vector<unsigned>& values, unsigned cluster);

// --- language_warp.cu ---

enum class Shuffle : std::uint8_t { indexed, up, down, crossed };
inline constexpr int kArguments = 32;  ///< deltas and masks; twice as many source lanes
struct Four {
  float x, y, z, w;
};
/// (6 widths from 1 to 32, 64 arguments, 32 lanes): values of a full warp.
template <class T>
std::vector<T> shuffles(Shuffle kind, const std::vector<T>& values);
/// The same by tiles of `width` lanes; (64 arguments, values).
template <class T>
std::vector<T> tile_shuffles(Shuffle kind, const std::vector<T>& values, unsigned width);
/// Lanes of the mask, and those that are not, each read the lane they name.
std::vector<int> masked_shuffle(unsigned mask, const std::vector<int>& values,
                                const std::vector<int>& sources);

struct Collected {
  unsigned ballot;
  int any, all;
  unsigned same, same_float, same_long;
  unsigned add, least, greatest, both, either, odd;
  int signed_add, signed_least, signed_greatest;
};
/// Votes, matches and reductions of one block, lane by lane, each with the lanes of its warp on its side of
/// the mask.
std::vector<Collected> collected(unsigned mask, const std::vector<unsigned>& values);

struct TilePlace {
  unsigned rank, size, count, group, ballot, neighbour;
  int any, all;
};
/// Of every thread of a block, in tiles of `width`; neighbour: the value of the next thread of the tile,
/// round, through shared memory.
std::vector<TilePlace> tile_places(const std::vector<unsigned>& values, unsigned width);
/// (rounds, 32): what lanes of random masks pass round in shared memory by __syncwarp(mask).
std::vector<unsigned> passed_in_masks(const std::vector<unsigned>& masks);

// --- language_atomics.cu ---

enum class Atomic : std::uint8_t {
  add,
  sub,
  exchange,
  least,
  greatest,
  increment,
  decrement,
  both,
  either,
  odd
};
/// What each thread's atomic with its value returned, and, last, what is in the place in the end. `blocks`
/// share the values evenly; in_shared: each block has a place of its own, and `olds` ends with all of them.
template <class T>
std::vector<T> contend(Atomic word, T first, const std::vector<T>& values, unsigned blocks, bool in_shared);
/// (threads + 1): what atomicCAS(place, 0, i + 1) returned to thread i, then the place.
template <class T>
std::vector<T> race_for_one(unsigned blocks, unsigned threads);
/// The sum of all values, and their product modulo 2^32, by compare-and-swap loops.
std::vector<double> compare_and_swap_loops(const std::vector<float>& values);
/// How often each of `bins` values occurs.
std::vector<unsigned> histogram(const std::vector<unsigned>& values, unsigned bins);

// --- language_order.cu ---

/// The sum over all blocks, by the last block to come.
std::vector<unsigned> last_block_sum(const std::vector<unsigned>& values, unsigned blocks);
enum class Flag : std::uint8_t { volatile_word, exchanged, added };
/// x becomes 3 x + block, block after block, round after round, handed over by a flag.
std::vector<unsigned> handed_round(Flag flag, unsigned blocks, unsigned rounds);
/// Block 0 writes 64 values for each of the rounds; the others' threads add them up.
std::vector<unsigned> broadcast(Flag flag, unsigned blocks, unsigned rounds);
/// Warps of a block hand values on; the fence is the block's, or `everywhere` the system's.
std::vector<unsigned> handed_between_warps(unsigned warps, bool everywhere);
/// Planted: a block's fence for two blocks.
std::vector<unsigned> handed_by_a_block_fence();
/// Increments of a plain counter under a lock.
std::vector<unsigned> locked_count(unsigned blocks, unsigned turns);
/// Throws.
void trap();

// --- language_memory.cu ---

/// (chunks, 32 lanes, words): each lane's 16 or 4 bytes as its neighbour of the other end reads them.
std::vector<float> copied(int bytes, const std::vector<float>& values, const std::vector<unsigned>& valid);
/// (4 groups, 64): group g as read after the wait that leaves 3 - g groups under way.
std::vector<float> copied_stepwise(const std::vector<float>& values);
/// 32 values read before the wait for them (planted), then after it. The place held `before`.
std::vector<float> copied_too_early(const std::vector<float>& values, float before);

/// Words moved by vectors of 2, 4 floats, 4 ints, 2 doubles, and by loads and stores with every cache hint.
std::vector<std::uint32_t> moved(const std::vector<std::uint32_t>& words, int way);
inline constexpr int kWaysToMove = 10;

struct Bits {
  unsigned as_uint, of_int;
  int as_int, ones, leading, first;
  unsigned backwards, high;
};
std::vector<Bits> bits_of(const std::vector<unsigned>& values, const std::vector<unsigned>& others);
struct Arithmetic {
  float fma, sum, product, quotient, fast_quotient, root, reciprocal, reciprocal_root, saturated;
  float exponential, logarithm, sine, cosine, power;
};
/// Of a > 0 and b.
std::vector<Arithmetic> arithmetic_of(const std::vector<float>& a, const std::vector<float>& b);

// --- language_mma.cu ---

/// (problems, 32 lanes, 4 | 2 | 4): each warp's fragments of a, b and c; the result is d's.
std::vector<float> multiplied(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b,
                              const std::vector<float>& c);
std::vector<std::uint32_t> rounded_to_tf32(const std::vector<float>& values);

/// The same with bf16's pairs: a depth of 16 (4 and 2 registers of a and b a lane) or 8 (2 and 1).
std::vector<float> multiplied_bf16(int depth, const std::vector<std::uint32_t>& a,
                                   const std::vector<std::uint32_t>& b, const std::vector<float>& c);
/// Of numbers 2i (low) and 2i + 1 (high).
std::vector<std::uint32_t> rounded_to_bf16_pairs(const std::vector<float>& values);

}  // namespace agon::simulator::language
