// Kernels' attributes and occupancy. Source: CUDA Runtime API, "Execution Control", "Occupancy".
#include "tests/simulator/runtime/kernel_settings.hpp"

#include <unordered_map>

#include "tests/simulator/runtime/errors.hpp"
#include "tests/simulator/simulator.hpp"

namespace agon::simulator {

KernelSettings& settings_of(const void* kernel) {
  static auto& all = *new std::unordered_map<const void*, KernelSettings>;
  return all[kernel];
}

namespace {

cudaError_t set_attribute(KernelSettings& settings, cudaFuncAttribute attribute, int value) {
  switch (attribute) {
    case cudaFuncAttributeMaxDynamicSharedMemorySize:
      if (value < 0 || value > kSharedPerBlockOptin) return cudaErrorInvalidValue;
      settings.most_dynamic_shared = value;
      return cudaSuccess;
    case cudaFuncAttributePreferredSharedMemoryCarveout:
      if (value < -1 || value > 100) return cudaErrorInvalidValue;
      settings.carveout = value;
      return cudaSuccess;
    case cudaFuncAttributeNonPortableClusterSizeAllowed:
      settings.large_clusters = value != 0;
      return cudaSuccess;
  }
  return cudaErrorInvalidValue;
}

/// Static shared memory and registers are not known: 0.
cudaFuncAttributes attributes_of(const KernelSettings& settings) {
  cudaFuncAttributes all{};
  all.maxThreadsPerBlock = kThreadsPerBlock;
  all.ptxVersion = all.binaryVersion = 90;
  all.maxDynamicSharedSizeBytes = settings.most_dynamic_shared;
  all.preferredShmemCarveout = settings.carveout;
  all.nonPortableClusterSizeAllowed = settings.large_clusters ? 1 : 0;
  return all;
}

bool fits_a_block(int threads, std::size_t dynamic_shared) {
  return threads >= 1 && threads <= static_cast<int>(kThreadsPerBlock) &&
         dynamic_shared <= kSharedPerBlockOptin;
}

/// As if any multiprocessors could form a cluster: real ones lie in groups.
cudaError_t active_clusters(int* clusters, const cudaLaunchConfig_t& config) {
  const unsigned threads = config.blockDim.x * config.blockDim.y * config.blockDim.z;
  unsigned size = 1;
  for (unsigned i = 0; i < config.numAttrs; ++i) {
    const cudaLaunchAttribute& attribute = config.attrs[i];
    if (attribute.id != cudaLaunchAttributeClusterDimension) continue;
    size = attribute.val.clusterDim.x * attribute.val.clusterDim.y * attribute.val.clusterDim.z;
  }
  if (size < 1 || size > kLargestCluster) return cudaErrorInvalidClusterSize;
  if (!fits_a_block(static_cast<int>(threads), config.dynamicSmemBytes)) return cudaErrorInvalidConfiguration;
  *clusters = options().multiprocessors * blocks_per_multiprocessor(threads, config.dynamicSmemBytes) /
              static_cast<int>(size);
  return cudaSuccess;
}

}  // namespace
}  // namespace agon::simulator

using namespace agon::simulator;

cudaError_t cudaFuncSetAttribute(const void* kernel, cudaFuncAttribute attribute, int value) {
  return api([&] {
    if (kernel == nullptr) return cudaErrorInvalidDeviceFunction;
    return set_attribute(settings_of(kernel), attribute, value);
  });
}

cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, const void* kernel) {
  return api([&] {
    if (kernel == nullptr) return cudaErrorInvalidDeviceFunction;
    if (attributes == nullptr) return cudaErrorInvalidValue;
    *attributes = attributes_of(settings_of(kernel));
    return cudaSuccess;
  });
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void* kernel, int threads,
                                                          std::size_t dynamic_shared) {
  return api([&] {
    if (kernel == nullptr) return cudaErrorInvalidDeviceFunction;
    if (blocks == nullptr || threads < 1) return cudaErrorInvalidValue;
    *blocks = fits_a_block(threads, dynamic_shared)
                  ? blocks_per_multiprocessor(static_cast<unsigned>(threads), dynamic_shared)
                  : 0;
    return cudaSuccess;
  });
}

cudaError_t cudaOccupancyMaxActiveClusters(int* clusters, const void* kernel,
                                           const cudaLaunchConfig_t* config) {
  return api([&] {
    if (kernel == nullptr) return cudaErrorInvalidDeviceFunction;
    if (clusters == nullptr || config == nullptr) return cudaErrorInvalidValue;
    return active_clusters(clusters, *config);
  });
}
