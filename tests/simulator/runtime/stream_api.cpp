// Source: CUDA Runtime API, "Stream Management".
#include "tests/simulator/runtime/capture.hpp"
#include "tests/simulator/runtime/errors.hpp"
#include "tests/simulator/runtime/event.hpp"
#include "tests/simulator/runtime/handles.hpp"
#include "tests/simulator/runtime/stream.hpp"

namespace agon::simulator {
namespace {

cudaError_t create(cudaStream_t* stream, unsigned int flags) {
  if (stream == nullptr || (flags & ~cudaStreamNonBlocking) != 0) return cudaErrorInvalidValue;
  auto fresh = std::make_unique<CUstream_st>();
  fresh->flags = flags;
  fresh->created_from = CallStack::here();
  *stream = streams().add(std::move(fresh));
  return cudaSuccess;
}

/// Its work is still done, later.
cudaError_t destroy(cudaStream_t handle) {
  if (handle == nullptr || handle == cudaStreamLegacy || handle == cudaStreamPerThread)
    return cudaErrorInvalidResourceHandle;
  if (stream_of(handle) == nullptr) return cudaErrorInvalidResourceHandle;
  forget_stream(*handle);
  streams().take(handle);
  return cudaSuccess;
}

cudaError_t synchronize(CUstream_st& stream) {
  if (!leave_uncaptured(stream)) return cudaErrorStreamCaptureUnsupported;
  if (const cudaError_t status = check_implicit_order(stream); status != cudaSuccess) return status;
  return wait_for_stream(stream);
}

cudaError_t query(CUstream_st& stream) {
  if (!leave_uncaptured(stream)) return cudaErrorStreamCaptureUnsupported;
  if (const cudaError_t status = check_implicit_order(stream); status != cudaSuccess) return status;
  const WorkPointer tail = tail_of(stream);
  if (!is_done(tail))
    if (const cudaError_t status = advance(tail); status != cudaSuccess) return status;
  const bool idle = options().query == Query::honest ? is_done(tail) : options().query == Query::always_idle;
  return idle ? cudaSuccess : cudaErrorNotReady;
}

cudaError_t wait_event(CUstream_st& stream, CUevent_st& event) {
  if (event.captured.capture == nullptr && event.record == nullptr) return cudaSuccess;  // never recorded
  if (stream.capture != nullptr || event.captured.capture != nullptr)
    return wait_captured(stream, event.captured);
  if (!is_done(event.record->work)) stream.waits.push_back(event.record->work);
  return cudaSuccess;
}

cudaError_t call_host(cudaHostFn_t function, void* data) {
  in_host_function() = true;
  function(data);
  in_host_function() = false;
  return cudaSuccess;
}

template <class Body>
cudaError_t on_stream(cudaStream_t handle, const Body& body) noexcept {
  return api([&] {
    CUstream_st* const stream = stream_of(handle);
    return stream == nullptr ? cudaErrorInvalidResourceHandle : body(*stream);
  });
}

}  // namespace
}  // namespace agon::simulator

using namespace agon::simulator;

cudaError_t cudaStreamCreate(cudaStream_t* stream) {
  return api([&] { return create(stream, cudaStreamDefault); });
}
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned int flags) {
  return api([&] { return create(stream, flags); });
}
cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned int flags, int) {
  return api([&] { return create(stream, flags); });
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  return api([&] { return destroy(stream); }, AfterFault::release);
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) { return on_stream(stream, synchronize); }
cudaError_t cudaStreamQuery(cudaStream_t stream) { return on_stream(stream, query); }

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned int flags) {
  return on_stream(stream, [&](CUstream_st& self) {
    CUevent_st* const found = event_of(event);
    if (found == nullptr) return cudaErrorInvalidResourceHandle;
    return flags != 0 ? cudaErrorInvalidValue : wait_event(self, *found);
  });
}

cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* data) {
  return on_stream(stream, [&](CUstream_st& self) {
    if (function == nullptr) return cudaErrorInvalidValue;
    return submit(self, {cudaGraphNodeTypeHost, [function, data] { return call_host(function, data); }});
  });
}
