// How the planted bugs start kernels: one stream, memory given back at the end.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <utility>

#include "kernels/cuda/device/device.cuh"
#include "tests/simulator/simulator.hpp"

namespace agon::simulator::planted {

/// Device memory called `name`; written where `fill` is not negative.
template <class T>
class Memory {
 public:
  Memory(const char* name, std::size_t count, int fill = 0) {
    static_cast<void>(cudaMalloc(reinterpret_cast<void**>(&data_), count * sizeof(T)));
    name_memory(data_, name);
    if (fill >= 0) static_cast<void>(cudaMemset(data_, fill, count * sizeof(T)));
    static_cast<void>(cudaStreamSynchronize(nullptr));
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() { free(); }

  T* get() const { return data_; }
  void free() { static_cast<void>(cudaFree(std::exchange(data_, nullptr))); }

 private:
  T* data_ = nullptr;
};

struct Shape {
  unsigned blocks = 1, threads = 32, cluster = 1;
  bool cooperative = false;
  bool programmatic = false;
};

/// Enqueues one thread.
template <class... Parameters, class... Arguments>
void enqueue(cudaStream_t stream, void (*kernel)(Parameters...), Arguments... arguments) {
  cudaLaunchConfig_t config{};
  config.stream = stream;
  static_cast<void>(cudaLaunchKernelEx(&config, kernel, arguments...));
}

/// Runs a kernel to its end.
template <class... Parameters, class... Arguments>
void run(const Shape& shape, void (*kernel)(Parameters...), Arguments... arguments) {
  cudaLaunchAttribute attributes[3] = {};
  attributes[0].id = cudaLaunchAttributeClusterDimension;
  attributes[0].val.clusterDim.x = shape.cluster;
  attributes[0].val.clusterDim.y = attributes[0].val.clusterDim.z = 1;
  attributes[1].id = cudaLaunchAttributeCooperative;
  attributes[1].val.cooperative = shape.cooperative;
  attributes[2].id = cudaLaunchAttributeProgrammaticStreamSerialization;
  attributes[2].val.programmaticStreamSerializationAllowed = shape.programmatic;
  cudaLaunchConfig_t config{};
  config.gridDim = dim3(shape.blocks);
  config.blockDim = dim3(shape.threads);
  config.attrs = attributes;
  config.numAttrs = 3;
  static_cast<void>(cudaLaunchKernelEx(&config, kernel, arguments...));
  static_cast<void>(cudaDeviceSynchronize());
}

}  // namespace agon::simulator::planted
