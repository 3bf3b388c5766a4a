#include "tests/simulator/runtime_kernels.hpp"

#include <cuda_runtime.h>

namespace agon::simulator::runtime_test {
namespace {

__global__ void append_kernel(Log* log, int value) { log->entry[log->count++] = value; }
__global__ void add_kernel(float* target, float value) { *target += value; }
__global__ void add_padded_kernel(Padded argument) { *argument.target += argument.value; }
__global__ void count_kernel(cudaGraphConditionalHandle condition, int* counter, int end) {
  cudaGraphSetConditional(condition, ++*counter < end ? 1u : 0u);
}
__global__ void set_once_kernel(cudaGraphConditionalHandle condition, int* counter, int at, unsigned value) {
  if (++*counter == at) cudaGraphSetConditional(condition, value);
}
__global__ void empty_kernel() {}
__global__ void hang_kernel() {
  if (threadIdx.x == 0) __syncwarp(3);
  if (threadIdx.x == 1) __syncthreads();
}
__global__ void write_far_kernel(float* target) { *target = 1.0f; }

template <class... Parameters, class... Arguments>
cudaError_t launch_on(cudaStream_t stream, unsigned threads, void (*kernel)(Parameters...),
                      Arguments... arguments) {
  cudaLaunchConfig_t config{};
  config.blockDim = dim3(threads);
  config.stream = stream;
  return cudaLaunchKernelEx(&config, kernel, arguments...);
}

}  // namespace

cudaError_t append(cudaStream_t stream, Log* log, int value) {
  return launch_on(stream, 1, append_kernel, log, value);
}
cudaError_t add(cudaStream_t stream, float* target, float value) {
  return launch_on(stream, 1, add_kernel, target, value);
}
cudaError_t add_padded(cudaStream_t stream, Padded argument) {
  return launch_on(stream, 1, add_padded_kernel, argument);
}
cudaError_t count_below(cudaStream_t stream, cudaGraphConditionalHandle condition, int* counter, int end) {
  return launch_on(stream, 1, count_kernel, condition, counter, end);
}
cudaError_t set_once(cudaStream_t stream, cudaGraphConditionalHandle condition, int* counter, int at,
                     unsigned value) {
  return launch_on(stream, 1, set_once_kernel, condition, counter, at, value);
}
cudaError_t nothing(const cudaLaunchConfig_t& config) { return cudaLaunchKernelEx(&config, empty_kernel); }
const void* nothing_kernel() { return reinterpret_cast<const void*>(empty_kernel); }
cudaError_t hang(cudaStream_t stream) { return launch_on(stream, 2, hang_kernel); }
cudaError_t write_far(cudaStream_t stream, float* target) {
  return launch_on(stream, 1, write_far_kernel, target);
}

}  // namespace agon::simulator::runtime_test
