// Barriers of a whole grid.
#include <cooperative_groups.h>

#include "bench/probes/probe.hpp"

namespace agon::probes {
namespace {

constexpr int kBarriers = 2000;

__global__ void grid_barriers_kernel(int count) {
  const auto grid = cooperative_groups::this_grid();
  for (int i = 0; i < count; ++i) grid.sync();
}

__global__ void block_barriers_kernel(int count) {
  for (int i = 0; i < count; ++i) __syncthreads();
}

Samples grid_barrier(int repeats, int blocks, int threads) {
  Samples samples = repeat(repeats, 1e6 / kBarriers, [&] {
    launch({.blocks = blocks, .threads = threads, .cooperative = true}, grid_barriers_kernel, kBarriers);
  });
  samples.note = std::to_string(blocks) + " blocks of " + std::to_string(threads);
  return samples;
}

Samples block_barrier(int repeats) {
  return repeat(repeats, 1e6 / kBarriers, [&] {
    launch({.blocks = multiprocessors(), .threads = 256}, block_barriers_kernel, kBarriers);
  });
}

}  // namespace

std::vector<Probe> barrier_probes() {
  return {
      {"grid.sync", "us", [](int n) { return grid_barrier(n, multiprocessors(), 256); }},
      {"grid.sync, 16 blocks", "us", [](int n) { return grid_barrier(n, 16, 256); }},
      {"__syncthreads of 256 threads", "us", block_barrier},
  };
}

}  // namespace agon::probes
