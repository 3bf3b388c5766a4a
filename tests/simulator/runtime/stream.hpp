// Streams: queues of work, some of which wait for others.
#pragma once

#include <memory>
#include <vector>

#include "tests/simulator/core/site.hpp"
#include "tests/simulator/include/cuda_runtime_api.h"
#include "tests/simulator/runtime/launch_history.hpp"
#include "tests/simulator/runtime/work.hpp"

namespace agon::simulator {
struct Capture;

/// Something to be enqueued or captured.
struct Operation {
  cudaGraphNodeType type = cudaGraphNodeTypeEmpty;
  std::function<cudaError_t()> run;
};
}  // namespace agon::simulator

struct CUstream_st {
  unsigned int flags = 0;
  bool legacy = false;
  agon::simulator::CallStack created_from;
  agon::simulator::WorkPointer last;                ///< all of the stream's work has run when this has
  std::vector<agon::simulator::WorkPointer> waits;  ///< events that the next work waits for
  agon::simulator::LaunchHistory history;

  std::shared_ptr<agon::simulator::Capture> capture;  ///< null: not capturing
  std::vector<cudaGraphNode_t> frontier;              ///< of a capture: what the next node comes after

  bool blocking() const { return !legacy && (flags & cudaStreamNonBlocking) == 0; }
};

namespace agon::simulator {

/// The stream of a handle, nullptr and the named ones included; reports one that is none, and returns
/// nullptr.
CUstream_st* stream_of(cudaStream_t handle);

/// Enqueues the operation, or adds it to the capture the stream is in.
cudaError_t submit(CUstream_st& stream, Operation operation);

/// What must have run for all that was enqueued in the stream to have run, other streams' implicit part
/// included.
WorkPointer tail_of(CUstream_st& stream);

/// Waits for the stream.
cudaError_t wait_for_stream(CUstream_st& stream);

/// All live streams and the default ones.
std::vector<CUstream_st*> all_streams();

}  // namespace agon::simulator
