// Read bandwidth of the L2 cache and of device memory.
#include <algorithm>
#include <cstdint>

#include "bench/probes/probe.hpp"

namespace agon::probes {
namespace {

constexpr int kThreads = 512;
constexpr int kUnroll = 8;

/// Reads `count` float4, `passes` times; the sum is written only where it is a value that no input gives.
__global__ void __launch_bounds__(kThreads)
    read_kernel(const float4* data, std::int64_t count, int passes, float* out) {
  const std::int64_t stride = static_cast<std::int64_t>(gridDim.x) * kThreads;
  const std::int64_t first = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  float sum = 0;
  for (int pass = 0; pass < passes; ++pass) {
    for (std::int64_t i = first; i < count; i += kUnroll * stride) {
      float4 value[kUnroll];
#pragma unroll
      for (int k = 0; k < kUnroll; ++k) {
        const std::int64_t at = i + k * stride;
        value[k] = at < count ? __ldcg(data + at) : make_float4(0, 0, 0, 0);  // past the L1 cache
      }
#pragma unroll
      for (int k = 0; k < kUnroll; ++k) sum += value[k].x + value[k].y + value[k].z + value[k].w;
    }
  }
  if (sum < 0) *out = sum;  // the data are ones
}

__global__ void fill_kernel(float* data, std::int64_t count) {
  const std::int64_t stride = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < count;
       i += stride)
    data[i] = 1.0f;
}

/// GB/s of reading `bytes`, `passes` times in one kernel.
Samples read(int repeats, std::size_t bytes, int passes) {
  const std::int64_t floats = static_cast<std::int64_t>(bytes / sizeof(float));
  const Memory data(bytes), out(sizeof(float));
  const int blocks = 4 * multiprocessors();
  launch({.blocks = blocks, .threads = kThreads}, fill_kernel, data.as<float>(), floats);
  Samples samples = repeat(repeats, 1, [&] {
    launch({.blocks = blocks, .threads = kThreads}, read_kernel, data.as<const float4>(), floats / 4, passes,
           out.as<float>());
  });
  const double gigabytes = 1e-9 * static_cast<double>(bytes) * passes;
  for (double& value : samples.values) value = gigabytes / value;
  samples.note = std::to_string(bytes >> 20) + " MiB, " + std::to_string(passes) + " passes";
  return samples;
}

/// A third of the L2 cache, so that neither of its halves overflows.
Samples read_cache(int repeats) {
  const auto cache = static_cast<std::size_t>(attribute(cudaDevAttrL2CacheSize));
  return read(repeats, cache / 3 / 4096 * 4096, 50);
}

Samples read_memory(int repeats) {
  std::size_t available = 0, whole = 0;
  AGON_CUDA_CHECK(cudaMemGetInfo(&available, &whole));
  return read(repeats, std::min<std::size_t>(available / 2, std::size_t{4} << 30) / 4096 * 4096, 1);
}

}  // namespace

std::vector<Probe> memory_probes() {
  return {
      {"L2 read bandwidth", "GB/s", read_cache},
      {"device memory read bandwidth", "GB/s", read_memory},
  };
}

}  // namespace agon::probes
