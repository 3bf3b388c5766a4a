// The training step as CUDA graphs.
//
//   repeating graph:  WHILE condition { step, step, ... (unroll of them), set condition }
//   single graph:     step
//
// Source: CUDA C++ Programming Guide, "Conditional graph nodes".
#include <cuda_runtime_api.h>

#include <utility>

#include "engine/runtime/cuda/runtime.hpp"
#include "kernels/cuda/check.hpp"
#include "kernels/cuda/loop_condition.hpp"
#include "kernels/error.hpp"

namespace agon::cuda {
namespace {

/// A graph and the executable made from it.
class Graph {
 public:
  Graph() { AGON_CUDA_CHECK(cudaGraphCreate(&graph_, 0)); }
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  ~Graph() {
    if (executable_ != nullptr) static_cast<void>(cudaGraphExecDestroy(executable_));
    static_cast<void>(cudaGraphDestroy(graph_));
  }

  cudaGraph_t get() const { return graph_; }
  void instantiate() { AGON_CUDA_CHECK(cudaGraphInstantiate(&executable_, graph_, 0)); }
  void launch(cudaStream_t stream) const { AGON_CUDA_CHECK(cudaGraphLaunch(executable_, stream)); }

 private:
  cudaGraph_t graph_ = nullptr;
  cudaGraphExec_t executable_ = nullptr;
};

/// Captures what `work` enqueues on `stream` into `graph`; the capture ends whether or not `work` throws.
template <class Work>
void capture_into(cudaGraph_t graph, cudaStream_t stream, const Work& work) {
  AGON_CUDA_CHECK(
      cudaStreamBeginCaptureToGraph(stream, graph, nullptr, nullptr, 0, cudaStreamCaptureModeThreadLocal));
  cudaGraph_t captured = nullptr;
  try {
    work();
  } catch (...) {
    static_cast<void>(cudaStreamEndCapture(stream, &captured));
    static_cast<void>(cudaGetLastError());
    throw;
  }
  AGON_CUDA_CHECK(cudaStreamEndCapture(stream, &captured));
}

/// Adds a WHILE node whose condition starts as true at every launch; returns its empty body.
cudaGraph_t add_while(cudaGraph_t graph, cudaGraphConditionalHandle* condition) {
  AGON_CUDA_CHECK(cudaGraphConditionalHandleCreate(condition, graph, 1, cudaGraphCondAssignDefault));
  cudaGraphNodeParams parameters{};
  parameters.type = cudaGraphNodeTypeConditional;
  parameters.conditional.handle = *condition;
  parameters.conditional.type = cudaGraphCondTypeWhile;
  parameters.conditional.size = 1;
  cudaGraphNode_t node = nullptr;
#if CUDART_VERSION >= 13000
  AGON_CUDA_CHECK(cudaGraphAddNode(&node, graph, nullptr, nullptr, 0, &parameters));
#else
  AGON_CUDA_CHECK(cudaGraphAddNode(&node, graph, nullptr, 0, &parameters));
#endif
  return parameters.conditional.phGraph_out[0];
}

}  // namespace

struct StepGraph::Implementation {
  int index;
  cudaStream_t stream;
  Graph repeating;
  Graph single;
};

StepGraph::StepGraph(int index, QueueView queue, const kernels::StepState* state,
                     const std::function<void(QueueView)>& body, int unroll) {
  AGON_CUDA_CHECK(cudaSetDevice(index));
  kernels::cuda::load_loop_condition();
  implementation_.reset(new Implementation{index, static_cast<cudaStream_t>(queue.stream), {}, {}});
  auto& [device, stream, repeating, single] = *implementation_;

  cudaGraphConditionalHandle condition{};
  capture_into(add_while(repeating.get(), &condition), stream, [&] {
    for (int i = 0; i < unroll; ++i) body(queue);
    kernels::cuda::loop_condition(queue, condition, state, unroll);
  });
  repeating.instantiate();

  capture_into(single.get(), stream, [&] { body(queue); });
  single.instantiate();
}

StepGraph::~StepGraph() = default;

void StepGraph::repeat() {
  AGON_CUDA_CHECK(cudaSetDevice(implementation_->index));
  implementation_->repeating.launch(implementation_->stream);
}

void StepGraph::step() {
  AGON_CUDA_CHECK(cudaSetDevice(implementation_->index));
  implementation_->single.launch(implementation_->stream);
}

}  // namespace agon::cuda
