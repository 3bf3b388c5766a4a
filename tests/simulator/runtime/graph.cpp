// Building graphs. Source: CUDA Runtime API, "Graph Management"; CUDA C++ Programming Guide, "Conditional
// graph nodes".
#include "tests/simulator/runtime/graph.hpp"

#include <algorithm>
#include <set>

#include "tests/simulator/runtime/capture.hpp"
#include "tests/simulator/runtime/errors.hpp"
#include "tests/simulator/runtime/graph_program.hpp"
#include "tests/simulator/runtime/handles.hpp"

namespace {

/// All there are, bodies of conditional nodes included.
std::set<cudaGraph_t>& every_graph() {
  static auto& all = *new std::set<cudaGraph_t>;
  return all;
}

}  // namespace

CUgraph_st::CUgraph_st() { every_graph().insert(this); }
CUgraph_st::~CUgraph_st() { every_graph().erase(this); }

namespace agon::simulator {

Handles<CUgraph_st>& graphs() {
  static auto& all = *new Handles<CUgraph_st>;
  return all;
}

cudaGraph_t add_graph() {
  auto graph = std::make_unique<CUgraph_st>();
  graph->created_from = CallStack::here();
  return graphs().add(std::move(graph));
}

cudaGraph_t graph_of(cudaGraph_t handle) {
  if (every_graph().contains(handle)) return handle;
  report_handle("a graph");
  return nullptr;
}

bool owns_node(const CUgraph_st& graph, cudaGraphNode_t node) {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(),
                     [&](const auto& own) { return own.get() == node; });
}

cudaGraphNode_t add_node(CUgraph_st& graph, Operation operation, std::vector<cudaGraphNode_t> after) {
  auto node = std::make_unique<CUgraphNode_st>();
  node->operation = std::move(operation);
  node->after = std::move(after);
  graph.nodes.push_back(std::move(node));
  return graph.nodes.back().get();
}

namespace {

/// The condition that a node of `graph` may use: the graph's own, or one of those around it.
ConditionDefault* condition_of(CUgraph_st& graph, cudaGraphConditionalHandle handle) {
  for (cudaGraph_t around = &graph; around != nullptr; around = around->parent)
    if (const auto found = around->conditions.find(handle); found != around->conditions.end())
      return &found->second;
  return nullptr;
}

bool is_valid(const cudaConditionalNodeParams& parameters) {
  switch (parameters.type) {
    case cudaGraphCondTypeIf:
      return parameters.size == 1 || parameters.size == 2;
    case cudaGraphCondTypeWhile:
      return parameters.size == 1;
    case cudaGraphCondTypeSwitch:
      return parameters.size >= 1;
  }
  return false;
}

cudaError_t add_conditional(cudaGraphNode_t* node, CUgraph_st& graph, std::vector<cudaGraphNode_t> after,
                            cudaConditionalNodeParams& parameters) {
  ConditionDefault* const condition = condition_of(graph, parameters.handle);
  if (condition == nullptr || condition->has_node || !is_valid(parameters)) return cudaErrorInvalidValue;
  condition->has_node = true;
  *node = add_node(graph, {cudaGraphNodeTypeConditional, {}}, std::move(after));
  (*node)->condition = parameters.handle;
  (*node)->condition_type = parameters.type;
  for (unsigned int i = 0; i < parameters.size; ++i) {
    auto body = std::make_unique<CUgraph_st>();
    body->parent = &graph;
    (*node)->body_handles.push_back(body.get());
    (*node)->bodies.push_back(std::move(body));
  }
  parameters.phGraph_out = (*node)->body_handles.data();
  return cudaSuccess;
}

cudaError_t add_child(cudaGraphNode_t* node, CUgraph_st& graph, std::vector<cudaGraphNode_t> after,
                      cudaGraph_t child) {
  if (graph_of(child) == nullptr) return cudaErrorInvalidValue;
  auto program = std::make_shared<Program>();
  if (const cudaError_t status = compile(*child, program.get()); status != cudaSuccess) return status;
  if (!program->conditions.empty()) return cudaErrorNotSupported;
  *node =
      add_node(graph, {cudaGraphNodeTypeGraph, [program] { return run(*program, {}); }}, std::move(after));
  return cudaSuccess;
}

cudaError_t add(cudaGraphNode_t* node, CUgraph_st& graph, std::vector<cudaGraphNode_t> after,
                cudaGraphNodeParams& parameters) {
  switch (parameters.type) {
    case cudaGraphNodeTypeEmpty:
      *node = add_node(graph, {}, std::move(after));
      return cudaSuccess;
    case cudaGraphNodeTypeGraph:
      return add_child(node, graph, std::move(after), parameters.graph.graph);
    case cudaGraphNodeTypeConditional:
      return add_conditional(node, graph, std::move(after), parameters.conditional);
    default:
      return cudaErrorNotSupported;
  }
}

void end_captures_into(cudaGraph_t graph) {
  for (const CapturePointer& capture : captures())
    for (cudaGraph_t around = capture->graph; around != nullptr; around = around->parent)
      if (around == graph) {
        capture->invalidated = true;
        capture->graph = nullptr;
        break;
      }
}

cudaError_t destroy(cudaGraph_t graph) {
  if (graph_of(graph) == nullptr || graph->parent != nullptr) return cudaErrorInvalidValue;
  end_captures_into(graph);
  graphs().take(graph);
  return cudaSuccess;
}

template <class Body>
cudaError_t on_graph(cudaGraph_t handle, const Body& body) noexcept {
  return api([&] {
    CUgraph_st* const graph = graph_of(handle);
    return graph == nullptr ? cudaErrorInvalidValue : body(*graph);
  });
}

}  // namespace
}  // namespace agon::simulator

using namespace agon::simulator;

cudaError_t cudaGraphCreate(cudaGraph_t* graph, unsigned int flags) {
  return api([&] {
    if (graph == nullptr || flags != 0) return cudaErrorInvalidValue;
    *graph = add_graph();
    return cudaSuccess;
  });
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  return api([&] { return destroy(graph); }, AfterFault::release);
}

cudaError_t cudaGraphAddNode(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* dependencies,
                             const cudaGraphEdgeData*, std::size_t count, cudaGraphNodeParams* parameters) {
  return on_graph(graph, [&](CUgraph_st& self) {
    if (node == nullptr || parameters == nullptr || (count > 0 && dependencies == nullptr))
      return cudaErrorInvalidValue;
    std::vector<cudaGraphNode_t> after(dependencies, dependencies + count);
    for (const cudaGraphNode_t before : after)
      if (!owns_node(self, before)) return cudaErrorInvalidValue;
    return add(node, self, std::move(after), *parameters);
  });
}

cudaError_t cudaGraphConditionalHandleCreate(cudaGraphConditionalHandle* handle, cudaGraph_t graph,
                                             unsigned int default_value, unsigned int flags) {
  return on_graph(graph, [&](CUgraph_st& self) {
    if (handle == nullptr || (flags & ~cudaGraphCondAssignDefault) != 0) return cudaErrorInvalidValue;
    static cudaGraphConditionalHandle last = 0;
    *handle = ++last;
    self.conditions[*handle] = {default_value, flags == cudaGraphCondAssignDefault, false};
    return cudaSuccess;
  });
}

cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t* nodes, std::size_t* count) {
  return on_graph(graph, [&](CUgraph_st& self) {
    if (count == nullptr) return cudaErrorInvalidValue;
    if (nodes != nullptr)
      for (std::size_t i = 0; i < *count; ++i)
        nodes[i] = i < self.nodes.size() ? self.nodes[i].get() : nullptr;
    *count = nodes == nullptr ? self.nodes.size() : std::min(*count, self.nodes.size());
    return cudaSuccess;
  });
}

cudaError_t cudaGraphNodeGetType(cudaGraphNode_t node, cudaGraphNodeType* type) {
  return api([&] {
    const auto& all = every_graph();
    const bool known =
        std::any_of(all.begin(), all.end(), [&](cudaGraph_t one) { return owns_node(*one, node); });
    if (!known || type == nullptr) return cudaErrorInvalidValue;
    *type = node->operation.type;
    return cudaSuccess;
  });
}
