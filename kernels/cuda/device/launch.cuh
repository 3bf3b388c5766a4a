// The one way a kernel is started.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "kernels/cuda/device/check.hpp"
#include "kernels/cuda/device/device.cuh"
#include "kernels/error.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels::cuda {

struct Launch {
  std::int64_t blocks = 1;  ///< of each replica
  int threads = 1;          ///< per block
};

/// A kernel's way to its own replica: the grid's second dimension counts them.
struct ReplicaGrid {
  Replicas replicas;
  std::int64_t workspace_bytes = 0;  ///< of one

  explicit ReplicaGrid(QueueView queue)
      : replicas(queue.replicas), workspace_bytes(static_cast<std::int64_t>(queue.workspace_bytes)) {}

  __device__ __forceinline__ formula::Replica mine() const {
    return formula::replica_of(replicas, replicas.first + static_cast<int>(blockIdx.y));
  }
  /// `pointer` into the first replica's workspace.
  template <class T>
  __device__ __forceinline__ T* workspace(T* pointer) const {
    return formula::Replica{workspace_bytes * (replicas.first + static_cast<int>(blockIdx.y)), 0}.at(pointer);
  }
};

/// Blocks of `each` elements that cover n; at least one, so that no launch is empty.
constexpr std::int64_t blocks_for(std::int64_t n, std::int64_t each) {
  return n > each ? (n + each - 1) / each : 1;
}

/// What kernels count in 32 bits (rows, columns, blocks, warps; elements never): at most 2^30, so that no sum
/// with what a block has overflows. Throws DeviceError.
inline int narrow(std::int64_t n) {
  if (n > 1 << 30) throw DeviceError("an operation too large for one launch");
  return static_cast<int>(n);
}

/// Whether 16 bytes can be read at once from here.
inline bool aligned(const void* pointer) { return reinterpret_cast<std::uintptr_t>(pointer) % 16 == 0; }

/// Percent of a multiprocessor's memory that are shared memory, for every kernel alike: between two kernels
/// that divide it in different ways it must run empty. Two thirds are three of the largest blocks (50 KB) on
/// compute capability 9.0; the rest is L1, through which thin layers read their weights.
inline constexpr int kCarveout = 66;

/// Enqueues `kernel` for every replica on the queue's stream. The kernel calls wait_for_previous_kernel(): on
/// a programmatic queue its blocks may be set up before the kernel before it has ended. The stream belongs to
/// the current device. Throws DeviceError where it cannot be started.
template <class... Parameters, class... Arguments>
void launch(QueueView queue, const Launch& shape, void (*kernel)(Parameters...), Arguments&&... arguments) {
  cudaLaunchConfig_t config{};
  config.gridDim =
      dim3(static_cast<unsigned>(narrow(shape.blocks)), static_cast<unsigned>(queue.replicas.count));
  config.blockDim = dim3(static_cast<unsigned>(shape.threads));
  config.stream = static_cast<cudaStream_t>(queue.stream);
  cudaLaunchAttribute attribute{};
  if (queue.programmatic) {
    attribute.id = cudaLaunchAttributeProgrammaticStreamSerialization;
    attribute.val.programmaticStreamSerializationAllowed = 1;
    config.attrs = &attribute;
    config.numAttrs = 1;
  }
  AGON_CUDA_CHECK(cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel),
                                       cudaFuncAttributePreferredSharedMemoryCarveout, kCarveout));
  AGON_CUDA_CHECK(cudaLaunchKernelEx(&config, kernel, std::forward<Arguments>(arguments)...));
}

}  // namespace agon::kernels::cuda
