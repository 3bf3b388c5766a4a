// distinct() on the GPU.
#include <cuda_runtime.h>
#include <thrust/device_vector.h>
#include <thrust/execution_policy.h>
#include <thrust/fill.h>
#include <thrust/system_error.h>

#include "engine/table/distinct_with.hpp"
#include "kernels/error.hpp"

namespace agon::cuda {

Distinct distinct(std::span<const double> input, int index) {
  try {
    if (const cudaError_t error = cudaSetDevice(index); error != cudaSuccess)
      throw DeviceError("cudaSetDevice: " + std::string(cudaGetErrorString(error)));
    return distinct_with<thrust::device_vector>(thrust::device, input);
  } catch (const thrust::system_error& error) {
    throw DeviceError("sorting a table's column: " + std::string(error.what()));
  } catch (const std::bad_alloc& error) {
    throw DeviceError("sorting a table's column: " + std::string(error.what()));
  }
}

}  // namespace agon::cuda
