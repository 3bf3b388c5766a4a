// Planted: what a host that captures steps must not do.
#include "tests/simulator/planted_bugs.hpp"
#include "tests/simulator/planted_launch.hpp"

namespace agon::simulator::planted {
namespace {

__global__ void add(float* to, float rate) { *to += rate; }
__global__ void count(unsigned* step) { ++*step; }
__global__ void condition(cudaGraphConditionalHandle handle, const unsigned* step, bool planted) {
  if (!planted) cudaGraphSetConditional(handle, *step < 4 ? 1u : 0u);
}

/// A stream that is gone at the end.
class Stream {
 public:
  Stream() { static_cast<void>(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking)); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { static_cast<void>(cudaStreamDestroy(stream_)); }
  cudaStream_t get() const { return stream_; }
  void wait() const { static_cast<void>(cudaStreamSynchronize(stream_)); }

 private:
  cudaStream_t stream_ = nullptr;
};

/// Runs what `work` enqueues directly first, then captured `turns` times in a row, as the Loop does.
template <class Work>
void run_captured(const Stream& stream, int turns, const Work& work) {
  work();
  stream.wait();
  static_cast<void>(cudaStreamBeginCapture(stream.get(), cudaStreamCaptureModeThreadLocal));
  for (int turn = 0; turn < turns; ++turn) work();
  cudaGraph_t graph = nullptr;
  if (cudaStreamEndCapture(stream.get(), &graph) != cudaSuccess) return;
  cudaGraphExec_t executable = nullptr;
  if (cudaGraphInstantiate(&executable, graph, 0) == cudaSuccess) {
    static_cast<void>(cudaGraphLaunch(executable, stream.get()));
    stream.wait();
    static_cast<void>(cudaGraphExecDestroy(executable));
  }
  static_cast<void>(cudaGraphDestroy(graph));
}

void freeze_a_scalar(bool planted) {
  const Memory<float> parameter("parameter", 2);
  const Memory<unsigned> step("step", 1);
  const Stream stream;
  float rate = 0.1f;
  run_captured(stream, 3, [&] {
    enqueue(stream.get(), count, step.get());
    enqueue(stream.get(), add, parameter.get(), rate);  // planted: host scalar frozen by capture
    enqueue(stream.get(), add, parameter.get() + 1, 1.0f);
    if (planted) rate *= 0.9f;
  });
}

void allocate_in_capture(bool planted) {
  const Memory<float> parameter("parameter", 1);
  const Stream stream;
  int turn = 0;
  run_captured(stream, 1, [&] {
    void* scratch = nullptr;
    if (planted && turn++ == 1)
      static_cast<void>(cudaMalloc(&scratch, 64));  // planted: allocation in capture
    enqueue(stream.get(), add, parameter.get(), 1.0f);
  });
}

void work_outside(bool planted) {
  const Memory<float> parameter("parameter", 2);
  const Stream stream, other;
  int turn = 0;
  run_captured(stream, 1, [&] {
    enqueue(stream.get(), add, parameter.get(), 1.0f);
    const Stream& second = planted && turn++ == 1 ? other : stream;
    enqueue(second.get(), add, parameter.get() + 1, 1.0f);  // planted: work outside the capture
  });
  other.wait();
}

/// A WHILE node that counts to 4.
void loop_without_end(bool planted) {
  const Memory<unsigned> step("step", 1);
  const Stream stream;
  cudaGraph_t graph = nullptr;
  static_cast<void>(cudaGraphCreate(&graph, 0));
  cudaGraphConditionalHandle handle{};
  static_cast<void>(cudaGraphConditionalHandleCreate(&handle, graph, 1, cudaGraphCondAssignDefault));
  cudaGraphNodeParams parameters{};
  parameters.type = cudaGraphNodeTypeConditional;
  parameters.conditional.handle = handle;
  parameters.conditional.type = cudaGraphCondTypeWhile;
  parameters.conditional.size = 1;
  cudaGraphNode_t node = nullptr;
  static_cast<void>(cudaGraphAddNode(&node, graph, nullptr, nullptr, 0, &parameters));
  cudaGraph_t body = parameters.conditional.phGraph_out[0];
  static_cast<void>(cudaStreamBeginCaptureToGraph(stream.get(), body, nullptr, nullptr, 0,
                                                  cudaStreamCaptureModeThreadLocal));
  enqueue(stream.get(), count, step.get());
  enqueue(stream.get(), condition, handle, step.get(), planted);
  static_cast<void>(cudaStreamEndCapture(stream.get(), &body));
  cudaGraphExec_t executable = nullptr;
  static_cast<void>(cudaGraphInstantiate(&executable, graph, 0));
  static_cast<void>(cudaGraphLaunch(executable, stream.get()));  // planted: loop whose condition nobody sets
  stream.wait();
  static_cast<void>(cudaGraphExecDestroy(executable));
  static_cast<void>(cudaGraphDestroy(graph));
}

constexpr Bug kBugs[] = {
    {"host scalar frozen by capture", "frozen argument", __FILE__, freeze_a_scalar},
    {"allocation in capture", "allocation in capture", __FILE__, allocate_in_capture},
    {"work outside the capture", "outside the capture", __FILE__, work_outside},
    {"loop whose condition nobody sets", "endless loop", __FILE__, loop_without_end},
};

}  // namespace

std::span<const Bug> host_bugs() { return kBugs; }

}  // namespace agon::simulator::planted
