#include "tests/simulator/runtime/capture.hpp"

#include <algorithm>

#include "tests/simulator/core/report.hpp"
#include "tests/simulator/runtime/errors.hpp"
#include "tests/simulator/runtime/graph.hpp"
#include "tests/simulator/runtime/handles.hpp"

namespace agon::simulator {
namespace {

cudaStreamCaptureMode& thread_mode() {
  thread_local cudaStreamCaptureMode mode = cudaStreamCaptureModeGlobal;
  return mode;
}

/// Source: CUDA Runtime API, cudaThreadExchangeStreamCaptureMode.
bool forbids_unsafe_calls(const Capture& capture) {
  const bool ours = capture.thread == std::this_thread::get_id();
  switch (thread_mode()) {
    case cudaStreamCaptureModeGlobal:
      return ours ? capture.mode != cudaStreamCaptureModeRelaxed
                  : capture.mode == cudaStreamCaptureModeGlobal;
    case cudaStreamCaptureModeThreadLocal:
      return ours && capture.mode != cudaStreamCaptureModeRelaxed;
    case cudaStreamCaptureModeRelaxed:
      break;
  }
  return false;
}

}  // namespace

std::vector<CapturePointer>& captures() {
  static auto& all = *new std::vector<CapturePointer>;
  return all;
}

bool this_thread_captures() {
  return std::any_of(captures().begin(), captures().end(), [](const CapturePointer& capture) {
    return capture->thread == std::this_thread::get_id();
  });
}

cudaError_t capture_operation(CUstream_st& stream, Operation operation) {
  Capture& capture = *stream.capture;
  if (capture.invalidated) return cudaErrorStreamCaptureInvalidated;
  stream.frontier = {add_node(*capture.graph, std::move(operation), stream.frontier)};
  return cudaSuccess;
}

cudaError_t refuse_under_capture() {
  cudaError_t status = cudaSuccess;
  for (const CapturePointer& capture : captures()) {
    if (!forbids_unsafe_calls(*capture)) continue;
    capture->invalidated = true;
    status = cudaErrorStreamCaptureUnsupported;
  }
  return status;
}

cudaError_t refuse_allocation_under_capture(const char* call) {
  if (this_thread_captures())
    report_host("allocation in capture", CallStack::here().text(),
                std::string(call) + " while this thread captures: the engine allocates before");
  return refuse_under_capture();
}

bool leave_uncaptured(CUstream_st& stream) {
  if (stream.capture == nullptr) return true;
  stream.capture->invalidated = true;
  return false;
}

cudaError_t check_implicit_order(const CUstream_st& stream) {
  if (!stream.legacy) return cudaSuccess;
  cudaError_t status = cudaSuccess;
  for (const CapturePointer& capture : captures()) {
    const bool waits = std::any_of(capture->members.begin(), capture->members.end(),
                                   [](const CUstream_st* member) { return member->blocking(); });
    if (!waits) continue;
    capture->invalidated = true;
    status = cudaErrorStreamCaptureImplicit;
  }
  return status;
}

void check_outside_capture(const CUstream_st& stream) {
  if (stream.capture == nullptr && this_thread_captures())
    report_host(
        "outside the capture", CallStack::here().text(),
        "work put on a stream that is not part of the capture this thread has begun: it happens once, "
        "and is not repeated");
}

cudaError_t wait_captured(CUstream_st& stream, const CapturedEvent& event) {
  if (event.capture == nullptr) {  // the event is not captured: the stream is
    stream.capture->invalidated = true;
    return cudaErrorStreamCaptureIsolation;
  }
  const auto& going_on = captures();
  if (std::find(going_on.begin(), going_on.end(), event.capture) == going_on.end())
    return cudaErrorCapturedEvent;
  if (event.capture->invalidated) return cudaErrorStreamCaptureInvalidated;
  if (stream.legacy) {
    event.capture->invalidated = true;
    return cudaErrorStreamCaptureImplicit;
  }
  if (stream.capture != nullptr && stream.capture != event.capture) {
    stream.capture->invalidated = event.capture->invalidated = true;
    return cudaErrorStreamCaptureMerge;
  }
  if (stream.capture == nullptr) {
    stream.capture = event.capture;
    stream.capture->members.push_back(&stream);
    stream.history.begin_capture();
  }
  for (const cudaGraphNode_t node : event.frontier)
    if (std::find(stream.frontier.begin(), stream.frontier.end(), node) == stream.frontier.end())
      stream.frontier.push_back(node);
  return cudaSuccess;
}

void forget_stream(CUstream_st& stream) {
  if (stream.capture == nullptr) return;
  stream.capture->invalidated = true;
  std::erase(stream.capture->members, &stream);
  if (stream.capture->origin == &stream) {
    for (CUstream_st* member : stream.capture->members) member->capture = nullptr;
    if (stream.capture->owns_graph) graphs().take(stream.capture->graph);
    std::erase(captures(), stream.capture);
  }
}

}  // namespace agon::simulator

using namespace agon::simulator;

cudaError_t cudaThreadExchangeStreamCaptureMode(cudaStreamCaptureMode* mode) {
  return api([&] {
    if (mode == nullptr || *mode < cudaStreamCaptureModeGlobal || *mode > cudaStreamCaptureModeRelaxed)
      return cudaErrorInvalidValue;
    std::swap(*mode, thread_mode());
    return cudaSuccess;
  });
}
