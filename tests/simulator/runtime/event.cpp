// Source: CUDA Runtime API, "Event Management".
#include "tests/simulator/runtime/event.hpp"

#include "tests/simulator/runtime/errors.hpp"
#include "tests/simulator/runtime/handles.hpp"

namespace agon::simulator {

Handles<CUevent_st>& events() {
  static auto& all = *new Handles<CUevent_st>;
  return all;
}

CUevent_st* event_of(cudaEvent_t handle) {
  if (events().has(handle)) return handle;
  report_handle("an event");
  return nullptr;
}

namespace {

cudaError_t create(cudaEvent_t* event, unsigned int flags) {
  if (event == nullptr || (flags & ~(cudaEventBlockingSync | cudaEventDisableTiming)) != 0)
    return cudaErrorInvalidValue;
  auto fresh = std::make_unique<CUevent_st>();
  fresh->flags = flags;
  fresh->created_from = CallStack::here();
  *event = events().add(std::move(fresh));
  return cudaSuccess;
}

cudaError_t record(CUevent_st& event, CUstream_st& stream) {
  if (stream.capture != nullptr) {
    if (stream.capture->invalidated) return cudaErrorStreamCaptureInvalidated;
    event.captured = {stream.capture, stream.frontier};
    event.record = nullptr;
    return cudaSuccess;
  }
  auto mark = std::make_shared<EventRecord>();
  const auto stamp = [mark] {
    mark->time = std::chrono::steady_clock::now();
    return cudaSuccess;
  };
  if (const cudaError_t status = submit(stream, {cudaGraphNodeTypeEmpty, stamp}); status != cudaSuccess)
    return status;
  mark->work = stream.last;
  event.record = std::move(mark);
  event.captured = {};
  return cudaSuccess;
}

/// Neither waiting for nor looking at an event can be captured.
cudaError_t refuse_captured(CUevent_st& event) {
  if (event.captured.capture == nullptr) return refuse_under_capture();
  event.captured.capture->invalidated = true;
  return cudaErrorCapturedEvent;
}

cudaError_t query(CUevent_st& event) {
  if (const cudaError_t status = refuse_captured(event); status != cudaSuccess) return status;
  if (event.record == nullptr || is_done(event.record->work)) return cudaSuccess;
  if (const cudaError_t status = advance(event.record->work); status != cudaSuccess) return status;
  return is_done(event.record->work) ? cudaSuccess : cudaErrorNotReady;
}

cudaError_t synchronize(CUevent_st& event) {
  if (const cudaError_t status = refuse_captured(event); status != cudaSuccess) return status;
  return event.record == nullptr ? cudaSuccess : complete(event.record->work);
}

cudaError_t elapsed(float* milliseconds, const CUevent_st& begin, const CUevent_st& end) {
  if (milliseconds == nullptr) return cudaErrorInvalidValue;
  for (const CUevent_st* event : {&begin, &end}) {
    if (event->captured.capture != nullptr) return cudaErrorCapturedEvent;
    if (event->record == nullptr || (event->flags & cudaEventDisableTiming) != 0)
      return cudaErrorInvalidResourceHandle;
  }
  if (!is_done(begin.record->work) || !is_done(end.record->work)) return cudaErrorNotReady;
  *milliseconds = std::chrono::duration<float, std::milli>(end.record->time - begin.record->time).count();
  return cudaSuccess;
}

template <class Body>
cudaError_t on_event(cudaEvent_t handle, const Body& body) noexcept {
  return api([&] {
    CUevent_st* const event = event_of(handle);
    return event == nullptr ? cudaErrorInvalidResourceHandle : body(*event);
  });
}

}  // namespace
}  // namespace agon::simulator

using namespace agon::simulator;

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  return api([&] { return create(event, cudaEventDefault); });
}
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned int flags) {
  return api([&] { return create(event, flags); });
}
cudaError_t cudaEventQuery(cudaEvent_t event) { return on_event(event, query); }
cudaError_t cudaEventSynchronize(cudaEvent_t event) { return on_event(event, synchronize); }

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  return on_event(event, [&](CUevent_st& self) {
    CUstream_st* const into = stream_of(stream);
    return into == nullptr ? cudaErrorInvalidResourceHandle : record(self, *into);
  });
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t begin, cudaEvent_t end) {
  return on_event(begin, [&](CUevent_st& first) {
    CUevent_st* const last = event_of(end);
    return last == nullptr ? cudaErrorInvalidResourceHandle : elapsed(milliseconds, first, *last);
  });
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  return api(
      [&] {
        if (event_of(event) == nullptr) return cudaErrorInvalidResourceHandle;
        events().take(event);
        return cudaSuccess;
      },
      AfterFault::release);
}
