// The one check around every CUDA call.
#pragma once

#include <cuda_runtime_api.h>

#include <string>

#include "kernels/error.hpp"

namespace agon::cuda {

/// Throws DeviceError: "<call> failed: <CUDA's text> (<file>:<line>)".
inline void check(cudaError_t status, const char* call, const char* file, int line) {
  if (status == cudaSuccess) return;
  static_cast<void>(cudaGetLastError());  // a failed launch stays "last" and would be blamed on the next call
  throw DeviceError(std::string(call) + " failed: " + cudaGetErrorString(status) + " (" + file + ":" +
                    std::to_string(line) + ")");
}

}  // namespace agon::cuda

#define AGON_CUDA_CHECK(call) ::agon::cuda::check((call), #call, __FILE__, __LINE__)
