// The one device there is. Source: CUDA Runtime API, "Device Management".
#include <cstring>
#include <map>

#include "tests/simulator/core/memory.hpp"
#include "tests/simulator/runtime/capture.hpp"
#include "tests/simulator/runtime/errors.hpp"
#include "tests/simulator/runtime/limits.hpp"
#include "tests/simulator/simulator.hpp"

namespace agon::simulator {
namespace {

constexpr char kName[] = "agon's simulated device";

/// Those that options() does not change.
const std::map<cudaDeviceAttr, int>& attributes() {
  static const auto& all = *new std::map<cudaDeviceAttr, int>{
      {cudaDevAttrMaxThreadsPerBlock, kThreadsPerBlock},
      {cudaDevAttrMaxBlockDimX, kThreadsPerBlock},
      {cudaDevAttrMaxBlockDimY, kThreadsPerBlock},
      {cudaDevAttrMaxBlockDimZ, kBlockZ},
      {cudaDevAttrMaxGridDimX, static_cast<int>(kGridX)},
      {cudaDevAttrMaxGridDimY, kGridYZ},
      {cudaDevAttrMaxGridDimZ, kGridYZ},
      {cudaDevAttrMaxSharedMemoryPerBlock, kSharedPerBlock},
      {cudaDevAttrTotalConstantMemory, kConstantMemory},
      {cudaDevAttrWarpSize, kWarp},
      {cudaDevAttrMaxRegistersPerBlock, kRegisters},
      {cudaDevAttrClockRate, kClockKilohertz},  // none: its times mean nothing
      {cudaDevAttrIntegrated, 0},
      {cudaDevAttrCanMapHostMemory, 1},
      {cudaDevAttrConcurrentKernels, 1},
      {cudaDevAttrMemoryClockRate, kMemoryClockKilohertz},
      {cudaDevAttrGlobalMemoryBusWidth, kMemoryBusBits},
      {cudaDevAttrL2CacheSize, kL2Bytes},
      {cudaDevAttrMaxThreadsPerMultiProcessor, kThreadsPerMultiprocessor},
      {cudaDevAttrAsyncEngineCount, 3},
      {cudaDevAttrUnifiedAddressing, 1},
      {cudaDevAttrComputeCapabilityMajor, 9},
      {cudaDevAttrComputeCapabilityMinor, 0},
      {cudaDevAttrStreamPrioritiesSupported, 1},
      {cudaDevAttrMaxSharedMemoryPerMultiprocessor, kSharedPerMultiprocessor},
      {cudaDevAttrMaxRegistersPerMultiprocessor, kRegisters},
      {cudaDevAttrManagedMemory, 0},
      {cudaDevAttrPageableMemoryAccess, 0},
      {cudaDevAttrConcurrentManagedAccess, 0},
      {cudaDevAttrCooperativeLaunch, 1},
      {cudaDevAttrMaxSharedMemoryPerBlockOptin, kSharedPerBlockOptin},
      {cudaDevAttrMaxBlocksPerMultiprocessor, kBlocksPerMultiprocessor},
      {cudaDevAttrReservedSharedMemoryPerBlock, kSharedReserved},
      {cudaDevAttrMemoryPoolsSupported, 1},
      {cudaDevAttrClusterLaunch, 1},
  };
  return all;
}

cudaError_t attribute(int* value, cudaDeviceAttr which) {
  if (which == cudaDevAttrMultiProcessorCount) {
    *value = options().multiprocessors;
    return cudaSuccess;
  }
  const auto found = attributes().find(which);
  if (found == attributes().end()) return cudaErrorInvalidValue;
  *value = found->second;
  return cudaSuccess;
}

cudaDeviceProp properties() {
  cudaDeviceProp all{};
  std::memcpy(all.name, kName, sizeof kName);
  all.totalGlobalMem = kDeviceMemory;
  all.sharedMemPerBlock = kSharedPerBlock;
  all.regsPerBlock = all.regsPerMultiprocessor = kRegisters;
  all.warpSize = kWarp;
  all.maxThreadsPerBlock = all.maxThreadsDim[0] = all.maxThreadsDim[1] = kThreadsPerBlock;
  all.maxThreadsDim[2] = kBlockZ;
  all.maxGridSize[0] = static_cast<int>(kGridX);
  all.maxGridSize[1] = all.maxGridSize[2] = kGridYZ;
  all.totalConstMem = kConstantMemory;
  all.major = 9;
  all.multiProcessorCount = options().multiprocessors;
  all.canMapHostMemory = all.concurrentKernels = all.unifiedAddressing = 1;
  all.streamPrioritiesSupported = all.cooperativeLaunch = all.clusterLaunch = all.memoryPoolsSupported = 1;
  all.asyncEngineCount = 3;
  all.memoryBusWidth = kMemoryBusBits;
  all.l2CacheSize = kL2Bytes;
  all.maxThreadsPerMultiProcessor = kThreadsPerMultiprocessor;
  all.sharedMemPerMultiprocessor = kSharedPerMultiprocessor;
  all.sharedMemPerBlockOptin = kSharedPerBlockOptin;
  all.maxBlocksPerMultiProcessor = kBlocksPerMultiprocessor;
  all.reservedSharedMemPerBlock = kSharedReserved;
  return all;
}

template <class T>
cudaError_t answer(T* where, const T& what) noexcept {
  return api([&] {
    if (where == nullptr) return cudaErrorInvalidValue;
    *where = what;
    return cudaSuccess;
  });
}

}  // namespace
}  // namespace agon::simulator

using namespace agon::simulator;

cudaError_t cudaGetDeviceCount(int* count) { return answer(count, 1); }
cudaError_t cudaGetDevice(int* device) { return answer(device, 0); }
cudaError_t cudaDriverGetVersion(int* version) { return answer(version, CUDART_VERSION); }
cudaError_t cudaRuntimeGetVersion(int* version) { return answer(version, CUDART_VERSION); }

cudaError_t cudaSetDevice(int device) {
  return api([&] { return device == 0 ? cudaSuccess : cudaErrorInvalidDevice; });
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr which, int device) {
  return api([&] {
    if (device != 0) return cudaErrorInvalidDevice;
    return value == nullptr ? cudaErrorInvalidValue : attribute(value, which);
  });
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* all, int device) {
  return api([&] {
    if (device != 0) return cudaErrorInvalidDevice;
    if (all == nullptr) return cudaErrorInvalidValue;
    *all = properties();
    return cudaSuccess;
  });
}

cudaError_t cudaDeviceGetStreamPriorityRange(int* least, int* greatest) {
  return api([&] {
    if (least != nullptr) *least = 0;
    if (greatest != nullptr) *greatest = -5;
    return cudaSuccess;
  });
}

cudaError_t cudaDeviceSynchronize() {
  return api([&] {
    const cudaError_t status = refuse_under_capture();
    return status != cudaSuccess ? status : complete_all();
  });
}

cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  return api([&] {
    if (free == nullptr || total == nullptr) return cudaErrorInvalidValue;
    *total = kDeviceMemory;
    *free = kDeviceMemory - usage().device_bytes;
    return cudaSuccess;
  });
}
