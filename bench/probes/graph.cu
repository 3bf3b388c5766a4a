// What a kernel costs as a node of a graph, behind ordinary and programmatic edges, in branches, and from the
// host.
#include <chrono>

#include "bench/probes/kernels.cuh"
#include "bench/probes/probe.hpp"

namespace agon::probes {
namespace {

constexpr int kNodes = 1024;
constexpr int kBranches = 8;
constexpr int kBranchLength = 16;
constexpr long long kBusyCycles = 3500;  // about 2 us

/// One thread that takes about kBusyCycles.
__global__ void busy_kernel(long long cycles) {
  const long long start = clock64();
  while (clock64() - start < cycles) {
  }
}

/// Microseconds of a node in a chain of kNodes.
Samples chain(int repeats, int blocks, int threads, bool programmatic) {
  if (programmatic) need_capability(9, "programmatic edges");
  Graph graph;
  capture_into(graph.get(), [&] {
    for (int i = 0; i < kNodes; ++i)
      launch({.blocks = blocks, .threads = threads, .programmatic = programmatic},
             programmatic ? programmatic_kernel : empty_kernel);
  });
  graph.instantiate();
  Samples samples = repeat(repeats, 1e6 / kNodes, [&] { graph.launch(); });
  samples.note = "chain of " + std::to_string(kNodes) + ", " + std::to_string(blocks) + " x " +
                 std::to_string(threads) + " threads";
  return samples;
}

/// Adds a kernel behind `after` (null: at the graph's start) and returns its node.
template <class Kernel>
cudaGraphNode_t add_kernel(cudaGraph_t graph, cudaGraphNode_t after, Kernel* kernel, void** arguments) {
  cudaKernelNodeParams parameters{};
  parameters.func = reinterpret_cast<void*>(kernel);
  parameters.gridDim = dim3(1);
  parameters.blockDim = dim3(32);
  parameters.kernelParams = arguments;
  cudaGraphNode_t node = nullptr;
  AGON_CUDA_CHECK(cudaGraphAddKernelNode(&node, graph, &after, after != nullptr ? 1 : 0, &parameters));
  return node;
}

/// Microseconds of a whole graph of `branches` independent chains of kBranchLength kernels.
Samples branches(int repeats, int branches, long long cycles) {
  Graph graph;
  void* arguments[] = {&cycles};
  const auto add = [&](cudaGraphNode_t after) {
    return cycles > 0 ? add_kernel(graph.get(), after, busy_kernel, arguments)
                      : add_kernel(graph.get(), after, empty_kernel, nullptr);
  };
  const cudaGraphNode_t root = add(nullptr);
  for (int branch = 0; branch < branches; ++branch) {
    cudaGraphNode_t last = root;
    for (int i = 0; i < kBranchLength; ++i) last = add(last);
  }
  graph.instantiate();
  Samples samples = repeat(repeats, 1e6, [&] { graph.launch(); });
  samples.note = "the whole graph, with one kernel before the branches";
  return samples;
}

/// Microseconds of the host's own clock for one of `count` calls, the device kept out of it.
template <class Call>
Samples host_cost(int repeats, int count, const Call& call) {
  Samples samples;
  for (int i = -2; i < repeats; ++i) {
    AGON_CUDA_CHECK(cudaStreamSynchronize(stream()));
    const auto begin = std::chrono::steady_clock::now();
    for (int k = 0; k < count; ++k) call();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    if (i >= 0) samples.values.push_back(1e6 * took.count() / count);
  }
  AGON_CUDA_CHECK(cudaStreamSynchronize(stream()));
  samples.note = "host clock, " + std::to_string(count) + " calls in a row";
  return samples;
}

Samples host_launch(int repeats) {
  return host_cost(repeats, 256, [] { launch({}, empty_kernel); });
}

Samples host_graph_launch(int repeats, int nodes) {
  Graph graph;
  capture_into(graph.get(), [&] {
    for (int i = 0; i < nodes; ++i) launch({}, empty_kernel);
  });
  graph.instantiate();
  return host_cost(repeats, 64, [&] { graph.launch(); });
}

Samples stream_launches(int repeats) {
  Samples samples = repeat(repeats, 1e6 / kNodes, [] {
    for (int i = 0; i < kNodes; ++i) launch({}, empty_kernel);
  });
  samples.note = "empty kernels launched one by one, the host's pace included";
  return samples;
}

Samples graph_launches(int repeats) {
  Graph graph;
  capture_into(graph.get(), [] { launch({}, empty_kernel); });
  graph.instantiate();
  constexpr int kLaunches = 64;
  Samples samples = repeat(repeats, 1e6 / kLaunches, [&] {
    for (int i = 0; i < kLaunches; ++i) graph.launch();
  });
  samples.note = "graphs of one kernel launched one by one, the host's pace included";
  return samples;
}

}  // namespace

std::vector<Probe> graph_probes() {
  const auto all = [] { return multiprocessors(); };
  return {
      {"graph node", "us", [](int n) { return chain(n, 1, 32, false); }},
      {"graph node, every multiprocessor", "us", [all](int n) { return chain(n, all(), 256, false); }},
      {"programmatic edge", "us", [](int n) { return chain(n, 1, 32, true); }},
      {"programmatic edge, every multiprocessor", "us", [all](int n) { return chain(n, all(), 256, true); }},
      {"1 branch of 16 empty kernels", "us", [](int n) { return branches(n, 1, 0); }},
      {"8 branches of 16 empty kernels", "us", [](int n) { return branches(n, kBranches, 0); }},
      {"1 branch of 16 kernels of 3500 cycles", "us", [](int n) { return branches(n, 1, kBusyCycles); }},
      {"8 branches of 16 kernels of 3500 cycles", "us",
       [](int n) { return branches(n, kBranches, kBusyCycles); }},
      {"host: kernel launch", "us", host_launch},
      {"host: launch of a graph of 1 kernel", "us", [](int n) { return host_graph_launch(n, 1); }},
      {"host: launch of a graph of 256 kernels", "us", [](int n) { return host_graph_launch(n, 256); }},
      {"kernel on a stream", "us", stream_launches},
      {"graph of one kernel on a stream", "us", graph_launches},
  };
}

}  // namespace agon::probes
