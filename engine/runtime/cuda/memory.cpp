// Memory, streams and copies on a CUDA device.
#include <cuda_runtime_api.h>

#include <cstring>

#include "engine/runtime/cuda/counters.hpp"
#include "engine/runtime/cuda/runtime.hpp"
#include "kernels/cuda/device/check.hpp"

namespace agon::cuda {

void* allocate(int index, std::size_t bytes, MemoryKind kind) {
  AGON_CUDA_CHECK(cudaSetDevice(index));
  count(counters.allocations);
  void* pointer = nullptr;
  if (kind == MemoryKind::pinned) {
    AGON_CUDA_CHECK(cudaHostAlloc(&pointer, bytes, cudaHostAllocMapped | cudaHostAllocPortable));
    std::memset(pointer, 0, bytes);
    return pointer;
  }
  AGON_CUDA_CHECK(cudaMalloc(&pointer, bytes));
  if (kind == MemoryKind::scratch) return pointer;
  try {
    count(counters.copies);
    count(counters.waits);
    AGON_CUDA_CHECK(cudaMemset(pointer, 0, bytes));
    // The default stream does not order a non-blocking stream's work after itself.
    AGON_CUDA_CHECK(cudaStreamSynchronize(nullptr));
  } catch (...) {
    release(index, pointer, kind);
    throw;
  }
  return pointer;
}

void release(int index, void* pointer, MemoryKind kind) noexcept {
  static_cast<void>(cudaSetDevice(index));
  static_cast<void>(kind == MemoryKind::pinned ? cudaFreeHost(pointer) : cudaFree(pointer));
}

void* create_stream(int index) {
  AGON_CUDA_CHECK(cudaSetDevice(index));
  cudaStream_t stream = nullptr;
  AGON_CUDA_CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  return stream;
}

void destroy_stream(int index, void* stream) noexcept {
  static_cast<void>(cudaSetDevice(index));
  static_cast<void>(cudaStreamDestroy(static_cast<cudaStream_t>(stream)));
}

void wait(int index, void* stream) {
  count(counters.waits);
  AGON_CUDA_CHECK(cudaSetDevice(index));
  AGON_CUDA_CHECK(cudaStreamSynchronize(static_cast<cudaStream_t>(stream)));
}

void throw_if_failed(int index, void* stream) {
  count(counters.queries);
  AGON_CUDA_CHECK(cudaSetDevice(index));
  const cudaError_t status = cudaStreamQuery(static_cast<cudaStream_t>(stream));
  if (status != cudaErrorNotReady) AGON_CUDA_CHECK(status);
}

void copy(int index, void* stream, void* destination, const void* source, std::size_t bytes) {
  count(counters.copies);
  AGON_CUDA_CHECK(cudaSetDevice(index));
  AGON_CUDA_CHECK(
      cudaMemcpyAsync(destination, source, bytes, cudaMemcpyDefault, static_cast<cudaStream_t>(stream)));
}

void zero(int index, void* stream, void* destination, std::size_t bytes) {
  count(counters.copies);
  AGON_CUDA_CHECK(cudaSetDevice(index));
  AGON_CUDA_CHECK(cudaMemsetAsync(destination, 0, bytes, static_cast<cudaStream_t>(stream)));
}

}  // namespace agon::cuda
