// The device's fp32 ceiling: chains of fused multiply-adds that never leave registers.
#include "kernels/fma_peak.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/cuda/device/launch.cuh"
#include "kernels/cuda/device/properties.hpp"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kBlocksPerMultiprocessor = 8;
constexpr int kChains = 8;       // enough to cover the latency of one multiply-add with the warps there are
constexpr int kUnroll = 64;      // multiply-adds of each chain in one turn of the loop
constexpr double kSlice = 0.01;  // seconds

__global__ void __launch_bounds__(kThreads) fma_kernel(float* out, int turns, float scale, float offset) {
  wait_for_previous_kernel();
  float value[kChains];
#pragma unroll
  for (int i = 0; i < kChains; ++i) value[i] = static_cast<float>(threadIdx.x + i);
  for (int turn = 0; turn < turns; ++turn) {
#pragma unroll
    for (int repeat = 0; repeat < kUnroll; ++repeat)
#pragma unroll
      for (int i = 0; i < kChains; ++i) value[i] = fmaf(value[i], scale, offset);
  }
  float sum = 0.0f;
#pragma unroll
  for (int i = 0; i < kChains; ++i) sum += value[i];
  out[static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x] =
      sum;  // so that nothing is optimised away
}

/// A pair of events around work on a stream.
class Stopwatch {
 public:
  Stopwatch() {
    AGON_CUDA_CHECK(cudaEventCreate(&begin_));
    if (const cudaError_t status = cudaEventCreate(&end_); status != cudaSuccess) {
      static_cast<void>(cudaEventDestroy(begin_));
      AGON_CUDA_CHECK(status);
    }
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;
  ~Stopwatch() {
    static_cast<void>(cudaEventDestroy(begin_));
    static_cast<void>(cudaEventDestroy(end_));
  }

  /// Seconds that the device spent on what `work` enqueues on `stream`; waits for it.
  template <class Work>
  double time(cudaStream_t stream, const Work& work) {
    AGON_CUDA_CHECK(cudaEventRecord(begin_, stream));
    work();
    AGON_CUDA_CHECK(cudaEventRecord(end_, stream));
    AGON_CUDA_CHECK(cudaEventSynchronize(end_));
    float milliseconds = 0.0f;
    AGON_CUDA_CHECK(cudaEventElapsedTime(&milliseconds, begin_, end_));
    return static_cast<double>(milliseconds) * 1e-3;
  }

 private:
  cudaEvent_t begin_ = nullptr;
  cudaEvent_t end_ = nullptr;
};

}  // namespace

double fma_peak(QueueView queue, double seconds) {
  auto* const out = reinterpret_cast<float*>(queue.workspace);
  const std::int64_t fits = static_cast<std::int64_t>(queue.workspace_bytes / sizeof(float)) / kThreads;
  const std::int64_t blocks = std::min<std::int64_t>(multiprocessors() * kBlocksPerMultiprocessor, fits);
  const double operations_per_turn = 2.0 * kUnroll * kChains * kThreads * static_cast<double>(blocks);
  Stopwatch stopwatch;
  const auto slice = [&](int turns) {
    return stopwatch.time(static_cast<cudaStream_t>(queue.stream), [&] {
      launch(queue, {.blocks = blocks, .threads = kThreads}, fma_kernel, out, turns, 0.999f, 0.001f);
    });
  };

  int turns = 256;
  double took = slice(turns);
  while (took < kSlice / 2 && turns < (1 << 28)) {
    turns *= 2;
    took = slice(turns);
  }
  double best = took;
  const int slices = std::max(1, static_cast<int>(std::ceil(seconds / took)));
  for (int i = 0; i < slices; ++i) best = std::min(best, slice(turns));
  return operations_per_turn * turns / best;
}

}  // namespace agon::kernels::cuda
