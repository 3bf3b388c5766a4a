#include "tests/simulator/runtime/graph_program.hpp"

#include <unordered_map>

#include "tests/simulator/core/report.hpp"
#include "tests/simulator/core/thread.hpp"
#include "tests/simulator/runtime/order.hpp"

namespace agon::simulator {
namespace {

/// So often in a row may a WHILE node's body run without setting the condition. Kernels may set it only at
/// the end of the loop; ours set it every time.
constexpr int kPatience = 256;

struct Condition {
  unsigned int value = 0;
  bool was_set = false;
};
using Conditions = std::map<cudaGraphConditionalHandle, Condition>;

/// Of the graph that runs; null where none does.
Conditions* conditions = nullptr;

cudaError_t run_steps(const Program& program, const CallStack& launched_from);

cudaError_t run_while(const Step& step, const CallStack& launched_from) {
  Condition& condition = conditions->at(step.condition);
  int unset = 0;
  while (condition.value != 0) {
    condition.was_set = false;
    if (const cudaError_t status = run_steps(step.bodies[0], launched_from); status != cudaSuccess)
      return status;
    unset = condition.was_set ? 0 : unset + 1;
    if (unset < kPatience) continue;
    report_host(
        "endless loop", launched_from.text(),
        "a WHILE node's body ran " + std::to_string(kPatience) + " times without setting its condition");
    return cudaErrorLaunchTimeout;
  }
  return cudaSuccess;
}

cudaError_t run_conditional(const Step& step, const CallStack& launched_from) {
  if (step.condition_type == cudaGraphCondTypeWhile) return run_while(step, launched_from);
  const unsigned int value = conditions->at(step.condition).value;
  const std::size_t body =
      step.condition_type == cudaGraphCondTypeSwitch ? value : std::size_t{value == 0 ? 1u : 0u};
  return body < step.bodies.size() ? run_steps(step.bodies[body], launched_from) : cudaSuccess;
}

cudaError_t run_step(const Step& step, const CallStack& launched_from) {
  if (!step.bodies.empty()) return run_conditional(step, launched_from);
  return step.operation.run ? step.operation.run() : cudaSuccess;
}

cudaError_t run_steps(const Program& program, const CallStack& launched_from) {
  std::vector<std::size_t> waits_for;
  std::map<std::size_t, bool> ready;
  for (const Step& step : program.steps) {
    if (step.waits_for == 0) ready.emplace(waits_for.size(), true);
    waits_for.push_back(step.waits_for);
  }
  while (!ready.empty()) {
    const auto next = choose(ready);
    const Step& step = program.steps[next->first];
    ready.erase(next);
    if (const cudaError_t status = run_step(step, launched_from); status != cudaSuccess) return status;
    for (const std::size_t follower : step.followers)
      if (--waits_for[follower] == 0) ready.emplace(follower, true);
  }
  return cudaSuccess;
}

/// Source: CUDA C++ Programming Guide, "Conditional Node Body Graph Requirements": no host functions.
cudaError_t compile_steps(const CUgraph_st& graph, Program* program, Program* root) {
  root->conditions.insert(graph.conditions.begin(), graph.conditions.end());
  std::unordered_map<const CUgraphNode_st*, std::size_t> index;
  program->steps.reserve(graph.nodes.size());
  for (const auto& node : graph.nodes) {
    if (graph.parent != nullptr && node->operation.type == cudaGraphNodeTypeHost)
      return cudaErrorNotSupported;
    const std::size_t own = program->steps.size();
    index.emplace(node.get(), own);
    Step& step = program->steps.emplace_back(
        Step{node->operation, {}, node->after.size(), node->condition, node->condition_type, {}});
    for (const cudaGraphNode_t before : node->after)
      program->steps[index.at(before)].followers.push_back(own);
    for (const auto& body : node->bodies)
      if (const cudaError_t status = compile_steps(*body, &step.bodies.emplace_back(), root);
          status != cudaSuccess)
        return status;
  }
  return cudaSuccess;
}

}  // namespace

cudaError_t compile(const CUgraph_st& graph, Program* program) {
  return compile_steps(graph, program, program);
}

cudaError_t run(const Program& program, const CallStack& launched_from) {
  Conditions of_this_launch;
  for (const auto& [handle, condition] : program.conditions)
    of_this_launch[handle] = {condition.assigned_at_launch ? condition.value : 0u, false};
  Conditions* const around = std::exchange(conditions, &of_this_launch);
  const cudaError_t status = run_steps(program, launched_from);
  conditions = around;
  return status;
}

}  // namespace agon::simulator

using namespace agon::simulator;

void cudaGraphSetConditional(cudaGraphConditionalHandle handle, unsigned int value) {
  const auto found = conditions == nullptr ? Conditions::iterator() : conditions->find(handle);
  if (conditions != nullptr && found != conditions->end()) {
    found->second = {value, true};
    return;
  }
  const void* const caller = __builtin_return_address(0);
  const Inside inside;
  report("invalid handle", place_of(caller), "a condition of no graph that runs: it is set in vain",
         inside.self());
}
