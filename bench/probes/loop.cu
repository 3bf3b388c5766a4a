// What an iteration of a graph's WHILE node costs, and whether its body takes programmatic edges.
// Source: CUDA C++ Programming Guide, "Conditional graph nodes", "Programmatic dependent launch".
#include <algorithm>

#include "bench/probes/kernels.cuh"
#include "bench/probes/probe.hpp"

namespace agon::probes {
namespace {

/// So many that the loop outweighs its start, for a body of so many kernels.
int iterations_of(int kernels) { return std::max(50, 4000 / kernels); }

/// Counts *left down and goes on while any are.
__global__ void count_kernel(cudaGraphConditionalHandle condition, int* left) {
#if __CUDA_ARCH__ >= 900
  cudaGridDependencySynchronize();
#endif
  cudaGraphSetConditional(condition, --*left > 0 ? 1u : 0u);
}

/// Sets the count before the loop.
__global__ void start_kernel(int* left, int iterations) { *left = iterations; }

/// graph: start -> WHILE { empty kernels..., count }. `kernels` counts all in the body.
void build(Graph& graph, int* left, int kernels, bool programmatic) {
  cudaGraphConditionalHandle condition{};
  AGON_CUDA_CHECK(cudaGraphConditionalHandleCreate(&condition, graph.get(), 1, cudaGraphCondAssignDefault));
  int iterations = iterations_of(kernels);
  void* arguments[] = {&left, &iterations};
  cudaKernelNodeParams start{};
  start.func = reinterpret_cast<void*>(start_kernel);
  start.gridDim = dim3(1);
  start.blockDim = dim3(1);
  start.kernelParams = arguments;
  cudaGraphNode_t first = nullptr;
  AGON_CUDA_CHECK(cudaGraphAddKernelNode(&first, graph.get(), nullptr, 0, &start));
  cudaGraph_t body = nullptr;
  add_while(graph.get(), first, condition, &body);
  capture_into(body, [&] {
    for (int i = 0; i + 1 < kernels; ++i)
      launch({.programmatic = programmatic && i > 0}, programmatic ? programmatic_kernel : empty_kernel);
    launch({.threads = 1, .programmatic = programmatic && kernels > 1}, count_kernel, condition, left);
  });
  graph.instantiate();
}

/// Microseconds of an iteration.
Samples loop(int repeats, int kernels, bool programmatic) {
  need_capability(programmatic ? 9 : 7, "loops");
  const Memory left(sizeof(int));
  Graph graph;
  build(graph, left.as<int>(), kernels, programmatic);
  Samples samples = repeat(repeats, 1e6 / iterations_of(kernels), [&] { graph.launch(); });
  int rest = -1;
  AGON_CUDA_CHECK(cudaMemcpy(&rest, left.as<int>(), sizeof rest, cudaMemcpyDeviceToHost));
  if (rest != 0) throw DeviceError("the loop ended with " + std::to_string(rest) + " iterations left");
  samples.note = std::to_string(iterations_of(kernels)) + " iterations";
  return samples;
}

/// 1 where instantiation takes programmatic edges inside a WHILE body.
Samples accepts_programmatic_edges(int) {
  need_capability(9, "programmatic edges");
  const Memory left(sizeof(int));
  try {
    Graph graph;
    build(graph, left.as<int>(), 16, true);
  } catch (const DeviceError& error) {
    return {{0.0}, std::string("no: ") + error.what()};
  }
  return {{1.0}, "yes"};
}

}  // namespace

std::vector<Probe> loop_probes() {
  return {
      {"WHILE iteration, 1 kernel", "us", [](int n) { return loop(n, 1, false); }},
      {"WHILE iteration, 16 kernels", "us", [](int n) { return loop(n, 16, false); }},
      {"WHILE iteration, 256 kernels", "us", [](int n) { return loop(n, 256, false); }},
      {"programmatic edges in a WHILE body", "1 = accepted", accepts_programmatic_edges},
      {"WHILE iteration, 16 kernels, programmatic edges", "us", [](int n) { return loop(n, 16, true); }},
      {"WHILE iteration, 256 kernels, programmatic edges", "us", [](int n) { return loop(n, 256, true); }},
  };
}

}  // namespace agon::probes
