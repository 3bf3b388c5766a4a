// The one way a kernel is started.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include "kernels/cuda/check.hpp"
#include "kernels/cuda/device.cuh"
#include "kernels/error.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels::cuda {

struct Launch {
  std::int64_t blocks = 1;
  int threads = 1;  ///< per block
};

/// Blocks of `each` elements that cover n; at least one, so that no launch is empty.
constexpr std::int64_t blocks_for(std::int64_t n, std::int64_t each) {
  return n > each ? (n + each - 1) / each : 1;
}

/// Whether 16 bytes can be read at once from here.
inline bool aligned(const void* pointer) { return reinterpret_cast<std::uintptr_t>(pointer) % 16 == 0; }

/// Enqueues `kernel` on the queue's stream, which belongs to the current device. Throws DeviceError where it
/// cannot be started.
template <class... Parameters, class... Arguments>
void launch(QueueView queue, const Launch& shape, void (*kernel)(Parameters...), Arguments&&... arguments) {
  if (shape.blocks > std::numeric_limits<int>::max())
    throw DeviceError("an operation too large for one launch");
  cudaLaunchConfig_t config{};
  config.gridDim = dim3(static_cast<unsigned>(shape.blocks));
  config.blockDim = dim3(static_cast<unsigned>(shape.threads));
  config.stream = static_cast<cudaStream_t>(queue.stream);
  AGON_CUDA_CHECK(cudaLaunchKernelEx(&config, kernel, std::forward<Arguments>(arguments)...));
}

}  // namespace agon::kernels::cuda
