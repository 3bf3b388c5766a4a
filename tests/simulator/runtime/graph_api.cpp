// Instantiated graphs. Source: CUDA Runtime API, "Graph Management".
#include "tests/simulator/runtime/capture.hpp"
#include "tests/simulator/runtime/errors.hpp"
#include "tests/simulator/runtime/graph_program.hpp"
#include "tests/simulator/runtime/handles.hpp"

namespace agon::simulator {

Handles<CUgraphExec_st>& executables() {
  static auto& all = *new Handles<CUgraphExec_st>;
  return all;
}

namespace {

// Flags of cudaGraphInstantiate that change nothing here: free at launch, upload, nodes' priorities.
constexpr unsigned long long kHarmless = 1 | 2 | 8;

bool is_executable(cudaGraphExec_t handle) {
  if (executables().has(handle)) return true;
  report_handle("an instantiated graph");
  return false;
}

cudaError_t instantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long flags) {
  if (executable == nullptr || (flags & ~kHarmless) != 0) return cudaErrorInvalidValue;
  if (graph_of(graph) == nullptr || graph->parent != nullptr) return cudaErrorInvalidValue;
  auto program = std::make_shared<Program>();
  if (const cudaError_t status = compile(*graph, program.get()); status != cudaSuccess) return status;
  *executable = executables().add(
      std::make_unique<CUgraphExec_st>(CUgraphExec_st{program, nullptr, CallStack::here()}));
  return cudaSuccess;
}

cudaError_t launch_graph(CUgraphExec_st& executable, CUstream_st& stream) {
  const auto program = executable.program;
  if (stream.capture != nullptr && !program->conditions.empty()) {
    stream.capture->invalidated = true;
    return cudaErrorNotSupported;
  }
  const bool captured = stream.capture != nullptr;
  if (!captured && !is_done(executable.last)) stream.waits.push_back(executable.last);
  const auto run_it = [program, from = CallStack::here()] { return run(*program, from); };
  const cudaError_t status = submit(stream, {cudaGraphNodeTypeGraph, run_it});
  if (status == cudaSuccess && !captured) executable.last = stream.last;
  return status;
}

}  // namespace
}  // namespace agon::simulator

using namespace agon::simulator;

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long flags) {
  return api([&] { return instantiate(executable, graph, flags); });
}

cudaError_t cudaGraphUpload(cudaGraphExec_t executable, cudaStream_t stream) {
  return api([&] {
    if (stream_of(stream) == nullptr) return cudaErrorInvalidResourceHandle;
    return is_executable(executable) ? cudaSuccess : cudaErrorInvalidValue;
  });
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  return api([&] {
    CUstream_st* const into = stream_of(stream);
    if (into == nullptr) return cudaErrorInvalidResourceHandle;
    return is_executable(executable) ? launch_graph(*executable, *into) : cudaErrorInvalidValue;
  });
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  return api(
      [&] {
        if (!is_executable(executable)) return cudaErrorInvalidValue;
        executables().take(executable);
        return cudaSuccess;
      },
      AfterFault::release);
}
