// Which CUDA devices there are, and what to say of them.
#include <cuda_runtime_api.h>

#include <string>

#include "engine/runtime/cuda/runtime.hpp"
#include "engine/runtime/decimal_text.hpp"
#include "kernels/cuda/device/check.hpp"

namespace agon::cuda {
namespace {

/// Devices the driver shows. Without a driver the call fails, which means none.
int visible_devices() noexcept {
  int count = 0;
  if (cudaGetDeviceCount(&count) == cudaSuccess) return count;
  static_cast<void>(cudaGetLastError());
  return 0;
}

/// 75 for compute capability 7.5; 0 where it cannot be had.
int compute_capability(int index) noexcept {
  int major = 0;
  int minor = 0;
  if (cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, index) != cudaSuccess ||
      cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, index) != cudaSuccess) {
    static_cast<void>(cudaGetLastError());
    return 0;
  }
  return 10 * major + minor;
}

std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

}  // namespace

std::vector<int> usable_devices() noexcept {
  std::vector<int> usable;
  const int count = visible_devices();
  for (int index = 0; index < count; ++index) {
    if (compute_capability(index) >= AGON_CUDA_LOWEST_ARCHITECTURE) usable.push_back(index);
  }
  return usable;
}

std::string why_none() {
  int driver = 0;
  if (cudaDriverGetVersion(&driver) != cudaSuccess || driver == 0) return "no NVIDIA driver";
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  static_cast<void>(cudaGetLastError());
  if (status == cudaErrorInsufficientDriver) {
    return "NVIDIA driver too old: it knows CUDA " + version_text(driver) + ", this build needs " +
           version_text(CUDART_VERSION);
  }
  if (status == cudaErrorNoDevice || (status == cudaSuccess && count == 0)) return "no CUDA device";
  if (status != cudaSuccess) return cudaGetErrorString(status);
  if (usable_devices().empty()) {
    return "no CUDA device of compute capability " + version_text(AGON_CUDA_LOWEST_ARCHITECTURE * 100) +
           " or newer";
  }
  return {};
}

bool launches_programmatically(int index) { return compute_capability(index) >= 90; }

std::int64_t cache_bytes(int index) {
  int bytes = 0;
  AGON_CUDA_CHECK(cudaDeviceGetAttribute(&bytes, cudaDevAttrL2CacheSize, index));
  return bytes;
}

std::string describe(int index) {
  cudaDeviceProp device{};
  AGON_CUDA_CHECK(cudaGetDeviceProperties(&device, index));
  return std::string(device.name) + ", " + std::to_string(device.multiProcessorCount) + " multiprocessors, " +
         fixed_decimal(static_cast<double>(device.totalGlobalMem) / (1 << 30), 1) +
         " GiB memory, compute capability " + std::to_string(device.major) + "." +
         std::to_string(device.minor);
}

}  // namespace agon::cuda
