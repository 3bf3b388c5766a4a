// Allocations, errors and leaks of the simulated runtime. The oracle: CUDA Runtime API, "Memory Management",
// "Error Handling".
#include "tests/simulator/needs_checker.hpp"
#include "tests/simulator/runtime_kernels.hpp"

namespace agon::simulator::runtime_test {
namespace {

TEST(SimulatedMemory, IsFreedOnce) {
  void* pointer = nullptr;
  int host = 0;
  ASSERT_EQ(cudaMalloc(&pointer, 16), cudaSuccess);
  EXPECT_EQ(cudaFreeHost(pointer), cudaErrorInvalidValue);
  EXPECT_EQ(cudaFree(static_cast<char*>(pointer) + 4), cudaErrorInvalidValue);
  EXPECT_EQ(cudaFree(pointer), cudaSuccess);
  EXPECT_EQ(cudaFree(pointer), cudaErrorInvalidValue);
  EXPECT_EQ(cudaFree(&host), cudaErrorInvalidValue);
  EXPECT_EQ(cudaFree(nullptr), cudaSuccess);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidValue);
}

TEST(SimulatedMemory, HasAnEnd) {
  std::size_t free = 0, total = 0;
  ASSERT_EQ(cudaMemGetInfo(&free, &total), cudaSuccess);
  void* pointer = &free;
  EXPECT_EQ(cudaMalloc(&pointer, total + 1), cudaErrorMemoryAllocation);
  EXPECT_EQ(pointer, nullptr);
  EXPECT_EQ(cudaGetLastError(), cudaErrorMemoryAllocation);
  ASSERT_EQ(cudaMalloc(&pointer, 1024), cudaSuccess);
  std::size_t left = 0;
  cudaMemGetInfo(&left, &total);
  EXPECT_EQ(left, free - 1024);
  cudaFree(pointer);
  EXPECT_EQ(cudaMalloc(&pointer, 0), cudaSuccess);
  EXPECT_EQ(pointer, nullptr);
}

TEST(SimulatedMemory, FreeingWaitsForTheDevice) {
  const On<Log> log;
  const Stream stream;
  void* other = nullptr;
  cudaMalloc(&other, 16);
  append(stream, log.get(), 1);
  cudaFree(other);
  EXPECT_EQ(log.now().count, 1);
}

TEST(SimulatedMemory, StreamOrderedOneLivesUntilTheStreamComesToIt) {
  const Stream stream;
  void* pointer = nullptr;
  ASSERT_EQ(cudaMallocAsync(&pointer, sizeof(float), stream), cudaSuccess);
  cudaMemsetAsync(pointer, 0, sizeof(float), stream);
  ASSERT_EQ(add(stream, static_cast<float*>(pointer), 1.0f), cudaSuccess);
  ASSERT_EQ(cudaFreeAsync(pointer, stream), cudaSuccess);
  EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
  EXPECT_EQ(cudaFree(pointer), cudaErrorInvalidValue);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidValue);
}

TEST(SimulatedMemory, PointersTellWhereTheyPoint) {
  const On<int> device, pinned(true);
  int host = 0;
  cudaPointerAttributes attributes{};
  ASSERT_EQ(cudaPointerGetAttributes(&attributes, device.get()), cudaSuccess);
  EXPECT_EQ(attributes.type, cudaMemoryTypeDevice);
  cudaPointerGetAttributes(&attributes, pinned.get());
  EXPECT_EQ(attributes.type, cudaMemoryTypeHost);
  EXPECT_EQ(attributes.devicePointer, pinned.get());
  cudaPointerGetAttributes(&attributes, &host);
  EXPECT_EQ(attributes.type, cudaMemoryTypeUnregistered);
  void* seen = nullptr;
  EXPECT_EQ(cudaHostGetDevicePointer(&seen, pinned.get(), 0), cudaSuccess);
  EXPECT_EQ(seen, pinned.get());
  EXPECT_EQ(cudaHostGetDevicePointer(&seen, &host, 0), cudaErrorInvalidValue);
  cudaGetLastError();
}

TEST(SimulatedErrors, TheLastIsKeptUntilItIsTaken) {
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
  EXPECT_EQ(cudaSetDevice(7), cudaErrorInvalidDevice);
  EXPECT_EQ(cudaSetDevice(0), cudaSuccess);
  EXPECT_EQ(cudaPeekAtLastError(), cudaErrorInvalidDevice);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidDevice);
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
  EXPECT_STREQ(cudaGetErrorName(cudaErrorIllegalAddress), "cudaErrorIllegalAddress");
  EXPECT_STREQ(cudaGetErrorString(cudaSuccess), "no error");
}

TEST(SimulatedErrors, AKernelsFaultStays) {
  const On<float> there;
  const Stream stream;
  ASSERT_EQ(hang(stream), cudaSuccess);
  ASSERT_EQ(add(stream, there.get(), 1.0f), cudaSuccess);
  EXPECT_EQ(cudaStreamSynchronize(stream), cudaErrorLaunchFailure);
  EXPECT_EQ(cudaGetLastError(), cudaErrorLaunchFailure);
  EXPECT_EQ(cudaGetLastError(), cudaErrorLaunchFailure);
  EXPECT_EQ(cudaDeviceSynchronize(), cudaErrorLaunchFailure);
  EXPECT_EQ(add(stream, there.get(), 1.0f), cudaErrorLaunchFailure);
  void* pointer = nullptr;
  EXPECT_EQ(cudaMalloc(&pointer, 4), cudaErrorLaunchFailure);
  EXPECT_FALSE(kinds().empty());
  recover();
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
  EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
  EXPECT_EQ(there.now(), 0.0f);
}

TEST(SimulatedErrors, ABadAddressHasItsOwnCode) {
  AGON_SKIP_WITHOUT_CHECKER();
  ASSERT_EQ(write_far(nullptr, nullptr), cudaSuccess);
  EXPECT_EQ(cudaDeviceSynchronize(), cudaErrorIllegalAddress);
  EXPECT_EQ(kinds(), Kinds{"out of bounds"});
  recover();
}

TEST(SimulatedErrors, WhatIsGivenBackAfterAFaultIsNoLeak) {
  {
    const On<float> there;
    const Stream stream;
    hang(stream);
    EXPECT_EQ(cudaDeviceSynchronize(), cudaErrorLaunchFailure);
  }
  EXPECT_TRUE(leaks().empty());
  recover();
  kinds();
}

TEST(SimulatedLeaks, NameWhatAndWhere) {
  void* pointer = nullptr;
  cudaStream_t stream = nullptr;
  cudaEvent_t event = nullptr;
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  cudaMalloc(&pointer, 16);
  cudaStreamCreate(&stream);
  cudaEventCreate(&event);
  cudaGraphCreate(&graph, 0);
  cudaGraphInstantiate(&executable, graph);
  const std::vector<std::string> lines = leaks();
  ASSERT_EQ(lines.size(), 5u);
  for (const std::string& line : lines) EXPECT_NE(line.find("runtime_memory_test.cpp:"), line.npos) << line;
  cudaFree(pointer);
  cudaStreamDestroy(stream);
  cudaEventDestroy(event);
  cudaGraphExecDestroy(executable);
  cudaGraphDestroy(graph);
  EXPECT_TRUE(leaks().empty());
}

TEST(SimulatedHandles, OnesThatAreGoneAreReported) {
  cudaStream_t stream = nullptr;
  cudaEvent_t event = nullptr;
  cudaStreamCreate(&stream);
  cudaStreamDestroy(stream);
  EXPECT_EQ(cudaStreamSynchronize(stream), cudaErrorInvalidResourceHandle);
  EXPECT_EQ(kinds(), Kinds{"invalid handle"});
  cudaEventCreate(&event);
  cudaEventDestroy(event);
  EXPECT_EQ(cudaEventRecord(event, nullptr), cudaErrorInvalidResourceHandle);
  EXPECT_EQ(kinds(), Kinds{"invalid handle"});
  int none = 0;
  EXPECT_EQ(cudaGraphDestroy(reinterpret_cast<cudaGraph_t>(&none)), cudaErrorInvalidValue);
  EXPECT_EQ(kinds(), Kinds{"invalid handle"});
  cudaGetLastError();
}

}  // namespace
}  // namespace agon::simulator::runtime_test
