// Thread block clusters: their barrier, each other's shared memory, and how many fit.
#include <cooperative_groups.h>

#include "bench/probes/probe.hpp"

namespace agon::probes {
namespace {

constexpr int kBarriers = 5000;
constexpr int kTrips = 2000;
constexpr int kLoads = 4096;
constexpr int kThreads = 256;

__global__ void cluster_barriers_kernel(int count) {
#if __CUDA_ARCH__ >= 900
  const auto cluster = cooperative_groups::this_cluster();
  for (int i = 0; i < count; ++i) cluster.sync();
#endif
}

/// Block 0 and the cluster's last block hand a number to and fro through each other's shared memory.
__global__ void round_trip_kernel(int trips) {
#if __CUDA_ARCH__ >= 900
  __shared__ volatile int mailbox;
  const auto cluster = cooperative_groups::this_cluster();
  const unsigned rank = cluster.block_rank(), last = cluster.num_blocks() - 1;
  mailbox = -1;
  cluster.sync();
  if (rank == 0 || rank == last) {
    volatile int* const other = cluster.map_shared_rank(const_cast<int*>(&mailbox), rank == 0 ? last : 0);
    for (int i = 0; i < trips; ++i) {
      if (rank == 0) *other = i;
      while (mailbox != i) {
      }
      if (rank != 0) *other = i;
    }
  }
  cluster.sync();
#endif
}

/// Each load's address is what the load before it brought, from the cluster's last block's shared memory.
__global__ void remote_loads_kernel(int loads, unsigned* out) {
#if __CUDA_ARCH__ >= 900
  __shared__ unsigned next[256];
  const auto cluster = cooperative_groups::this_cluster();
  for (unsigned i = threadIdx.x; i < 256; i += blockDim.x) next[i] = (i + 33) % 256;
  cluster.sync();
  if (cluster.block_rank() == 0 && threadIdx.x == 0) {
    const volatile unsigned* const remote = cluster.map_shared_rank(next, cluster.num_blocks() - 1);
    unsigned at = 0;
    for (int i = 0; i < loads; ++i) at = remote[at];
    *out = at;
  }
  cluster.sync();
#endif
}

extern __shared__ unsigned char dynamic_shared[];
__global__ void __launch_bounds__(kThreads) resident_kernel(int* out) {
  dynamic_shared[threadIdx.x] = 1;
  if (out != nullptr) *out = dynamic_shared[0];
}

template <class Kernel>
void allow_any_cluster(Kernel* kernel) {
  need_capability(9, "clusters");
  AGON_CUDA_CHECK(cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel),
                                       cudaFuncAttributeNonPortableClusterSizeAllowed, 1));
}

Samples cluster_barrier(int repeats, int blocks) {
  allow_any_cluster(cluster_barriers_kernel);
  Samples samples = repeat(repeats, 1e6 / kBarriers, [&] {
    launch({.blocks = blocks, .threads = kThreads, .cluster = blocks}, cluster_barriers_kernel, kBarriers);
  });
  samples.note = "one cluster, blocks of " + std::to_string(kThreads);
  return samples;
}

Samples round_trip(int repeats, int blocks) {
  allow_any_cluster(round_trip_kernel);
  return repeat(repeats, 1e9 / kTrips, [&] {
    launch({.blocks = blocks, .threads = 1, .cluster = blocks}, round_trip_kernel, kTrips);
  });
}

Samples remote_load(int repeats, int blocks) {
  allow_any_cluster(remote_loads_kernel);
  const Memory out(sizeof(unsigned));
  return repeat(repeats, 1e9 / kLoads, [&] {
    launch({.blocks = blocks, .threads = 32, .cluster = blocks}, remote_loads_kernel, kLoads,
           out.as<unsigned>());
  });
}

/// Clusters of `blocks` blocks with `kilobytes` of shared memory each that can be resident at once.
Samples most_clusters(int blocks, int kilobytes) {
  allow_any_cluster(resident_kernel);
  const int bytes = kilobytes * 1024;
  AGON_CUDA_CHECK(cudaFuncSetAttribute(reinterpret_cast<const void*>(resident_kernel),
                                       cudaFuncAttributeMaxDynamicSharedMemorySize, bytes));
  const Configuration configuration({.blocks = blocks * multiprocessors(),
                                     .threads = kThreads,
                                     .shared = static_cast<std::size_t>(bytes),
                                     .cluster = blocks});
  int count = 0;
  AGON_CUDA_CHECK(cudaOccupancyMaxActiveClusters(&count, resident_kernel, configuration.get()));
  return {{static_cast<double>(count)}, "cudaOccupancyMaxActiveClusters"};
}

Probe most(int blocks, int kilobytes) {
  return {
      "active clusters of " + std::to_string(blocks) + " with " + std::to_string(kilobytes) + " KB a block",
      "clusters", [=](int) { return most_clusters(blocks, kilobytes); }};
}

}  // namespace

std::vector<Probe> cluster_probes() {
  return {
      {"cluster barrier, 8 blocks", "us", [](int n) { return cluster_barrier(n, 8); }},
      {"cluster barrier, 16 blocks", "us", [](int n) { return cluster_barrier(n, 16); }},
      {"cluster shared memory, round trip, 2 blocks", "ns", [](int n) { return round_trip(n, 2); }},
      {"cluster shared memory, round trip, first to last of 16", "ns",
       [](int n) { return round_trip(n, 16); }},
      {"cluster shared memory, dependent load, 16 blocks", "ns", [](int n) { return remote_load(n, 16); }},
      {"own shared memory through the cluster's address", "ns", [](int n) { return remote_load(n, 1); }},
      most(8, 142),
      most(8, 220),
      most(16, 142),
      most(16, 220),
  };
}

}  // namespace agon::probes
