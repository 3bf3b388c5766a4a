// Streams, events and copies of the simulated runtime. The oracle: CUDA Runtime API, "API synchronization
// behavior", "Stream synchronization behavior", "Event Management"; and that work runs as late as these
// allow.
#include "tests/simulator/runtime_kernels.hpp"

namespace agon::simulator::runtime_test {
namespace {

TEST(SimulatedStream, RunsItsWorkWhenTheHostWaits) {
  const On<Log> log;
  const Stream stream;
  ASSERT_EQ(append(stream, log.get(), 1), cudaSuccess);
  ASSERT_EQ(append(stream, log.get(), 2), cudaSuccess);
  EXPECT_EQ(log.now().count, 0);
  ASSERT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
  EXPECT_EQ(entries(log.now()), (std::vector{1, 2}));
}

TEST(SimulatedStream, WaitingForOneLeavesTheOthers) {
  const On<Log> log;
  const Stream first, second;
  append(first, log.get(), 1);
  append(second, log.get(), 2);
  cudaStreamSynchronize(second);
  EXPECT_EQ(entries(log.now()), (std::vector{2}));
  cudaDeviceSynchronize();
  EXPECT_EQ(entries(log.now()), (std::vector{2, 1}));
}

TEST(SimulatedStream, AQueryRunsOnePiece) {
  const On<Log> log;
  const Stream stream;
  EXPECT_EQ(cudaStreamQuery(stream), cudaSuccess);
  append(stream, log.get(), 1);
  append(stream, log.get(), 2);
  EXPECT_EQ(cudaStreamQuery(stream), cudaErrorNotReady);
  EXPECT_EQ(log.now().count, 1);
  EXPECT_EQ(cudaStreamQuery(stream), cudaSuccess);
  EXPECT_EQ(log.now().count, 2);
  EXPECT_EQ(cudaGetLastError(), cudaErrorNotReady);
}

TEST(SimulatedStream, QueriesOfTheLegacyOneComeToAnEnd) {
  const On<Log> log;
  const Stream blocking(cudaStreamDefault);
  append(blocking, log.get(), 1);
  append(blocking, log.get(), 2);
  int queries = 0;
  while (cudaStreamQuery(nullptr) == cudaErrorNotReady && queries < 100) ++queries;
  EXPECT_LT(queries, 100);
  EXPECT_EQ(log.now().count, 2);
  cudaGetLastError();
}

TEST(SimulatedStream, BlockingOnesAreOrderedByTheLegacyStream) {
  const On<Log> log;
  const Stream blocking(cudaStreamDefault), apart;
  append(blocking, log.get(), 1);
  append(apart, log.get(), 2);
  append(nullptr, log.get(), 3);
  append(blocking, log.get(), 4);
  cudaStreamSynchronize(blocking);
  EXPECT_EQ(entries(log.now()), (std::vector{1, 3, 4}));
  append(blocking, log.get(), 5);
  cudaStreamSynchronize(nullptr);
  EXPECT_EQ(entries(log.now()), (std::vector{1, 3, 4, 5}));
  cudaDeviceSynchronize();
}

TEST(SimulatedStream, TheThreadsOwnIsABlockingOne) {
  const On<Log> log;
  append(cudaStreamPerThread, log.get(), 1);
  append(cudaStreamLegacy, log.get(), 2);
  cudaStreamSynchronize(cudaStreamLegacy);
  EXPECT_EQ(entries(log.now()), (std::vector{1, 2}));
}

TEST(SimulatedStream, OrderChoosesBetweenThoseThatAreReady) {
  for (const auto& [order, expected] :
       {std::pair{Order::forward, std::vector{1, 2, 3, 4}}, {Order::reverse, std::vector{3, 4, 1, 2}}}) {
    const On<Log> log;
    const Stream first, second;
    const InOrder in_order(order);
    append(first, log.get(), 1);
    append(first, log.get(), 2);
    append(second, log.get(), 3);
    append(second, log.get(), 4);
    cudaDeviceSynchronize();
    EXPECT_EQ(entries(log.now()), expected);
  }
}

TEST(SimulatedStream, IsDestroyedWithItsWorkStillToDo) {
  const On<Log> log;
  {
    const Stream stream;
    append(stream, log.get(), 1);
  }
  EXPECT_EQ(log.now().count, 0);
  cudaDeviceSynchronize();
  EXPECT_EQ(log.now().count, 1);
}

TEST(SimulatedStream, AHostFunctionRunsInOrderAndMustNotCallTheRuntime) {
  struct Seen {
    const Log* log;
    int count = -1;
    cudaError_t status = cudaSuccess;
  };
  const On<Log> log;
  Seen seen{&log.now()};
  const Stream stream;
  append(stream, log.get(), 1);
  cudaLaunchHostFunc(
      stream,
      [](void* data) {
        auto* const result = static_cast<Seen*>(data);
        result->count = result->log->count;
        result->status = cudaDeviceSynchronize();
      },
      &seen);
  append(stream, log.get(), 2);
  EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
  EXPECT_EQ(seen.count, 1);
  EXPECT_EQ(seen.status, cudaErrorNotPermitted);
  EXPECT_EQ(cudaGetLastError(), cudaErrorNotPermitted);
}

TEST(SimulatedEvent, OrdersOneStreamAfterAnother) {
  const On<Log> log;
  const Stream first, second;
  const Event event;
  EXPECT_EQ(cudaStreamWaitEvent(second, event), cudaSuccess);  // never recorded: nothing to wait for
  append(first, log.get(), 1);
  cudaEventRecord(event, first);
  append(first, log.get(), 2);
  cudaStreamWaitEvent(second, event);
  append(second, log.get(), 3);
  EXPECT_EQ(cudaEventQuery(event), cudaErrorNotReady);
  cudaGetLastError();
  cudaStreamSynchronize(second);
  EXPECT_EQ(entries(log.now()), (std::vector{1, 3}));
  EXPECT_EQ(cudaEventQuery(event), cudaSuccess);
  cudaStreamSynchronize(first);
  EXPECT_EQ(entries(log.now()), (std::vector{1, 3, 2}));
}

TEST(SimulatedEvent, WaitsCountAsTheStreamsWork) {
  const On<Log> log;
  const Stream first, second;
  const Event event;
  append(first, log.get(), 1);
  cudaEventRecord(event, first);
  cudaStreamWaitEvent(second, event);
  cudaStreamSynchronize(second);
  EXPECT_EQ(log.now().count, 1);
}

TEST(SimulatedEvent, TimesWhatRanBetweenTwo) {
  const On<Log> log;
  const Stream stream;
  const Event begin, end, untimed(cudaEventDisableTiming);
  float milliseconds = -1.0f;
  EXPECT_EQ(cudaEventElapsedTime(&milliseconds, begin, end), cudaErrorInvalidResourceHandle);
  cudaEventRecord(begin, stream);
  append(stream, log.get(), 1);
  cudaEventRecord(end, stream);
  cudaEventRecord(untimed, stream);
  EXPECT_EQ(cudaEventElapsedTime(&milliseconds, begin, end), cudaErrorNotReady);
  ASSERT_EQ(cudaEventSynchronize(end), cudaSuccess);
  EXPECT_EQ(cudaEventElapsedTime(&milliseconds, begin, end), cudaSuccess);
  EXPECT_GT(milliseconds, 0.0f);
  cudaStreamSynchronize(stream);
  EXPECT_EQ(cudaEventElapsedTime(&milliseconds, begin, untimed), cudaErrorInvalidResourceHandle);
  cudaGetLastError();
}

TEST(SimulatedCopy, FromPageableMemoryIsStagedAtTheCall) {
  const On<int> device;
  const Stream stream;
  int host = 1;
  ASSERT_EQ(cudaMemcpyAsync(device.get(), &host, sizeof host, cudaMemcpyDefault, stream), cudaSuccess);
  EXPECT_EQ(device.now(), 0);
  host = 2;
  cudaStreamSynchronize(stream);
  EXPECT_EQ(device.now(), 1);
}

TEST(SimulatedCopy, FromPinnedMemoryReadsItLater) {
  const On<int> device, pinned(true);
  const Stream stream;
  *pinned.get() = 1;
  ASSERT_EQ(cudaMemcpyAsync(device.get(), pinned.get(), sizeof(int), cudaMemcpyHostToDevice, stream),
            cudaSuccess);
  *pinned.get() = 2;
  cudaStreamSynchronize(stream);
  EXPECT_EQ(device.now(), 2);
}

TEST(SimulatedCopy, ToPageableMemoryWaitsAndToPinnedDoesNot) {
  const On<Log> log;
  const On<int> pinned(true);
  const Stream stream;
  int host = -1;
  append(stream, log.get(), 1);
  cudaMemcpyAsync(pinned.get(), &log.get()->count, sizeof(int), cudaMemcpyDeviceToHost, stream);
  EXPECT_EQ(pinned.now(), 0);
  cudaMemcpyAsync(&host, &log.get()->count, sizeof(int), cudaMemcpyDeviceToHost, stream);
  EXPECT_EQ(host, 1);
  EXPECT_EQ(pinned.now(), 1);
}

TEST(SimulatedCopy, TheSynchronousOneDoesNotWaitBetweenDeviceMemory) {
  const On<int> from, to;
  const int one = 1;
  ASSERT_EQ(cudaMemcpy(from.get(), &one, sizeof one, cudaMemcpyHostToDevice), cudaSuccess);
  ASSERT_EQ(cudaMemcpy(to.get(), from.get(), sizeof one, cudaMemcpyDeviceToDevice), cudaSuccess);
  EXPECT_EQ(to.now(), 0);
  int host = 0;
  ASSERT_EQ(cudaMemcpy(&host, to.get(), sizeof host, cudaMemcpyDeviceToHost), cudaSuccess);
  EXPECT_EQ(host, 1);
}

TEST(SimulatedCopy, MustStayInsideAnAllocation) {
  const On<int> device;
  int host[2] = {};
  EXPECT_EQ(cudaMemcpy(device.get(), host, sizeof host, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  EXPECT_EQ(kinds(), Kinds{"out of bounds"});
  EXPECT_EQ(cudaMemset(device.get(), 0, sizeof host), cudaErrorInvalidValue);
  EXPECT_EQ(kinds(), Kinds{"out of bounds"});
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidValue);
}

TEST(SimulatedCopy, MustGoTheWayItSays) {
  const On<int> device;
  int host = 0;
  EXPECT_EQ(cudaMemcpy(device.get(), &host, sizeof host, cudaMemcpyDeviceToHost),
            cudaErrorInvalidMemcpyDirection);
  EXPECT_EQ(kinds(), Kinds{"wrong direction"});
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidMemcpyDirection);
}

}  // namespace
}  // namespace agon::simulator::runtime_test
