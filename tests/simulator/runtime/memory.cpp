// Allocations. Source: CUDA Runtime API, "Memory Management", "Stream Ordered Memory Allocator".
#include "tests/simulator/core/memory.hpp"

#include "tests/simulator/core/report.hpp"
#include "tests/simulator/runtime/capture.hpp"
#include "tests/simulator/runtime/errors.hpp"

namespace agon::simulator {
namespace {

cudaError_t allocate_in(void** pointer, std::size_t bytes, Area area, const char* call) {
  if (pointer == nullptr) return cudaErrorInvalidValue;
  *pointer = nullptr;
  if (const cudaError_t status = refuse_allocation_under_capture(call); status != cudaSuccess) return status;
  if (bytes == 0) return cudaSuccess;
  *pointer = allocate(bytes, area, CallStack::here());
  return *pointer == nullptr ? cudaErrorMemoryAllocation : cudaSuccess;
}

/// Waits for the device, as what runs may use the memory.
cudaError_t release_from(void* pointer, Area area, const char* call) {
  if (pointer == nullptr) return cudaSuccess;
  if (const cudaError_t status = refuse_allocation_under_capture(call); status != cudaSuccess) return status;
  const cudaError_t status = complete_all();
  return release(pointer, area) ? status : cudaErrorInvalidValue;
}

/// Not inside a graph: memory nodes are not simulated.
cudaError_t refuse_captured_stream(CUstream_st& stream, const char* call) {
  if (const cudaError_t status = refuse_allocation_under_capture(call); status != cudaSuccess) return status;
  return leave_uncaptured(stream) ? cudaSuccess : cudaErrorNotSupported;
}

cudaError_t release_later(void* pointer, CUstream_st& stream) {
  if (!is_in(pointer, 1, Area::device)) return cudaErrorInvalidValue;
  const auto release_now = [pointer, from = CallStack::here()] {
    if (!release(pointer, Area::device))
      report_host("invalid handle", from.text(),
                  "memory that was given back before: " + describe_address(pointer));
    return cudaSuccess;
  };
  return submit(stream, {cudaGraphNodeTypeEmpty, release_now});
}

cudaError_t attributes_of(cudaPointerAttributes* attributes, const void* pointer) {
  if (attributes == nullptr) return cudaErrorInvalidValue;
  *attributes = {cudaMemoryTypeUnregistered, -2, nullptr, const_cast<void*>(pointer)};
  if (is_in(pointer, 1, Area::device)) {
    *attributes = {cudaMemoryTypeDevice, 0, const_cast<void*>(pointer), nullptr};
  } else if (is_in(pointer, 1, Area::pinned)) {
    *attributes = {cudaMemoryTypeHost, 0, const_cast<void*>(pointer), const_cast<void*>(pointer)};
  }
  return cudaSuccess;
}

}  // namespace
}  // namespace agon::simulator

using namespace agon::simulator;

cudaError_t cudaMalloc(void** pointer, std::size_t bytes) {
  return api([&] { return allocate_in(pointer, bytes, Area::device, "cudaMalloc"); });
}
cudaError_t cudaFree(void* pointer) {
  return api([&] { return release_from(pointer, Area::device, "cudaFree"); }, AfterFault::release);
}
cudaError_t cudaMallocHost(void** pointer, std::size_t bytes) {
  return api([&] { return allocate_in(pointer, bytes, Area::pinned, "cudaMallocHost"); });
}
cudaError_t cudaHostAlloc(void** pointer, std::size_t bytes, unsigned int flags) {
  return api([&] {
    if ((flags & ~(cudaHostAllocPortable | cudaHostAllocMapped | cudaHostAllocWriteCombined)) != 0)
      return cudaErrorInvalidValue;
    return allocate_in(pointer, bytes, Area::pinned, "cudaHostAlloc");
  });
}
cudaError_t cudaFreeHost(void* pointer) {
  return api([&] { return release_from(pointer, Area::pinned, "cudaFreeHost"); }, AfterFault::release);
}

cudaError_t cudaMallocAsync(void** pointer, std::size_t bytes, cudaStream_t stream) {
  return api([&] {
    CUstream_st* const found = stream_of(stream);
    if (found == nullptr) return cudaErrorInvalidResourceHandle;
    const cudaError_t status = refuse_captured_stream(*found, "cudaMallocAsync");
    return status != cudaSuccess ? status : allocate_in(pointer, bytes, Area::device, "cudaMallocAsync");
  });
}
cudaError_t cudaFreeAsync(void* pointer, cudaStream_t stream) {
  return api([&] {
    CUstream_st* const found = stream_of(stream);
    if (found == nullptr) return cudaErrorInvalidResourceHandle;
    const cudaError_t status = refuse_captured_stream(*found, "cudaFreeAsync");
    return status != cudaSuccess || pointer == nullptr ? status : release_later(pointer, *found);
  });
}

cudaError_t cudaHostGetDevicePointer(void** device, void* host, unsigned int flags) {
  return api([&] {
    if (device == nullptr || flags != 0 || !is_in(host, 1, Area::pinned)) return cudaErrorInvalidValue;
    *device = host;
    return cudaSuccess;
  });
}
cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* pointer) {
  return api([&] { return attributes_of(attributes, pointer); });
}
