// Capture: what is enqueued in a stream becomes nodes of a graph instead of happening.
// Source: CUDA C++ Programming Guide, "Creating a Graph Using Stream Capture"; CUDA Runtime API, "Stream
// Management".
#pragma once

#include <thread>
#include <vector>

#include "tests/simulator/runtime/stream.hpp"

namespace agon::simulator {

struct Capture {
  cudaGraph_t graph = nullptr;
  bool owns_graph = false;  ///< until its end
  CUstream_st* origin = nullptr;
  cudaStreamCaptureMode mode = cudaStreamCaptureModeGlobal;
  std::thread::id thread = std::this_thread::get_id();
  bool invalidated = false;
  std::vector<CUstream_st*> members{};  ///< the origin, and streams that waited for events of the capture
};
using CapturePointer = std::shared_ptr<Capture>;

/// What an event recorded in a capturing stream stands for.
struct CapturedEvent {
  CapturePointer capture;
  std::vector<cudaGraphNode_t> frontier;
};

/// Captures that have begun and not ended.
std::vector<CapturePointer>& captures();
/// Whether a capture goes on that the calling thread began.
bool this_thread_captures();

/// Adds the operation to the stream's capture.
cudaError_t capture_operation(CUstream_st& stream, Operation operation);

/// A call that cannot be captured nor made beside some captures: an allocation, a synchronous copy.
/// Invalidates those captures and returns cudaErrorStreamCaptureUnsupported where there are any.
cudaError_t refuse_under_capture();
/// The same for allocations, which are reported, too.
cudaError_t refuse_allocation_under_capture(const char* call);

/// Whether the stream is in no capture; else invalidates it and returns false: for calls that wait.
bool leave_uncaptured(CUstream_st& stream);

/// The legacy stream waits for blocking streams: not for one that is capturing. Invalidates such captures.
cudaError_t check_implicit_order(const CUstream_st& stream);

/// Files a report where the calling thread enqueues into a stream outside of the capture it has begun.
void check_outside_capture(const CUstream_st& stream);

/// cudaStreamWaitEvent where stream or event, or both, are captured.
cudaError_t wait_captured(CUstream_st& stream, const CapturedEvent& event);

/// A stream that is destroyed leaves an invalid capture.
void forget_stream(CUstream_st& stream);

}  // namespace agon::simulator
