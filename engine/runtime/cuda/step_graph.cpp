// The training step as CUDA graphs.
//
//   straight:   step, step, ...
//   repeating:  begin, test, WHILE { step, step, ... (unroll of them), test }, test, WHILE { step, test },
//   report
//
// Source: CUDA C++ Programming Guide, "Conditional graph nodes".
#include <cuda_runtime_api.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/runtime/cuda/counters.hpp"
#include "engine/runtime/cuda/runtime.hpp"
#include "kernels/cuda/device/check.hpp"
#include "kernels/cuda/step/loop_condition.hpp"
#include "kernels/error.hpp"

namespace agon::cuda {
/// A graph and the executable made from it.
class OwnedGraph {
 public:
  OwnedGraph() { AGON_CUDA_CHECK(cudaGraphCreate(&graph_, 0)); }
  OwnedGraph(const OwnedGraph&) = delete;
  OwnedGraph& operator=(const OwnedGraph&) = delete;
  ~OwnedGraph() {
    if (executable_ != nullptr) static_cast<void>(cudaGraphExecDestroy(executable_));
    static_cast<void>(cudaGraphDestroy(graph_));
  }

  cudaGraph_t get() const { return graph_; }
  void instantiate() {
    count(counters.graphs);
    AGON_CUDA_CHECK(cudaGraphInstantiate(&executable_, graph_, 0));
  }
  void launch(cudaStream_t stream) const {
    count(counters.graph_launches);
    AGON_CUDA_CHECK(cudaGraphLaunch(executable_, stream));
  }

 private:
  cudaGraph_t graph_ = nullptr;
  cudaGraphExec_t executable_ = nullptr;
};

namespace {

/// Captures what `work` enqueues on `stream` into `graph`, behind the node `after` (null: behind nothing);
/// the capture ends whether or not `work` throws.
template <class Work>
void capture_into(cudaGraph_t graph, cudaStream_t stream, cudaGraphNode_t after, const Work& work) {
  const std::size_t dependencies = after == nullptr ? 0 : 1;
  AGON_CUDA_CHECK(cudaStreamBeginCaptureToGraph(stream, graph, dependencies == 0 ? nullptr : &after, nullptr,
                                                dependencies, cudaStreamCaptureModeThreadLocal));
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

std::vector<cudaGraphNode_t> nodes_of(cudaGraph_t graph) {
  std::size_t size = 0;
  AGON_CUDA_CHECK(cudaGraphGetNodes(graph, nullptr, &size));
  std::vector<cudaGraphNode_t> nodes(size);
  if (size > 0) AGON_CUDA_CHECK(cudaGraphGetNodes(graph, nodes.data(), &size));
  return nodes;
}

/// Captures the one operation that `work` enqueues, behind `after`; returns its node.
template <class Work>
cudaGraphNode_t capture_one(cudaGraph_t graph, cudaStream_t stream, cudaGraphNode_t after, const Work& work) {
  const std::vector<cudaGraphNode_t> before = nodes_of(graph);
  capture_into(graph, stream, after, work);
  for (const cudaGraphNode_t node : nodes_of(graph))
    if (std::find(before.begin(), before.end(), node) == before.end()) return node;
  throw DeviceError("nothing was captured");
}

/// Adds a WHILE node behind `after`; sets `after` to it, and returns its empty body.
cudaGraph_t add_while(cudaGraph_t graph, cudaGraphConditionalHandle condition, cudaGraphNode_t* after) {
  cudaGraphNodeParams parameters{};
  parameters.type = cudaGraphNodeTypeConditional;
  parameters.conditional.handle = condition;
  parameters.conditional.type = cudaGraphCondTypeWhile;
  parameters.conditional.size = 1;
  cudaGraphNode_t node = nullptr;
#if CUDART_VERSION >= 13000
  AGON_CUDA_CHECK(cudaGraphAddNode(&node, graph, after, nullptr, 1, &parameters));
#else
  AGON_CUDA_CHECK(cudaGraphAddNode(&node, graph, after, 1, &parameters));
#endif
  *after = node;
  return parameters.conditional.phGraph_out[0];
}

/// A condition that is false at every launch until a kernel sets it.
cudaGraphConditionalHandle new_condition(cudaGraph_t graph) {
  cudaGraphConditionalHandle condition{};
  AGON_CUDA_CHECK(cudaGraphConditionalHandleCreate(&condition, graph, 0, cudaGraphCondAssignDefault));
  return condition;
}

}  // namespace

struct StepGraph::Implementation {
  int index;
  cudaStream_t stream;
  OwnedGraph graph;

  Implementation(int the_index, QueueView queue)
      : index(the_index), stream(static_cast<cudaStream_t>(queue.stream)) {}
};

StepGraph::StepGraph(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
StepGraph::StepGraph(StepGraph&&) noexcept = default;
StepGraph& StepGraph::operator=(StepGraph&&) noexcept = default;
StepGraph::~StepGraph() = default;

/// Kernels of a graph may be set up early only where the driver takes such edges at this place: else without.
template <class Build>
std::unique_ptr<StepGraph::Implementation> StepGraph::build(int index, QueueView queue, const Build& build) {
  AGON_CUDA_CHECK(cudaSetDevice(index));
  const auto make = [&] {
    auto self = std::make_unique<Implementation>(index, queue);
    build(*self, queue);
    self->graph.instantiate();
    return self;
  };
  if (!queue.programmatic) return make();
  try {
    return make();
  } catch (const DeviceError&) {
    queue.programmatic = false;
  }
  auto without = make();
  count(counters.refused_edges);
  return without;
}

StepGraph StepGraph::straight(int index, QueueView queue, const Body& body, int steps) {
  return StepGraph(build(index, queue, [&](Implementation& self, QueueView on) {
    capture_into(self.graph.get(), self.stream, nullptr, [&] {
      for (int i = 0; i < steps; ++i) body(on);
    });
  }));
}

StepGraph StepGraph::repeating(int index, QueueView queue, const Body& body, int unroll,
                               const kernels::StepEnd& rows, const std::uint32_t* stop, std::uint64_t most,
                               kernels::LoopReport* report) {
  kernels::cuda::load_loop_condition();
  return StepGraph(build(index, queue, [&](Implementation& self, QueueView on) {
    const cudaGraph_t graph = self.graph.get();
    QueueView between = on;  // kernels before and behind a WHILE node, which no programmatic edge can touch
    between.programmatic = false;
    const auto repeat = [&](const kernels::cuda::LoopCondition& condition, cudaGraphNode_t* after) {
      capture_into(add_while(graph, condition.handle, after), self.stream, nullptr, [&] {
        for (int i = 0; i < condition.steps; ++i) body(on);
        kernels::cuda::loop_condition(on, condition);
      });
    };
    const auto condition_of = [&](int steps) -> kernels::cuda::LoopCondition {
      return {new_condition(graph), rows.state, stop,           steps,
              queue.replicas,       rows.ring,  rows.published, rows.ring_size};
    };
    const kernels::cuda::LoopCondition many = condition_of(unroll);
    const auto test = [&](const kernels::cuda::LoopCondition& condition, cudaGraphNode_t after) {
      return capture_one(graph, self.stream, after,
                         [&] { kernels::cuda::loop_condition(between, condition); });
    };
    cudaGraphNode_t last =
        capture_one(graph, self.stream, nullptr, [&] { kernels::cuda::loop_begin(between, many, most); });
    last = test(many, last);
    repeat(many, &last);
    if (unroll > 1) {
      const kernels::cuda::LoopCondition single = condition_of(1);
      last = test(single, last);
      repeat(single, &last);
    }
    capture_into(graph, self.stream, last, [&] { kernels::cuda::loop_report(between, rows.state, report); });
  }));
}

void report(int index, QueueView queue, kernels::StepState* state, kernels::LoopReport* report) {
  AGON_CUDA_CHECK(cudaSetDevice(index));
  kernels::cuda::loop_report(queue, state, report);
}

void StepGraph::launch() {
  AGON_CUDA_CHECK(cudaSetDevice(implementation_->index));
  implementation_->graph.launch(implementation_->stream);
}

}  // namespace agon::cuda
