// What the choice of a kernel depends on, of the calling thread's current device.
#pragma once

#include <cuda_runtime_api.h>

#include "kernels/cuda/device/check.hpp"

namespace agon::kernels::cuda {

inline int attribute(cudaDeviceAttr which) {
  int device = 0;
  int value = 0;
  AGON_CUDA_CHECK(cudaGetDevice(&device));
  AGON_CUDA_CHECK(cudaDeviceGetAttribute(&value, which, device));
  return value;
}

inline int multiprocessors() { return attribute(cudaDevAttrMultiProcessorCount); }

}  // namespace agon::kernels::cuda
