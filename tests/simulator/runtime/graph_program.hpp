// An instantiated graph: a copy of its nodes in an order they can run in.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "tests/simulator/core/site.hpp"
#include "tests/simulator/runtime/graph.hpp"

namespace agon::simulator {

struct Step;

struct Program {
  std::vector<Step> steps;
  std::map<cudaGraphConditionalHandle, ConditionDefault> conditions;
};

struct Step {
  Operation operation;
  std::vector<std::size_t> followers;
  std::size_t waits_for = 0;  ///< how many others
  cudaGraphConditionalHandle condition = 0;
  cudaGraphConditionalNodeType condition_type = cudaGraphCondTypeIf;
  std::vector<Program> bodies;
};

/// Copies the graph. cudaErrorNotSupported where a conditional node's body holds what it must not.
cudaError_t compile(const CUgraph_st& graph, Program* program);

/// Runs the nodes, where there is a choice by options().order.
cudaError_t run(const Program& program, const CallStack& launched_from);

}  // namespace agon::simulator

struct CUgraphExec_st {
  std::shared_ptr<const agon::simulator::Program> program;
  agon::simulator::WorkPointer last;  ///< its latest launch: the next comes after it
  agon::simulator::CallStack created_from;
};
