// Kernels that say where they are, and what shared memory is theirs.
#include "tests/simulator/language_kernels.hpp"
#include "tests/simulator/language_launch.hpp"

namespace agon::simulator::language {
namespace {

using kernels::cuda::dynamic_shared;

__device__ unsigned thread_in_block() {
  return threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
}
__device__ unsigned block_in_grid() { return blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z); }

__global__ void tell(Place* places, unsigned* runs) {
  const unsigned i = block_in_grid() * blockDim.x * blockDim.y * blockDim.z + thread_in_block();
  places[i].thread = {threadIdx.x, threadIdx.y, threadIdx.z};
  places[i].block = {blockIdx.x, blockIdx.y, blockIdx.z};
  places[i].threads = {blockDim.x, blockDim.y, blockDim.z};
  places[i].blocks = {gridDim.x, gridDim.y, gridDim.z};
  atomicAdd(runs + i, 1u);
}

struct alignas(8) Pair {
  int first, second;
};

__device__ unsigned long long address(const void* pointer) {
  return reinterpret_cast<unsigned long long>(pointer);
}

__global__ void lay_out(Extent* extents) {
  AGON_SHARED(char, byte, [1]);
  AGON_SHARED(float, matrix, [3][5]);
  AGON_SHARED(double, many, [100]);
  AGON_SHARED(Pair, pair, [7]);
  if (threadIdx.x != 0) return;
  extents[0] = {address(byte), sizeof byte};
  extents[1] = {address(matrix), sizeof matrix};
  extents[2] = {address(many), sizeof many};
  extents[3] = {address(pair), sizeof pair};
  extents[4] = {address(dynamic_shared<float>()), 4 * sizeof(float)};
}

/// Adds to this instance's own variable; the call's result is what other threads left in it.
template <class T, int instance>
__device__ T swap_in_shared(T value) {
  AGON_SHARED(T, mailbox, [64]);
  mailbox[threadIdx.x] = value;
  __syncthreads();
  const T other = mailbox[blockDim.x - 1 - threadIdx.x];
  __syncthreads();
  return other;
}

template <class T, int instance>
__device__ T* own_variable() {
  AGON_SHARED(T, mailbox, [64]);
  return mailbox;
}

/// All instances' variables hold their values at the same time.
__global__ void use_instances(double* out) {
  const unsigned i = threadIdx.x;
  const int value = static_cast<int>(100 * blockIdx.x + i);
  own_variable<int, 1>()[i] = value;
  own_variable<int, 2>()[i] = -value;
  own_variable<float, 1>()[i] = static_cast<float>(value) + 0.5f;
  const int swapped = swap_in_shared<int, 1>(value + 1) + swap_in_shared<int, 1>(value + 2);
  const unsigned other = blockDim.x - 1 - i;
  double* const mine = out + 4 * (blockIdx.x * blockDim.x + i);
  mine[0] = own_variable<int, 1>()[other];
  mine[1] = own_variable<int, 2>()[other];
  mine[2] = static_cast<double>(own_variable<float, 1>()[other]);
  mine[3] = swapped;
}

/// Two variables of one name, and dynamic memory beside them.
__global__ void use_scopes(const float* in, float* out, unsigned n) {
  float* const all = dynamic_shared<float>();
  for (unsigned i = threadIdx.x; i < n; i += blockDim.x) all[i] = in[blockIdx.x * n + i];
  float sum = 0;
  {
    AGON_SHARED(float, local, [64]);
    local[threadIdx.x] = 1.0f;
    __syncthreads();
    sum += local[threadIdx.x ^ 1];
  }
  {
    AGON_SHARED(float, local, [64]);
    local[threadIdx.x] = 2.0f;
    __syncthreads();
    sum += local[threadIdx.x ^ 1];
  }
  for (unsigned i = threadIdx.x; i < n; i += blockDim.x) out[blockIdx.x * n + i] = all[n - 1 - i] + sum;
}

dim3 extent(const Index& index) { return dim3(index.x, index.y, index.z); }

}  // namespace

std::vector<Place> places(const Index& blocks, const Index& threads) {
  const std::size_t count = std::size_t{blocks.x} * blocks.y * blocks.z * threads.x * threads.y * threads.z;
  const Array<Place> all(count);
  const Array<unsigned> runs(count);
  run({.blocks = extent(blocks), .threads = extent(threads)}, tell, all.get(), runs.get());
  std::vector<Place> told = all.values();
  const std::vector<unsigned> counted = runs.values();
  for (std::size_t i = 0; i < count; ++i) told[i].runs = counted[i];
  return told;
}

std::vector<Extent> shared_layout() {
  const Array<Extent> extents(5);
  run({.threads = 64, .dynamic_shared = 4 * sizeof(float)}, lay_out, extents.get());
  return extents.values();
}

std::vector<double> shared_instances(unsigned blocks, unsigned threads) {
  const Array<double> out(std::size_t{4} * blocks * threads);
  run({.blocks = blocks, .threads = threads}, use_instances, out.get());
  return out.values();
}

std::vector<float> reversed_in_dynamic_shared(const std::vector<float>& values, unsigned blocks) {
  const auto n = static_cast<unsigned>(values.size() / blocks);
  const Array<float> in(values), out(values.size());
  AGON_CUDA_CHECK(cudaFuncSetAttribute(use_scopes, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                       static_cast<int>(n * sizeof(float))));
  run({.blocks = blocks, .threads = 64, .dynamic_shared = n * sizeof(float)}, use_scopes, in.get(), out.get(),
      n);
  return out.values();
}

}  // namespace agon::simulator::language
