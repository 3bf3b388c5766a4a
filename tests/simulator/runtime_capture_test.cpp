// Capture in the simulated runtime. The oracle: CUDA C++ Programming Guide, "Creating a Graph Using Stream
// Capture"
// ("Cross-stream Dependencies and Events", "Prohibited and Unhandled Operations", "Invalidation"); CUDA
// Runtime API, cudaStreamBeginCapture and those after it.
#include <thread>

#include "tests/simulator/runtime_kernels.hpp"

namespace agon::simulator::runtime_test {
namespace {

constexpr auto kGlobal = cudaStreamCaptureModeGlobal, kThreadLocal = cudaStreamCaptureModeThreadLocal,
               kRelaxed = cudaStreamCaptureModeRelaxed;

/// Ends the capture, which must give `expected`, and its graph.
void end(cudaStream_t stream, cudaError_t expected) {
  cudaGraph_t graph = nullptr;
  EXPECT_EQ(cudaStreamEndCapture(stream, &graph), expected);
  EXPECT_EQ(graph == nullptr, expected != cudaSuccess);
  if (graph != nullptr) cudaGraphDestroy(graph);
  cudaGetLastError();
}

TEST(SimulatedCapture, CollectsInsteadOfRunning) {
  const On<Log> log;
  const Stream stream;
  ASSERT_EQ(cudaStreamBeginCapture(stream, kThreadLocal), cudaSuccess);
  cudaStreamCaptureStatus status{};
  EXPECT_EQ(cudaStreamIsCapturing(stream, &status), cudaSuccess);
  EXPECT_EQ(status, cudaStreamCaptureStatusActive);
  append(stream, log.get(), 1);
  cudaMemsetAsync(&log.get()->entry[3], 0, 4, stream);
  cudaGraph_t graph = nullptr;
  ASSERT_EQ(cudaStreamEndCapture(stream, &graph), cudaSuccess);
  cudaDeviceSynchronize();
  EXPECT_EQ(log.now().count, 0);
  std::size_t count = 0;
  EXPECT_EQ(cudaGraphGetNodes(graph, nullptr, &count), cudaSuccess);
  ASSERT_EQ(count, 2u);
  cudaGraphNode_t nodes[2] = {};
  cudaGraphGetNodes(graph, nodes, &count);
  cudaGraphNodeType type{};
  cudaGraphNodeGetType(nodes[0], &type);
  EXPECT_EQ(type, cudaGraphNodeTypeKernel);
  cudaGraphNodeGetType(nodes[1], &type);
  EXPECT_EQ(type, cudaGraphNodeTypeMemset);
  cudaGraphDestroy(graph);
  cudaStreamIsCapturing(stream, &status);
  EXPECT_EQ(status, cudaStreamCaptureStatusNone);
}

TEST(SimulatedCapture, BeginsAndEndsOnceInItsStream) {
  const Stream stream, other;
  cudaGraph_t graph = nullptr;
  EXPECT_EQ(cudaStreamEndCapture(stream, &graph), cudaErrorIllegalState);
  EXPECT_EQ(cudaStreamBeginCapture(nullptr, kGlobal), cudaErrorStreamCaptureUnsupported);
  cudaStreamBeginCapture(stream, kThreadLocal);
  EXPECT_EQ(cudaStreamBeginCapture(stream, kThreadLocal), cudaErrorIllegalState);
  std::thread([&] {
    EXPECT_EQ(cudaStreamEndCapture(stream, &graph), cudaErrorStreamCaptureWrongThread);
  }).join();
  end(stream, cudaSuccess);
}

TEST(SimulatedCapture, ForksAndJoinsThroughEvents) {
  for (const Order order : {Order::forward, Order::reverse}) {
    const On<Log> log;
    const Stream stream, branch;
    const Event fork, join;
    cudaStreamBeginCapture(stream, kThreadLocal);
    append(stream, log.get(), 1);
    cudaEventRecord(fork, stream);
    EXPECT_EQ(cudaStreamWaitEvent(branch, fork), cudaSuccess);
    append(branch, log.get(), 2);
    append(stream, log.get(), 3);
    cudaEventRecord(join, branch);
    EXPECT_EQ(cudaStreamWaitEvent(stream, join), cudaSuccess);
    append(stream, log.get(), 4);
    cudaGraph_t graph = nullptr;
    ASSERT_EQ(cudaStreamEndCapture(stream, &graph), cudaSuccess);
    cudaGraphExec_t executable = nullptr;
    ASSERT_EQ(cudaGraphInstantiate(&executable, graph), cudaSuccess);
    const InOrder in_order(order);
    cudaGraphLaunch(executable, stream);
    cudaStreamSynchronize(stream);
    EXPECT_EQ(entries(log.now()),
              order == Order::forward ? (std::vector{1, 2, 3, 4}) : (std::vector{1, 3, 2, 4}));
    cudaGraphExecDestroy(executable);
    cudaGraphDestroy(graph);
    append(branch, log.get(), 5);  // no longer part of it
    cudaStreamSynchronize(branch);
    EXPECT_EQ(log.now().count, 5);
  }
}

TEST(SimulatedCapture, AForkMustBeJoined) {
  const On<Log> log;
  const Stream stream, branch;
  const Event fork;
  cudaStreamBeginCapture(stream, kThreadLocal);
  cudaEventRecord(fork, stream);
  cudaStreamWaitEvent(branch, fork);
  append(branch, log.get(), 2);
  end(stream, cudaErrorStreamCaptureUnjoined);
  EXPECT_EQ(cudaStreamSynchronize(branch), cudaSuccess);
}

TEST(SimulatedCapture, EndsWhereItBegan) {
  const Stream stream, branch;
  const Event fork;
  cudaStreamBeginCapture(stream, kThreadLocal);
  cudaEventRecord(fork, stream);
  cudaStreamWaitEvent(branch, fork);
  end(branch, cudaErrorStreamCaptureUnmatched);
  end(stream, cudaErrorStreamCaptureInvalidated);
}

TEST(SimulatedCapture, TwoDoNotMerge) {
  const Stream first, second;
  const Event event;
  cudaStreamBeginCapture(first, kThreadLocal);
  cudaStreamBeginCapture(second, kThreadLocal);
  cudaEventRecord(event, first);
  EXPECT_EQ(cudaStreamWaitEvent(second, event), cudaErrorStreamCaptureMerge);
  end(first, cudaErrorStreamCaptureInvalidated);
  end(second, cudaErrorStreamCaptureInvalidated);
}

TEST(SimulatedCapture, DoesNotDependOnWorkOutside) {
  const Stream stream;
  const Event before, inside;
  cudaEventRecord(before, stream);
  cudaStreamBeginCapture(stream, kThreadLocal);
  EXPECT_EQ(cudaStreamWaitEvent(stream, before), cudaErrorStreamCaptureIsolation);
  end(stream, cudaErrorStreamCaptureInvalidated);
  cudaStreamBeginCapture(stream, kThreadLocal);
  cudaEventRecord(inside, stream);
  end(stream, cudaSuccess);
  EXPECT_EQ(cudaStreamWaitEvent(stream, inside), cudaErrorCapturedEvent);
  EXPECT_EQ(cudaEventSynchronize(inside), cudaErrorCapturedEvent);
  cudaGetLastError();
}

TEST(SimulatedCapture, ForbidsWhatItCannotHold) {
  const On<int> device;
  const Stream stream;
  const Event event;
  int host = 0;
  const auto refused = [&](cudaError_t expected, const auto& call) {
    ASSERT_EQ(cudaStreamBeginCapture(stream, kThreadLocal), cudaSuccess);
    cudaEventRecord(event, stream);
    EXPECT_EQ(call(), expected);
    cudaStreamCaptureStatus status{};
    cudaStreamIsCapturing(stream, &status);
    EXPECT_EQ(status, cudaStreamCaptureStatusInvalidated);
    EXPECT_EQ(add(stream, nullptr, 1.0f), cudaErrorStreamCaptureInvalidated);
    end(stream, cudaErrorStreamCaptureInvalidated);
  };
  constexpr cudaError_t kUnsupported = cudaErrorStreamCaptureUnsupported;
  refused(kUnsupported, [&] { return cudaStreamSynchronize(stream); });
  refused(kUnsupported, [&] { return cudaStreamQuery(stream); });
  refused(kUnsupported, [&] { return cudaDeviceSynchronize(); });
  refused(kUnsupported, [&] { return cudaMemcpy(&host, device.get(), 4, cudaMemcpyDefault); });
  refused(kUnsupported, [&] { return cudaMemcpyAsync(device.get(), &host, 4, cudaMemcpyDefault, stream); });
  refused(cudaErrorCapturedEvent, [&] { return cudaEventQuery(event); });
  EXPECT_EQ(kinds(), Kinds{});
}

TEST(SimulatedCapture, OfABlockingStreamBarsTheLegacyOne) {
  const On<Log> log;
  const Stream blocking(cudaStreamDefault), apart;
  cudaStreamBeginCapture(apart, kRelaxed);
  std::thread([&] { EXPECT_EQ(append(nullptr, log.get(), 1), cudaSuccess); }).join();
  end(apart, cudaSuccess);
  cudaStreamBeginCapture(blocking, kRelaxed);
  std::thread([&] { EXPECT_EQ(append(nullptr, log.get(), 1), cudaErrorStreamCaptureImplicit); }).join();
  end(blocking, cudaErrorStreamCaptureInvalidated);
  cudaDeviceSynchronize();
}

TEST(SimulatedCapture, ModesSayWhoMayAllocateMeanwhile) {
  const Stream stream;
  const auto allocate_elsewhere = [](cudaStreamCaptureMode of_thread) {
    cudaError_t status = cudaSuccess;
    std::thread([&] {
      cudaThreadExchangeStreamCaptureMode(&of_thread);
      void* pointer = nullptr;
      status = cudaMalloc(&pointer, 4);
      cudaFree(pointer);
    }).join();
    return status;
  };
  cudaStreamBeginCapture(stream, kGlobal);
  EXPECT_EQ(allocate_elsewhere(kThreadLocal), cudaSuccess);
  EXPECT_EQ(allocate_elsewhere(kGlobal), cudaErrorStreamCaptureUnsupported);
  end(stream, cudaErrorStreamCaptureInvalidated);
  cudaStreamBeginCapture(stream, kThreadLocal);
  EXPECT_EQ(allocate_elsewhere(kGlobal), cudaSuccess);
  end(stream, cudaSuccess);
  EXPECT_EQ(kinds(), Kinds{});
}

}  // namespace
}  // namespace agon::simulator::runtime_test
