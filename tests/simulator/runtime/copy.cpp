// Copies and fills. Source: CUDA Runtime API, "API synchronization behavior" (Memcpy, Memset).
#include <cstring>

#include "tests/simulator/core/memory.hpp"
#include "tests/simulator/core/report.hpp"
#include "tests/simulator/runtime/capture.hpp"
#include "tests/simulator/runtime/errors.hpp"

namespace agon::simulator {
namespace {

enum class Where : unsigned char { pageable, pinned, device };

Where where(const void* pointer) {
  if (belongs_to(pointer, Area::device)) return Where::device;
  return belongs_to(pointer, Area::pinned) ? Where::pinned : Where::pageable;
}

struct Copy {
  void* destination;
  const void* source;
  std::size_t bytes;
  Where to = where(destination), from = where(source);
};

/// Whether the bytes lie in one live allocation, where they are memory of the runtime's; else reports it.
bool in_bounds(const char* what, const void* pointer, std::size_t bytes, const CallStack& from) {
  const Where place = where(pointer);
  if (place == Where::pageable || is_in(pointer, bytes, place == Where::device ? Area::device : Area::pinned))
    return true;
  report_host(
      "out of bounds", from.text(),
      what + std::to_string(bytes) + " bytes from " + describe_address(pointer) + ": not in one allocation");
  return false;
}

bool in_bounds(const Copy& copy, const CallStack& from) {
  return in_bounds("a copy reads ", copy.source, copy.bytes, from) &&
         in_bounds("a copy writes ", copy.destination, copy.bytes, from);
}

/// Pinned memory is the host's and the device's.
bool direction_fits(const Copy& copy, cudaMemcpyKind kind) {
  const bool from_host = copy.from != Where::device, to_host = copy.to != Where::device;
  const bool from_device = copy.from != Where::pageable, to_device = copy.to != Where::pageable;
  switch (kind) {
    case cudaMemcpyHostToHost:
      return from_host && to_host;
    case cudaMemcpyHostToDevice:
      return from_host && to_device;
    case cudaMemcpyDeviceToHost:
      return from_device && to_host;
    case cudaMemcpyDeviceToDevice:
      return from_device && to_device;
    case cudaMemcpyDefault:
      return true;
  }
  return false;
}

cudaError_t check(const Copy& copy, cudaMemcpyKind kind) {
  if (copy.destination == nullptr || copy.source == nullptr) return cudaErrorInvalidValue;
  const CallStack from = CallStack::here();
  if (!in_bounds(copy, from)) return cudaErrorInvalidValue;
  if (direction_fits(copy, kind)) return cudaSuccess;
  report_host("wrong direction", from.text(),
              "a copy of kind " + std::to_string(kind) + " from " + describe_address(copy.source) + " to " +
                  describe_address(copy.destination));
  return cudaErrorInvalidMemcpyDirection;
}

void move(const Copy& copy, const void* source) {
  std::memmove(copy.destination, source, copy.bytes);
  if (copy.to == Where::device && copy.from == Where::device) {
    copy_marks(copy.destination, copy.source, copy.bytes);
  } else if (copy.to != Where::pageable) {
    mark_written(copy.destination, copy.bytes);
  }
}

/// The memory may have gone since the call.
cudaError_t run_copy(const Copy& copy, const void* source, const CallStack& from) {
  if (!in_bounds(copy, from)) return cudaErrorIllegalAddress;
  move(copy, source);
  return cudaSuccess;
}

cudaError_t submit_copy(const Copy& copy, CUstream_st& stream) {
  const CallStack from = CallStack::here();
  if (copy.from != Where::pageable)
    return submit(stream,
                  {cudaGraphNodeTypeMemcpy, [copy, from] { return run_copy(copy, copy.source, from); }});
  // The host may write the source again when the call has returned.
  auto staged = std::make_shared<std::vector<std::byte>>(copy.bytes);
  std::memcpy(staged->data(), copy.source, copy.bytes);
  return submit(stream, {cudaGraphNodeTypeMemcpy,
                         [copy, staged, from] { return run_copy(copy, staged->data(), from); }});
}

/// Stricter than a device for captured copies of pageable memory, which would read the host's variable, or
/// what is then in its place, at each launch.
cudaError_t copy_async(const Copy& copy, cudaMemcpyKind kind, CUstream_st& stream) {
  if (copy.bytes == 0) return cudaSuccess;
  if (const cudaError_t status = check(copy, kind); status != cudaSuccess) return status;
  const bool pageable = copy.from == Where::pageable || copy.to == Where::pageable;
  if (pageable && !leave_uncaptured(stream)) return cudaErrorStreamCaptureUnsupported;
  const bool between_host_memory = copy.from != Where::device && copy.to != Where::device;
  const cudaError_t status = submit_copy(copy, stream);
  const bool waits = copy.to == Where::pageable || (between_host_memory && pageable);
  return status == cudaSuccess && waits ? wait_for_stream(stream) : status;
}

cudaError_t copy_now(const Copy& copy, cudaMemcpyKind kind) {
  if (copy.bytes == 0) return cudaSuccess;
  CUstream_st& stream = *stream_of(nullptr);
  if (const cudaError_t status = refuse_under_capture(); status != cudaSuccess) return status;
  if (const cudaError_t status = check(copy, kind); status != cudaSuccess) return status;
  if (const cudaError_t status = check_implicit_order(stream); status != cudaSuccess) return status;
  const bool staged = copy.from == Where::pageable && copy.to == Where::device;
  if (staged)
    if (const cudaError_t status = wait_for_stream(stream); status != cudaSuccess) return status;
  const cudaError_t status = submit_copy(copy, stream);
  const bool returns_early = staged || (copy.from == Where::device && copy.to == Where::device);
  return status != cudaSuccess || returns_early ? status : wait_for_stream(stream);
}

cudaError_t fill(void* destination, int value, std::size_t bytes, CUstream_st& stream) {
  if (bytes == 0) return cudaSuccess;
  if (where(destination) == Where::pageable) return cudaErrorInvalidValue;
  const CallStack from = CallStack::here();
  if (!in_bounds("a fill writes ", destination, bytes, from)) return cudaErrorInvalidValue;
  return submit(stream, {cudaGraphNodeTypeMemset, [=] {
                           if (!in_bounds("a fill writes ", destination, bytes, from))
                             return cudaErrorIllegalAddress;
                           std::memset(destination, value, bytes);
                           mark_written(destination, bytes);
                           return cudaSuccess;
                         }});
}

}  // namespace
}  // namespace agon::simulator

using namespace agon::simulator;

cudaError_t cudaMemcpy(void* destination, const void* source, std::size_t bytes, cudaMemcpyKind kind) {
  return api([&] { return copy_now({destination, source, bytes}, kind); });
}

cudaError_t cudaMemcpyAsync(void* destination, const void* source, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  return api([&] {
    CUstream_st* const found = stream_of(stream);
    if (found == nullptr) return cudaErrorInvalidResourceHandle;
    return copy_async({destination, source, bytes}, kind, *found);
  });
}

cudaError_t cudaMemset(void* destination, int value, std::size_t bytes) {
  return api([&] {
    CUstream_st& stream = *stream_of(nullptr);
    const cudaError_t status = fill(destination, value, bytes, stream);
    return status == cudaSuccess && where(destination) == Where::pinned ? wait_for_stream(stream) : status;
  });
}

cudaError_t cudaMemsetAsync(void* destination, int value, std::size_t bytes, cudaStream_t stream) {
  return api([&] {
    CUstream_st* const found = stream_of(stream);
    return found == nullptr ? cudaErrorInvalidResourceHandle : fill(destination, value, bytes, *found);
  });
}
