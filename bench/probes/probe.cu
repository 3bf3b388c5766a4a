#include "bench/probes/probe.hpp"

namespace agon::probes {

cudaStream_t stream() {
  static const cudaStream_t made = [] {
    cudaStream_t one = nullptr;
    AGON_CUDA_CHECK(cudaStreamCreateWithFlags(&one, cudaStreamNonBlocking));
    return one;
  }();
  return made;
}

namespace {

struct Events {
  cudaEvent_t begin = nullptr, end = nullptr;
  Events() {
    AGON_CUDA_CHECK(cudaEventCreate(&begin));
    AGON_CUDA_CHECK(cudaEventCreate(&end));
  }
};

}  // namespace

double seconds(const std::function<void()>& work) {
  static const Events events;
  AGON_CUDA_CHECK(cudaEventRecord(events.begin, stream()));
  work();
  AGON_CUDA_CHECK(cudaEventRecord(events.end, stream()));
  AGON_CUDA_CHECK(cudaEventSynchronize(events.end));
  float milliseconds = 0;
  AGON_CUDA_CHECK(cudaEventElapsedTime(&milliseconds, events.begin, events.end));
  return 1e-3 * static_cast<double>(milliseconds);
}

Samples repeat(int repeats, double scale, const std::function<void()>& work) {
  for (int i = 0; i < 2; ++i) seconds(work);
  Samples samples;
  for (int i = 0; i < repeats; ++i) samples.values.push_back(seconds(work) * scale);
  return samples;
}

int attribute(cudaDeviceAttr which) {
  int value = 0;
  AGON_CUDA_CHECK(cudaDeviceGetAttribute(&value, which, 0));
  return value;
}

int multiprocessors() { return attribute(cudaDevAttrMultiProcessorCount); }

void need_capability(int major, const char* what) {
  const int have = attribute(cudaDevAttrComputeCapabilityMajor);
  if (have < major) {
    throw DeviceError(std::string(what) + " need compute capability " + std::to_string(major) +
                      ".0, this device has " + std::to_string(have));
  }
}

Configuration::Configuration(const Shape& shape) {
  config_.gridDim = dim3(static_cast<unsigned>(shape.blocks));
  config_.blockDim = dim3(static_cast<unsigned>(shape.threads));
  config_.dynamicSmemBytes = shape.shared;
  config_.stream = shape.on != nullptr ? shape.on : stream();
  config_.attrs = attributes_;
  unsigned count = 0;
  if (shape.cluster > 0) {
    attributes_[count].id = cudaLaunchAttributeClusterDimension;
    attributes_[count].val.clusterDim = {static_cast<unsigned>(shape.cluster), 1, 1};
    ++count;
  }
  if (shape.programmatic) {
    attributes_[count].id = cudaLaunchAttributeProgrammaticStreamSerialization;
    attributes_[count].val.programmaticStreamSerializationAllowed = 1;
    ++count;
  }
  if (shape.cooperative) {
    attributes_[count].id = cudaLaunchAttributeCooperative;
    attributes_[count].val.cooperative = 1;
    ++count;
  }
  config_.numAttrs = count;
}

Graph::~Graph() {
  if (executable_ != nullptr) static_cast<void>(cudaGraphExecDestroy(executable_));
  static_cast<void>(cudaGraphDestroy(graph_));
}

void Graph::instantiate() { AGON_CUDA_CHECK(cudaGraphInstantiate(&executable_, graph_, 0)); }

cudaGraphNode_t add_while(cudaGraph_t graph, cudaGraphNode_t after, cudaGraphConditionalHandle condition,
                          cudaGraph_t* body) {
  cudaGraphNodeParams parameters{};
  parameters.type = cudaGraphNodeTypeConditional;
  parameters.conditional.handle = condition;
  parameters.conditional.type = cudaGraphCondTypeWhile;
  parameters.conditional.size = 1;
  cudaGraphNode_t node = nullptr;
#if CUDART_VERSION >= 13000
  AGON_CUDA_CHECK(cudaGraphAddNode(&node, graph, &after, nullptr, 1, &parameters));
#else
  AGON_CUDA_CHECK(cudaGraphAddNode(&node, graph, &after, 1, &parameters));
#endif
  *body = parameters.conditional.phGraph_out[0];
  return node;
}

void capture_into(cudaGraph_t graph, const std::function<void()>& work) {
  AGON_CUDA_CHECK(
      cudaStreamBeginCaptureToGraph(stream(), graph, nullptr, nullptr, 0, cudaStreamCaptureModeThreadLocal));
  cudaGraph_t captured = nullptr;
  try {
    work();
  } catch (...) {
    static_cast<void>(cudaStreamEndCapture(stream(), &captured));
    static_cast<void>(cudaGetLastError());
    throw;
  }
  AGON_CUDA_CHECK(cudaStreamEndCapture(stream(), &captured));
}

}  // namespace agon::probes
