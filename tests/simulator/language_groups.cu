// Kernels that meet: at barriers of blocks, clusters and grids.
#include <cooperative_groups.h>

#include "tests/simulator/language_kernels.hpp"
#include "tests/simulator/language_launch.hpp"

namespace agon::simulator::language {
namespace {

namespace cg = cooperative_groups;
using kernels::cuda::dynamic_shared;

__device__ Index plain(const dim3& index) { return {index.x, index.y, index.z}; }

__global__ void tell_ranks(Ranks* all) {
  const auto block = cg::this_thread_block();
  const auto grid = cg::this_grid();
  const auto cluster = cg::this_cluster();
  Ranks& mine = all[grid.thread_rank()];
  mine.thread_in_block = block.thread_rank();
  mine.block_size = block.size() == block.num_threads() ? block.size() : 0;
  mine.block_in_grid = grid.block_rank();
  mine.grid_blocks = grid.num_blocks();
  mine.thread_in_grid = grid.thread_rank();
  mine.grid_size = grid.size();
  mine.block_in_cluster = cluster.block_rank();
  mine.cluster_blocks = cluster.num_blocks();
  mine.thread_in_cluster = cluster.thread_rank();
  mine.cluster_size = cluster.num_threads();
  mine.group_index = plain(block.group_index());
  mine.thread_index = plain(block.thread_index());
}

__device__ void meet_block(Circle circle) {
  if (circle == Circle::block) __syncthreads();
  if (circle == Circle::group) cg::this_thread_block().sync();
  if (circle == Circle::vote) static_cast<void>(__syncthreads_or(0));
}

__global__ void pass_in_block(Circle circle, unsigned* values, int rounds) {
  AGON_SHARED(unsigned, ring, [2][128]);
  const unsigned i = threadIdx.x, n = blockDim.x;
  unsigned* const mine = values + blockIdx.x * n + i;
  ring[0][i] = *mine;
  meet_block(circle);
  for (unsigned round = 0; round < static_cast<unsigned>(rounds); ++round) {
    ring[~round & 1][i] = 3 * ring[round & 1][(i + 1 + round) % n] + round;
    meet_block(circle);
  }
  *mine = ring[rounds & 1][i];
}

__global__ void pass_in_cluster(unsigned* values, int rounds) {
  AGON_SHARED(unsigned, ring, [2][128]);
  const auto cluster = cg::this_cluster();
  const unsigned i = threadIdx.x, here = cluster.thread_rank(), n = cluster.num_threads();
  unsigned* const mine = values + blockIdx.x * blockDim.x + i;
  ring[0][i] = *mine;
  cluster.sync();
  for (unsigned round = 0; round < static_cast<unsigned>(rounds); ++round) {
    const unsigned from = (here + 1 + round) % n;
    const unsigned* const there = cluster.map_shared_rank(ring[round & 1], from / blockDim.x);
    ring[~round & 1][i] = 3 * there[from % blockDim.x] + round;
    cluster.sync();
  }
  *mine = ring[rounds & 1][i];
}

/// `values` is (2, n), the first half written.
__global__ void pass_in_grid(unsigned* values, int rounds) {
  const auto grid = cg::this_grid();
  const auto i = static_cast<unsigned>(grid.thread_rank()), n = static_cast<unsigned>(grid.size());
  for (unsigned round = 0; round < static_cast<unsigned>(rounds); ++round) {
    const unsigned* const from = values + (round & 1) * n;
    unsigned* const to = values + (~round & 1) * n;
    to[i] = 3 * from[(i + 1 + round) % n] + round;
    grid.sync();
  }
}

__global__ void vote(const int* predicates, Votes* votes, int rounds) {
  for (int round = 0; round < rounds; ++round) {
    const unsigned at = static_cast<unsigned>(round) * blockDim.x + threadIdx.x;
    votes[at].count = __syncthreads_count(predicates[at]);
    votes[at].all = __syncthreads_and(predicates[at]);
    votes[at].any = __syncthreads_or(predicates[at]);
  }
}

__global__ void add_up_cluster(const unsigned* values, unsigned* sums) {
  AGON_SHARED(unsigned, tens, [64]);
  unsigned* const ones = dynamic_shared<unsigned>();
  const auto cluster = cg::this_cluster();
  const unsigned at = blockIdx.x * 64 + threadIdx.x;
  ones[threadIdx.x] = values[at];
  tens[threadIdx.x] = 10 * values[at];
  cluster.sync();
  unsigned sum = 0;
  for (unsigned rank = 0; rank < cluster.num_blocks(); ++rank)
    sum +=
        cluster.map_shared_rank(ones, rank)[threadIdx.x] + *cluster.map_shared_rank(tens + threadIdx.x, rank);
  sums[at] = sum;
  cluster.sync();
}

dim3 extent(const Index& index) { return dim3(index.x, index.y, index.z); }
std::size_t volume(const Index& index) { return std::size_t{index.x} * index.y * index.z; }

}  // namespace

std::vector<Ranks> ranks(const Index& blocks, const Index& threads, const Index& cluster) {
  const Array<Ranks> all(volume(blocks) * volume(threads));
  run({.blocks = extent(blocks), .threads = extent(threads), .cluster = extent(cluster)}, tell_ranks,
      all.get());
  return all.values();
}

std::vector<unsigned> passed_round(Circle circle, const std::vector<unsigned>& values, unsigned threads,
                                   unsigned cluster, int rounds) {
  std::vector<unsigned> both = values;
  if (circle == Circle::grid) both.resize(2 * values.size());
  const Array<unsigned> array(both);
  Shape shape{
      .blocks = static_cast<unsigned>(values.size() / threads), .threads = threads, .cluster = cluster};
  shape.cooperative = circle == Circle::grid;
  if (circle == Circle::grid) {
    run(shape, pass_in_grid, array.get(), rounds);
  } else if (circle == Circle::cluster) {
    run(shape, pass_in_cluster, array.get(), rounds);
  } else {
    run(shape, pass_in_block, circle, array.get(), rounds);
  }
  std::vector<unsigned> result = array.values();
  if (circle == Circle::grid && rounds % 2 == 1) result.erase(result.begin(), result.end() - values.size());
  result.resize(values.size());
  return result;
}

std::vector<Votes> block_votes(const std::vector<int>& predicates, unsigned threads) {
  const Array<int> in(predicates);
  const Array<Votes> out(predicates.size());
  run({.threads = threads}, vote, in.get(), out.get(), static_cast<int>(predicates.size() / threads));
  return out.values();
}

std::vector<unsigned> cluster_sums(const std::vector<unsigned>& values, unsigned cluster) {
  const Array<unsigned> in(values), out(values.size());
  const auto blocks = static_cast<unsigned>(values.size() / 64);
  run({.blocks = blocks, .threads = 64, .cluster = cluster, .dynamic_shared = 64 * sizeof(unsigned)},
      add_up_cluster, in.get(), out.get());
  return out.values();
}

}  // namespace agon::simulator::language
