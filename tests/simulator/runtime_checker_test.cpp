// What the checker says of the host's use of streams, capture and graphs: each of its reports once, and
// silence where there is nothing to say.
#include "tests/simulator/needs_checker.hpp"
#include "tests/simulator/runtime_kernels.hpp"

namespace agon::simulator::runtime_test {
namespace {

constexpr auto kMode = cudaStreamCaptureModeThreadLocal;

/// Captures what `work` enqueues; the graph is thrown away.
template <class Work>
void capture(cudaStream_t stream, const Work& work) {
  ASSERT_EQ(cudaStreamBeginCapture(stream, kMode), cudaSuccess);
  work();
  cudaGraph_t graph = nullptr;
  if (cudaStreamEndCapture(stream, &graph) == cudaSuccess) cudaGraphDestroy(graph);
  cudaGetLastError();
}

TEST(SimulatedChecker, AllocationInCapture) {
  const Stream stream;
  void* pointer = nullptr;
  capture(stream, [&] { EXPECT_EQ(cudaMalloc(&pointer, 4), cudaErrorStreamCaptureUnsupported); });
  const std::vector<Report> reports = take_reports();
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].kind, "allocation in capture");
  EXPECT_EQ(reports[0].place.find("runtime_checker_test.cpp:"), 0u) << reports[0].place;
  ASSERT_EQ(cudaMalloc(&pointer, 4), cudaSuccess);
  capture(stream, [&] { EXPECT_EQ(cudaFree(pointer), cudaErrorStreamCaptureUnsupported); });
  EXPECT_EQ(kinds(), Kinds{"allocation in capture"});
  cudaFree(pointer);
  EXPECT_EQ(kinds(), Kinds{});
}

TEST(SimulatedChecker, AllocationInARelaxedCaptureToo) {
  const Stream stream;
  void* pointer = nullptr;
  cudaStreamBeginCapture(stream, cudaStreamCaptureModeRelaxed);
  EXPECT_EQ(cudaMalloc(&pointer, 4), cudaSuccess);
  EXPECT_EQ(kinds(), Kinds{"allocation in capture"});
  cudaGraph_t graph = nullptr;
  EXPECT_EQ(cudaStreamEndCapture(stream, &graph), cudaSuccess);
  cudaGraphDestroy(graph);
  cudaFree(pointer);
}

TEST(SimulatedChecker, CopiesOfUnwrittenBytesAreUnwritten) {
  AGON_SKIP_WITHOUT_CHECKER();
  const On<float> to;
  void* from = nullptr;
  cudaMalloc(&from, sizeof(float));
  for (const bool planted : {true, false}) {
    if (!planted) cudaMemset(from, 0, sizeof(float));
    cudaMemcpy(to.get(), from, sizeof(float), cudaMemcpyDeviceToDevice);
    add(nullptr, to.get(), 1.0f);
    cudaDeviceSynchronize();
    EXPECT_EQ(kinds().size(), planted ? 1u : 0u);
  }
  cudaFree(from);
}

TEST(SimulatedChecker, WorkOutsideTheCapture) {
  const On<Log> log;
  const Stream stream, other;
  capture(stream, [&] { EXPECT_EQ(append(other, log.get(), 1), cudaSuccess); });
  EXPECT_EQ(kinds(), Kinds{"outside the capture"});
  append(other, log.get(), 1);
  cudaDeviceSynchronize();
}

/// A WHILE node whose body is what `work` enqueues: what its launch comes to.
template <class Work>
cudaError_t loop(const Work& work) {
  const Stream stream;
  cudaGraph_t graph = nullptr, body = nullptr;
  cudaGraphCreate(&graph, 0);
  cudaGraphConditionalHandle handle{};
  cudaGraphConditionalHandleCreate(&handle, graph, 1, cudaGraphCondAssignDefault);
  cudaGraphNodeParams parameters{};
  parameters.type = cudaGraphNodeTypeConditional;
  parameters.conditional = {handle, cudaGraphCondTypeWhile, 1, nullptr};
  cudaGraphNode_t node = nullptr;
  cudaGraphAddNode(&node, graph, nullptr, nullptr, 0, &parameters);
  cudaStreamBeginCaptureToGraph(stream, parameters.conditional.phGraph_out[0], nullptr, nullptr, 0, kMode);
  work(stream, handle);
  cudaStreamEndCapture(stream, &body);
  cudaGraphExec_t executable = nullptr;
  EXPECT_EQ(cudaGraphInstantiate(&executable, graph), cudaSuccess);
  cudaGraphLaunch(executable, stream);
  const cudaError_t status = cudaStreamSynchronize(stream);
  recover();
  cudaGraphExecDestroy(executable);
  cudaGraphDestroy(graph);
  return status;
}

TEST(SimulatedChecker, EndlessLoop) {
  const On<int> counter, again, once;
  EXPECT_EQ(loop([](cudaStream_t stream, auto) {
              nothing({{}, {}, 0, stream, nullptr, 0});
            }),
            cudaErrorLaunchTimeout);
  EXPECT_EQ(kinds(), Kinds{"endless loop"});
  EXPECT_EQ(loop([&](cudaStream_t stream, auto handle) { set_once(stream, handle, once.get(), 1, 1); }),
            cudaErrorLaunchTimeout);
  EXPECT_EQ(kinds(), Kinds{"endless loop"});
  EXPECT_EQ(loop([&](cudaStream_t stream, auto handle) { set_once(stream, handle, again.get(), 100, 0); }),
            cudaSuccess);
  EXPECT_EQ(loop([&](cudaStream_t stream, auto handle) { count_below(stream, handle, counter.get(), 1000); }),
            cudaSuccess);
  EXPECT_EQ(counter.now(), 1000);
  EXPECT_EQ(kinds(), Kinds{});
}

/// A step of two launches, `turns` of them; `rate` is what the host changes from turn to turn.
class Frozen : public ::testing::Test {
 protected:
  void steps(int turns, bool planted) {
    for (int turn = 0; turn < turns; ++turn) {
      append(stream_, log_.get(), 1);
      add(stream_, parameter_.get(), rate_);
      if (planted) rate_ *= 0.5f;
    }
  }
  void expect_frozen(const char* words) {
    const std::vector<Report> reports = take_reports();
    ASSERT_EQ(reports.size(), 1u);
    EXPECT_EQ(reports[0].kind, "frozen argument");
    EXPECT_NE(reports[0].what.find(words), std::string::npos) << reports[0].text();
  }

  const On<Log> log_;
  const On<float> parameter_;
  const On<int> counter_;
  const Stream stream_;
  float rate_ = 1.0f;
};

TEST_F(Frozen, BesideTheStepThatRanDirectly) {
  steps(1, true);
  cudaStreamSynchronize(stream_);
  capture(stream_, [&] { steps(1, true); });
  expect_frozen(
      "parameter 1 of runtime_test::add_kernel was 0x3f800000 (1065353216, 1) in the step before and is "
      "0x3f000000 (1056964608, 0.5)");
}

TEST_F(Frozen, BesideTheOtherTurnsAndTheirCondition) {
  steps(1, false);
  cudaStreamSynchronize(stream_);
  capture(stream_, [&] {
    steps(2, false);
    steps(1, true);
    steps(1, false);
    nothing({{}, {}, 0, stream_, nullptr, 0});
  });
  expect_frozen("parameter 1 of runtime_test::add_kernel");
}

TEST_F(Frozen, BesideAnEarlierCapture) {
  capture(stream_, [&] { steps(3, false); });
  rate_ = 2.0f;
  capture(stream_, [&] { steps(1, false); });
  expect_frozen("parameter 1 of runtime_test::add_kernel");
}

TEST_F(Frozen, ClearsTheClean) {
  steps(1, false);
  cudaStreamSynchronize(stream_);
  capture(stream_, [&] {
    steps(4, false);
    nothing({{}, {}, 0, stream_, nullptr, 0});
  });
  capture(stream_, [&] { steps(1, false); });
  EXPECT_EQ(kinds(), Kinds{});
}

TEST_F(Frozen, LeavesAnotherStepAlone) {
  steps(1, false);
  cudaStreamSynchronize(stream_);
  rate_ = 2.0f;
  steps(1, false);  // the last one run directly is what counts
  nothing({{}, {}, 0, stream_, nullptr, 0});
  cudaStreamSynchronize(stream_);
  capture(stream_, [&] {
    add(stream_, parameter_.get(), 5.0f);
    append(stream_, log_.get(), 6);
  });
  EXPECT_EQ(kinds(), Kinds{});
}

TEST_F(Frozen, ThinksNothingOfPadding) {
  const auto step = [&](int rubbish) {
    alignas(Padded) unsigned char bytes[sizeof(Padded)];
    __builtin_memset(bytes, rubbish, sizeof bytes);
    Padded& argument = *reinterpret_cast<Padded*>(bytes);
    argument.value = 1;
    argument.target = parameter_.get();
    argument.end = 2;
    add_padded(stream_, argument);
  };
  step(0x11);
  cudaStreamSynchronize(stream_);
  capture(stream_, [&] { step(0x22); });
  EXPECT_EQ(kinds(), Kinds{});
}

}  // namespace
}  // namespace agon::simulator::runtime_test
