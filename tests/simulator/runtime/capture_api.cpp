// Beginning and ending a capture. Source: CUDA Runtime API, "Stream Management".
#include <algorithm>
#include <set>

#include "tests/simulator/runtime/capture.hpp"
#include "tests/simulator/runtime/errors.hpp"
#include "tests/simulator/runtime/graph.hpp"
#include "tests/simulator/runtime/handles.hpp"

namespace agon::simulator {
namespace {

cudaError_t begin(cudaStream_t handle, cudaGraph_t graph, std::span<const cudaGraphNode_t> after,
                  cudaStreamCaptureMode mode) {
  CUstream_st* const stream = stream_of(handle);
  if (stream == nullptr) return cudaErrorInvalidResourceHandle;
  if (mode < cudaStreamCaptureModeGlobal || mode > cudaStreamCaptureModeRelaxed) return cudaErrorInvalidValue;
  if (stream->legacy) return cudaErrorStreamCaptureUnsupported;
  if (stream->capture != nullptr) return cudaErrorIllegalState;
  auto capture = std::make_shared<Capture>();
  capture->owns_graph = graph == nullptr;
  capture->graph = graph != nullptr ? graph : add_graph();
  capture->origin = stream;
  capture->mode = mode;
  capture->members = {stream};
  stream->capture = capture;
  stream->frontier.assign(after.begin(), after.end());
  stream->history.begin_capture();
  captures().push_back(std::move(capture));
  return cudaSuccess;
}

/// Whether all that the members did comes before what the origin does next.
bool all_joined(const Capture& capture) {
  std::set<cudaGraphNode_t> before;
  std::vector<cudaGraphNode_t> open = capture.origin->frontier;
  while (!open.empty()) {
    const cudaGraphNode_t node = open.back();
    open.pop_back();
    if (before.insert(node).second) open.insert(open.end(), node->after.begin(), node->after.end());
  }
  for (const CUstream_st* member : capture.members)
    for (const cudaGraphNode_t node : member->frontier)
      if (!before.contains(node)) return false;
  return true;
}

void disband(const Capture& capture, bool succeeded) {
  for (CUstream_st* member : capture.members) {
    if (succeeded) {
      member->history.end_capture();
    } else {
      member->history.drop_capture();
    }
    member->capture = nullptr;
    member->frontier.clear();
  }
}

cudaError_t end(cudaStream_t handle, cudaGraph_t* graph) {
  CUstream_st* const stream = stream_of(handle);
  if (stream == nullptr) return cudaErrorInvalidResourceHandle;
  if (graph == nullptr) return cudaErrorInvalidValue;
  *graph = nullptr;
  const CapturePointer capture = stream->capture;
  if (capture == nullptr) return cudaErrorIllegalState;
  if (capture->origin != stream) {
    capture->invalidated = true;
    return cudaErrorStreamCaptureUnmatched;
  }
  if (capture->mode != cudaStreamCaptureModeRelaxed && capture->thread != std::this_thread::get_id())
    return cudaErrorStreamCaptureWrongThread;
  const cudaError_t status = capture->invalidated   ? cudaErrorStreamCaptureInvalidated
                             : all_joined(*capture) ? cudaSuccess
                                                    : cudaErrorStreamCaptureUnjoined;
  disband(*capture, status == cudaSuccess);
  std::erase(captures(), capture);
  capture->invalidated = status != cudaSuccess;
  if (status == cudaSuccess) {
    *graph = capture->graph;
  } else if (capture->owns_graph) {
    graphs().take(capture->graph);
  }
  return status;
}

}  // namespace
}  // namespace agon::simulator

using namespace agon::simulator;

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode) {
  return api([&] { return begin(stream, nullptr, {}, mode); });
}

cudaError_t cudaStreamBeginCaptureToGraph(cudaStream_t stream, cudaGraph_t graph,
                                          const cudaGraphNode_t* dependencies, const cudaGraphEdgeData*,
                                          std::size_t count, cudaStreamCaptureMode mode) {
  return api([&] {
    if (graph_of(graph) == nullptr || (count > 0 && dependencies == nullptr)) return cudaErrorInvalidValue;
    const std::span after(dependencies, count);
    for (const cudaGraphNode_t node : after)
      if (!owns_node(*graph, node)) return cudaErrorInvalidValue;
    return begin(stream, graph, after, mode);
  });
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  return api([&] { return end(stream, graph); });
}

cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus* status) {
  return api([&] {
    CUstream_st* const found = stream_of(stream);
    if (found == nullptr) return cudaErrorInvalidResourceHandle;
    if (status == nullptr) return cudaErrorInvalidValue;
    if (const cudaError_t implicit = check_implicit_order(*found); implicit != cudaSuccess) return implicit;
    *status = found->capture == nullptr     ? cudaStreamCaptureStatusNone
              : found->capture->invalidated ? cudaStreamCaptureStatusInvalidated
                                            : cudaStreamCaptureStatusActive;
    return cudaSuccess;
  });
}
