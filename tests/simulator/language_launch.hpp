// How the language's tests start kernels: launches of every shape, arrays that go to the device and come
// back.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <vector>

#include "kernels/cuda/device/check.hpp"
#include "kernels/cuda/device/device.cuh"

namespace agon::simulator::language {

/// Device memory that starts with the host's values.
template <class T>
class Array {
 public:
  explicit Array(const std::vector<T>& values) : count_(values.size()) {
    AGON_CUDA_CHECK(cudaMalloc(reinterpret_cast<void**>(&data_), count_ * sizeof(T)));
    AGON_CUDA_CHECK(cudaMemcpy(data_, values.data(), count_ * sizeof(T), cudaMemcpyHostToDevice));
  }
  /// All bytes zero.
  explicit Array(std::size_t count) : Array(std::vector<T>(count)) {}
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;
  ~Array() { static_cast<void>(cudaFree(data_)); }

  T* get() const { return data_; }
  std::vector<T> values() const {
    std::vector<T> host(count_);
    AGON_CUDA_CHECK(cudaMemcpy(host.data(), data_, count_ * sizeof(T), cudaMemcpyDeviceToHost));
    return host;
  }

 private:
  std::size_t count_;
  T* data_ = nullptr;
};

struct Shape {
  dim3 blocks{1}, threads{32}, cluster{1};
  bool cooperative = false;
  std::size_t dynamic_shared = 0;
};

/// Runs a kernel to its end. Throws DeviceError where it faults.
template <class... Parameters, class... Arguments>
void run(const Shape& shape, void (*kernel)(Parameters...), Arguments... arguments) {
  cudaLaunchAttribute attributes[2] = {};
  attributes[0].id = cudaLaunchAttributeClusterDimension;
  attributes[0].val.clusterDim.x = shape.cluster.x;
  attributes[0].val.clusterDim.y = shape.cluster.y;
  attributes[0].val.clusterDim.z = shape.cluster.z;
  attributes[1].id = cudaLaunchAttributeCooperative;
  attributes[1].val.cooperative = shape.cooperative;
  cudaLaunchConfig_t config{};
  config.gridDim = shape.blocks;
  config.blockDim = shape.threads;
  config.dynamicSmemBytes = shape.dynamic_shared;
  config.attrs = attributes;
  config.numAttrs = 2;
  AGON_CUDA_CHECK(cudaLaunchKernelEx(&config, kernel, arguments...));
  AGON_CUDA_CHECK(cudaDeviceSynchronize());
}

}  // namespace agon::simulator::language
