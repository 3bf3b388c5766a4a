// Graphs of the simulated runtime. The oracle: CUDA C++ Programming Guide, "CUDA Graphs", "Conditional graph
// nodes"; CUDA Runtime API, "Graph Management".
#include "tests/simulator/runtime_kernels.hpp"

namespace agon::simulator::runtime_test {
namespace {

/// A graph, its executable when it is first launched, and a stream.
class Graph {
 public:
  Graph() { cudaGraphCreate(&graph_, 0); }
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  ~Graph() {
    if (executable_ != nullptr) cudaGraphExecDestroy(executable_);
    cudaGraphDestroy(graph_);
  }
  operator cudaGraph_t() const { return graph_; }
  const Stream& stream() const { return stream_; }

  cudaGraphConditionalHandle condition(unsigned int value, unsigned int flags = cudaGraphCondAssignDefault) {
    cudaGraphConditionalHandle handle{};
    EXPECT_EQ(cudaGraphConditionalHandleCreate(&handle, graph_, value, flags), cudaSuccess);
    return handle;
  }

  /// Adds a conditional node that comes after `after` to `where`; its bodies.
  cudaGraph_t* add(cudaGraph_t where, cudaGraphConditionalHandle handle, cudaGraphConditionalNodeType type,
                   unsigned int size = 1, cudaError_t expected = cudaSuccess) {
    cudaGraphNodeParams parameters{};
    parameters.type = cudaGraphNodeTypeConditional;
    parameters.conditional.handle = handle;
    parameters.conditional.type = type;
    parameters.conditional.size = size;
    cudaGraphNode_t node = nullptr;
    EXPECT_EQ(cudaGraphAddNode(&node, where, nullptr, nullptr, 0, &parameters), expected);
    return parameters.conditional.phGraph_out;
  }

  template <class Work>
  void capture(cudaGraph_t into, const Work& work) {
    constexpr auto kMode = cudaStreamCaptureModeThreadLocal;
    ASSERT_EQ(cudaStreamBeginCaptureToGraph(stream_, into, nullptr, nullptr, 0, kMode), cudaSuccess);
    work();
    cudaGraph_t same = nullptr;
    EXPECT_EQ(cudaStreamEndCapture(stream_, &same), cudaSuccess);
    EXPECT_EQ(same, into);
  }

  cudaError_t instantiate() { return cudaGraphInstantiate(&executable_, graph_); }
  cudaError_t launch() {
    const cudaError_t status = executable_ == nullptr ? instantiate() : cudaSuccess;
    return status != cudaSuccess ? status : cudaGraphLaunch(executable_, stream_);
  }
  cudaError_t run() {
    const cudaError_t status = launch();
    return status != cudaSuccess ? status : cudaStreamSynchronize(stream_);
  }

 private:
  cudaGraph_t graph_ = nullptr;
  cudaGraphExec_t executable_ = nullptr;
  Stream stream_;
};

TEST(SimulatedGraph, RunsAsOftenAsItIsLaunchedAndLater) {
  const On<Log> log;
  Graph graph;
  graph.capture(graph, [&] { append(graph.stream(), log.get(), 7); });
  graph.launch();
  graph.launch();
  EXPECT_EQ(log.now().count, 0);
  cudaStreamSynchronize(graph.stream());
  EXPECT_EQ(entries(log.now()), (std::vector{7, 7}));
}

TEST(SimulatedGraph, IsCopiedWhenItIsInstantiated) {
  const On<Log> log;
  Graph graph;
  graph.capture(graph, [&] { append(graph.stream(), log.get(), 1); });
  ASSERT_EQ(graph.instantiate(), cudaSuccess);
  graph.capture(graph, [&] { append(graph.stream(), log.get(), 2); });
  graph.run();
  EXPECT_EQ(entries(log.now()), (std::vector{1}));
}

TEST(SimulatedGraph, KeepsLaunchesOfOneExecutableInOrder) {
  const On<Log> log;
  const Stream other;
  cudaGraphExec_t executable = nullptr;
  {
    Graph graph;
    graph.capture(graph, [&] { append(graph.stream(), log.get(), 1); });
    cudaGraphInstantiate(&executable, graph);
    append(graph.stream(), log.get(), 0);
    cudaGraphLaunch(executable, graph.stream());
    cudaGraphLaunch(executable, other);
    EXPECT_EQ(cudaGraphExecDestroy(executable), cudaSuccess);  // what was launched is still done
  }
  cudaStreamSynchronize(other);
  EXPECT_EQ(entries(log.now()), (std::vector{0, 1, 1}));
}

TEST(SimulatedGraph, NodesDependOnThoseOfTheSameGraphOnly) {
  Graph first, second;
  cudaGraphNodeParams parameters{};
  parameters.type = cudaGraphNodeTypeEmpty;
  cudaGraphNode_t node = nullptr, after = nullptr;
  ASSERT_EQ(cudaGraphAddNode(&node, first, nullptr, nullptr, 0, &parameters), cudaSuccess);
  EXPECT_EQ(cudaGraphAddNode(&after, first, &node, nullptr, 1, &parameters), cudaSuccess);
  EXPECT_EQ(cudaGraphAddNode(&after, second, &node, nullptr, 1, &parameters), cudaErrorInvalidValue);
  parameters.type = cudaGraphNodeTypeMemcpy;
  EXPECT_EQ(cudaGraphAddNode(&after, first, nullptr, nullptr, 0, &parameters), cudaErrorNotSupported);
  cudaGetLastError();
}

TEST(SimulatedGraph, AChildIsCopiedIn) {
  const On<Log> log;
  Graph child, parent;
  child.capture(child, [&] { append(child.stream(), log.get(), 1); });
  cudaGraphNodeParams parameters{};
  parameters.type = cudaGraphNodeTypeGraph;
  parameters.graph.graph = child;
  cudaGraphNode_t node = nullptr;
  ASSERT_EQ(cudaGraphAddNode(&node, parent, nullptr, nullptr, 0, &parameters), cudaSuccess);
  parent.run();
  parent.run();
  EXPECT_EQ(log.now().count, 2);
}

TEST(SimulatedGraph, ALaunchIsCapturedAsAChild) {
  const On<Log> log;
  Graph child, parent;
  child.capture(child, [&] { append(child.stream(), log.get(), 1); });
  cudaGraphExec_t executable = nullptr;
  cudaGraphInstantiate(&executable, child);
  parent.capture(parent, [&] {
    cudaGraphLaunch(executable, parent.stream());
    append(parent.stream(), log.get(), 2);
  });
  cudaGraphExecDestroy(executable);
  parent.run();
  EXPECT_EQ(entries(log.now()), (std::vector{1, 2}));
}

TEST(SimulatedGraph, WhileRepeatsItsBodyAndStartsOverAtEachLaunch) {
  const On<Log> log;
  const On<int> counter;
  Graph graph;
  const auto handle = graph.condition(1);
  cudaGraph_t* const bodies = graph.add(graph, handle, cudaGraphCondTypeWhile);
  graph.capture(bodies[0], [&] {
    append(graph.stream(), log.get(), 1);
    count_below(graph.stream(), handle, counter.get(), 3);
  });
  ASSERT_EQ(graph.run(), cudaSuccess);
  EXPECT_EQ(counter.now(), 3);
  EXPECT_EQ(log.now().count, 3);
  ASSERT_EQ(graph.run(), cudaSuccess);  // the condition is true again: one more
  EXPECT_EQ(counter.now(), 4);
  EXPECT_EQ(cudaGraphDestroy(bodies[0]), cudaErrorInvalidValue);
  cudaGetLastError();
}

TEST(SimulatedGraph, WhileDoesNotBeginWhereItsConditionIsFalse) {
  const On<int> counter;
  Graph graph;
  const auto handle = graph.condition(0);
  cudaGraph_t* const bodies = graph.add(graph, handle, cudaGraphCondTypeWhile);
  graph.capture(bodies[0], [&] { count_below(graph.stream(), handle, counter.get(), 3); });
  ASSERT_EQ(graph.run(), cudaSuccess);
  EXPECT_EQ(counter.now(), 0);
}

TEST(SimulatedGraph, IfAndSwitchChoose) {
  const InOrder forward(Order::forward);
  for (const unsigned int value : {0u, 1u, 2u}) {
    const On<Log> log;
    Graph graph;
    const auto choice = graph.condition(value), selection = graph.condition(value);
    cudaGraph_t* const of_if = graph.add(graph, choice, cudaGraphCondTypeIf, 2);
    graph.capture(of_if[0], [&] { append(graph.stream(), log.get(), 10); });
    graph.capture(of_if[1], [&] { append(graph.stream(), log.get(), 11); });
    cudaGraph_t* const of_switch = graph.add(graph, selection, cudaGraphCondTypeSwitch, 2);
    graph.capture(of_switch[0], [&] { append(graph.stream(), log.get(), 20); });
    graph.capture(of_switch[1], [&] { append(graph.stream(), log.get(), 21); });
    ASSERT_EQ(graph.run(), cudaSuccess);
    const std::vector<int> expected[] = {{11, 20}, {10, 21}, {10}};
    EXPECT_EQ(entries(log.now()), expected[value]);
  }
}

TEST(SimulatedGraph, ConditionalNodesNest) {
  const On<Log> log;
  const On<int> counter;
  Graph graph;
  const auto outer = graph.condition(1), inner = graph.condition(1);
  cudaGraph_t* const loop = graph.add(graph, outer, cudaGraphCondTypeWhile);
  cudaGraph_t* const branch = graph.add(loop[0], inner, cudaGraphCondTypeIf);
  graph.capture(branch[0], [&] { append(graph.stream(), log.get(), 1); });
  graph.capture(loop[0], [&] { count_below(graph.stream(), outer, counter.get(), 3); });
  ASSERT_EQ(graph.run(), cudaSuccess);
  EXPECT_EQ(log.now().count, 3);
}

TEST(SimulatedGraph, AHandleIsOfOneGraphAndForOneNode) {
  Graph graph, other;
  const auto handle = graph.condition(1);
  graph.add(other, handle, cudaGraphCondTypeWhile, 1, cudaErrorInvalidValue);
  graph.add(graph, handle, cudaGraphCondTypeWhile, 2, cudaErrorInvalidValue);
  graph.add(graph, handle, cudaGraphCondTypeWhile);
  graph.add(graph, handle, cudaGraphCondTypeWhile, 1, cudaErrorInvalidValue);
  cudaGetLastError();
}

TEST(SimulatedGraph, ABodyHoldsNoHostFunction) {
  Graph graph;
  cudaGraph_t* const bodies = graph.add(graph, graph.condition(0), cudaGraphCondTypeIf);
  graph.capture(bodies[0], [&] {
    cudaLaunchHostFunc(
        graph.stream(), [](void*) {}, nullptr);
  });
  EXPECT_EQ(graph.instantiate(), cudaErrorNotSupported);
  cudaGetLastError();
}

TEST(SimulatedGraph, AFaultInsideEndsIt) {
  const On<Log> log;
  Graph graph;
  graph.capture(graph, [&] {
    hang(graph.stream());
    append(graph.stream(), log.get(), 1);
  });
  EXPECT_EQ(graph.run(), cudaErrorLaunchFailure);
  EXPECT_EQ(log.now().count, 0);
  kinds();
  recover();
}

}  // namespace
}  // namespace agon::simulator::runtime_test
