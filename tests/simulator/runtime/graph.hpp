// Graphs: work with its dependencies, to be repeated. Source: CUDA Runtime API, "Graph Management".
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "tests/simulator/runtime/stream.hpp"

/// A node belongs to the graph that holds it.
struct CUgraphNode_st {
  agon::simulator::Operation operation;
  std::vector<cudaGraphNode_t> after;
  // A conditional node:
  cudaGraphConditionalHandle condition = 0;
  cudaGraphConditionalNodeType condition_type = cudaGraphCondTypeIf;
  std::vector<std::unique_ptr<CUgraph_st>> bodies;
  std::vector<cudaGraph_t> body_handles;  ///< what cudaConditionalNodeParams::phGraph_out points to
};

namespace agon::simulator {

struct ConditionDefault {
  unsigned int value = 0;
  bool assigned_at_launch = false;
  bool has_node = false;
};

}  // namespace agon::simulator

struct CUgraph_st {
  CUgraph_st();
  CUgraph_st(const CUgraph_st&) = delete;
  CUgraph_st& operator=(const CUgraph_st&) = delete;
  ~CUgraph_st();
  std::vector<std::unique_ptr<CUgraphNode_st>> nodes;
  cudaGraph_t parent = nullptr;  ///< of a conditional node's body
  std::map<cudaGraphConditionalHandle, agon::simulator::ConditionDefault> conditions;
  agon::simulator::CallStack created_from;
};

namespace agon::simulator {

/// A new graph of the host's.
cudaGraph_t add_graph();
/// The graph of a handle, bodies of conditional nodes included; reports one that is none, and returns
/// nullptr.
cudaGraph_t graph_of(cudaGraph_t handle);
/// Whether the node lies in the graph, its conditional nodes' bodies not included.
bool owns_node(const CUgraph_st& graph, cudaGraphNode_t node);
cudaGraphNode_t add_node(CUgraph_st& graph, Operation operation, std::vector<cudaGraphNode_t> after);
}  // namespace agon::simulator
