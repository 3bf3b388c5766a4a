// Planted: barriers and warp collectives that not all reach who should.
#include <cooperative_groups.h>

#include "tests/simulator/planted_bugs.hpp"
#include "tests/simulator/planted_launch.hpp"

namespace agon::simulator::planted {
namespace {

namespace cg = cooperative_groups;

__global__ void inactive_shuffle(float* out, bool planted) {
  const unsigned lane = threadIdx.x;
  if (lane >= 16) return;
  const int from = static_cast<int>(planted ? lane + 8 : lane ^ 8);
  out[lane] = __shfl_sync(0x0000ffffu, 1.0f, from);  // planted: shuffle from an inactive lane
}

__global__ void ended_lane(float* out, bool planted) {
  if (planted && threadIdx.x == 5) return;
  out[threadIdx.x] = __shfl_xor_sync(0xffffffffu, 1.0f, 1);  // planted: lane of the mask has ended
}

__global__ void wrong_mask(float* out, bool planted) {
  const unsigned mask = planted ? 0x0000ffffu : 0xffffffffu;
  out[threadIdx.x] = static_cast<float>(__ballot_sync(mask, 1));  // planted: caller left out of its mask
}

__global__ void early_exit(float* out, bool planted) {
  if (planted && threadIdx.x == 40) return;
  out[threadIdx.x] = 1.0f;
  __syncthreads();  // planted: early exit at a barrier
}

__global__ void diverged(float* out, bool planted) {
  if (planted && threadIdx.x < 32) {
    __syncthreads();
    out[threadIdx.x] = 1.0f;
  } else {
    __syncthreads();  // planted: divergence at a barrier
    out[threadIdx.x] = 2.0f;
  }
}

__global__ void never_comes(float* out, bool planted) {
  if (planted && threadIdx.x == 0) {
    out[0] = static_cast<float>(__any_sync(0x00000003u, 1));  // planted: lanes that never come
  } else {
    __syncwarp(planted ? 0xfffffffeu : 0xffffffffu);
  }
  __syncthreads();
}

__global__ void grid_without_cooperation(float* out) {
  cg::this_grid().sync();  // planted: grid barrier in an ordinary launch
  if (threadIdx.x == 0) out[blockIdx.x] = 1.0f;
}

__global__ void wrong_rank(float* out, unsigned rank) {
  AGON_SHARED(float, tile, [32]);
  tile[threadIdx.x] = 1.0f;
  const auto cluster = cg::this_cluster();
  cluster.sync();
  const float* const other = cluster.map_shared_rank(tile, rank);  // planted: rank outside of the cluster
  out[cluster.thread_rank()] = other[threadIdx.x];
  cluster.sync();
}

template <void (*kernel)(float*, bool), unsigned threads>
void run_on(bool planted) {
  const Memory<float> out("out", 512);
  run({.threads = threads}, kernel, out.get(), planted);
}

void run_grid(bool planted) {
  const Memory<float> out("out", 4);
  run({.blocks = 4, .cooperative = !planted}, grid_without_cooperation, out.get());
}

void run_rank(bool planted) {
  const Memory<float> out("out", 32);
  run({.blocks = 2, .threads = 1, .cluster = 2}, wrong_rank, out.get(), planted ? 2u : 0u);
}

constexpr Bug kBugs[] = {
    {"shuffle from an inactive lane", "inactive lane", __FILE__, run_on<inactive_shuffle, 32>},
    {"lane of the mask has ended", "inactive lane", __FILE__, run_on<ended_lane, 32>},
    {"caller left out of its mask", "inactive lane", __FILE__, run_on<wrong_mask, 32>},
    {"early exit at a barrier", "exit before barrier", __FILE__, run_on<early_exit, 64>},
    {"divergence at a barrier", "divergent barrier", __FILE__, run_on<diverged, 64>},
    {"lanes that never come", "deadlock", __FILE__, run_on<never_comes, 32>},
    {"grid barrier in an ordinary launch", "grid barrier outside a cooperative launch", __FILE__, run_grid},
    {"rank outside of the cluster", "wrong cluster address", __FILE__, run_rank},
};

}  // namespace

std::span<const Bug> meeting_bugs() { return kBugs; }

}  // namespace agon::simulator::planted
