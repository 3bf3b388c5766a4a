// Whether the runtime tells the truth about the end of a graph whose WHILE node repeats. The truth is a word
// in pinned memory that the graph's last kernel writes. Source: CUDA C++ Programming Guide, "Conditional
// graph nodes"; CUDA Runtime API, "Stream Management".
#include <chrono>

#include "bench/probes/kernels.cuh"
#include "bench/probes/probe.hpp"

namespace agon::probes {
namespace {

constexpr int kIterations = 2000;
constexpr long long kCycles = 20000;  // of each: some 10 us, so the loop takes about 20 ms
constexpr double kPatience = 5;       // seconds for one launch

__global__ void begin_kernel(int* left) { *left = kIterations; }

__global__ void turn_kernel(cudaGraphConditionalHandle condition, int* left) {
  const long long start = clock64();
  while (clock64() - start < kCycles) {
  }
  cudaGraphSetConditional(condition, --*left > 0 ? 1u : 0u);
}

__global__ void end_kernel(volatile unsigned* ended) { *ended = *ended + 1; }

/// Pinned, zero at first.
class Word {
 public:
  Word() {
    AGON_CUDA_CHECK(cudaHostAlloc(reinterpret_cast<void**>(&data_), sizeof *data_, cudaHostAllocMapped));
    *data_ = 0;
  }
  Word(const Word&) = delete;
  Word& operator=(const Word&) = delete;
  ~Word() { static_cast<void>(cudaFreeHost(data_)); }

  unsigned* data() const { return data_; }
  unsigned read() const { return __atomic_load_n(data_, __ATOMIC_ACQUIRE); }

 private:
  unsigned* data_ = nullptr;
};

/// graph: begin -> WHILE { turn } -> end
void build(Graph& graph, int* left, const Word& word) {
  cudaGraphConditionalHandle condition{};
  AGON_CUDA_CHECK(cudaGraphConditionalHandleCreate(&condition, graph.get(), 1, cudaGraphCondAssignDefault));
  cudaKernelNodeParams kernel{};
  kernel.gridDim = dim3(1);
  kernel.blockDim = dim3(1);
  void* of_begin[] = {&left};
  kernel.func = reinterpret_cast<void*>(begin_kernel);
  kernel.kernelParams = of_begin;
  cudaGraphNode_t begin = nullptr, end = nullptr;
  AGON_CUDA_CHECK(cudaGraphAddKernelNode(&begin, graph.get(), nullptr, 0, &kernel));
  cudaGraph_t body = nullptr;
  const cudaGraphNode_t loop = add_while(graph.get(), begin, condition, &body);
  capture_into(body, [&] { launch({.threads = 1}, turn_kernel, condition, left); });
  unsigned* ended = word.data();
  void* of_end[] = {&ended};
  kernel.func = reinterpret_cast<void*>(end_kernel);
  kernel.kernelParams = of_end;
  AGON_CUDA_CHECK(cudaGraphAddKernelNode(&end, graph.get(), &loop, 1, &kernel));
  graph.instantiate();
}

/// Per cent of what `says_done()` says while the graph repeats that is wrong: done, and the word not written.
template <class Ask>
Samples wrong_answers(int repeats, const Ask& says_done) {
  need_capability(7, "loops");
  const Memory left(sizeof(int));
  const Word word;
  Graph graph;
  build(graph, left.as<int>(), word);
  cudaEvent_t behind = nullptr;
  AGON_CUDA_CHECK(cudaEventCreateWithFlags(&behind, cudaEventDisableTiming));
  Samples samples;
  long long asked = 0, lies = 0;
  for (int i = 0; i < repeats; ++i) {
    const unsigned before = word.read();
    graph.launch();
    AGON_CUDA_CHECK(cudaEventRecord(behind, stream()));
    const auto start = std::chrono::steady_clock::now();
    long long answers = 0, wrong = 0;
    while (word.read() == before) {
      ++answers;
      if (says_done(behind) && word.read() == before) ++wrong;
      if (std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() > kPatience)
        throw DeviceError("the graph's last kernel never wrote its word");
    }
    AGON_CUDA_CHECK(cudaStreamSynchronize(stream()));
    samples.values.push_back(answers == 0 ? 0.0 : 100.0 * static_cast<double>(wrong) / answers);
    asked += answers;
    lies += wrong;
  }
  static_cast<void>(cudaEventDestroy(behind));
  samples.note = std::to_string(lies) + " of " + std::to_string(asked) + " answers";
  return samples;
}

bool is_done(cudaError_t status) {
  if (status != cudaErrorNotReady) AGON_CUDA_CHECK(status);
  return status == cudaSuccess;
}

}  // namespace

std::vector<Probe> end_probes() {
  const auto stream_query = [](cudaEvent_t) { return is_done(cudaStreamQuery(stream())); };
  const auto event_query = [](cudaEvent_t behind) { return is_done(cudaEventQuery(behind)); };
  const auto synchronize = [](cudaEvent_t) { return is_done(cudaStreamSynchronize(stream())); };
  return {
      {"stream query during a WHILE node", "% wrong", [=](int n) { return wrong_answers(n, stream_query); }},
      {"event query during a WHILE node", "% wrong", [=](int n) { return wrong_answers(n, event_query); }},
      {"end of cudaStreamSynchronize before a WHILE node's", "% wrong",
       [=](int n) { return wrong_answers(n, synchronize); }},
  };
}

}  // namespace agon::probes
