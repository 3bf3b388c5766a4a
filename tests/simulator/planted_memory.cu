// Planted: addresses that are wrong, memory that nobody has written.
#include <cstring>

#include "tests/simulator/planted_bugs.hpp"
#include "tests/simulator/planted_launch.hpp"

namespace agon::simulator::planted {
namespace {

using kernels::cuda::copy_async;
using kernels::cuda::copy_async_commit;
using kernels::cuda::copy_async_wait;

__global__ void shared_index(float* out, bool planted) {
  AGON_SHARED(float, tile, [32]);
  tile[threadIdx.x] = 1.0f;
  __syncthreads();
  const float* const at = tile + threadIdx.x + (planted ? 1 : 0);
  out[threadIdx.x] = *at;  // planted: shared index off by one
}

__global__ void row_index(float* out, int columns) {
  AGON_SHARED(float, tile, [4][8]);
  tile[threadIdx.x / 8][threadIdx.x % 8] = 1.0f;
  __syncthreads();
  float sum = 0;
  for (int c = 0; c < columns; ++c) sum += tile[threadIdx.x / 8][c];  // planted: shared row overrun
  out[threadIdx.x] = sum;
}

__global__ void global_index(float* out, const float* in, int n, bool planted) {
  const int i = static_cast<int>(threadIdx.x);
  if (planted ? i <= n : i < n) out[i] = in[i];  // planted: global index off by one
}

__global__ void read_all(float* out, const float* in) {
  out[threadIdx.x] = in[threadIdx.x];  // planted: use after free
}

__global__ void uninitialised_shared(float* out, bool planted) {
  AGON_SHARED(float, tile, [32]);
  if (!planted || threadIdx.x < 31) tile[threadIdx.x] = 1.0f;
  __syncthreads();
  out[threadIdx.x] = tile[threadIdx.x ^ 1];  // planted: uninitialised shared memory
}

__global__ void uninitialised_global(float* out, const float* in) {
  out[threadIdx.x] = in[threadIdx.x];  // planted: uninitialised global memory
}

__global__ void vector_load(float* out, const float* in, int offset) {
  const float4 v =
      *reinterpret_cast<const float4*>(in + 4 * threadIdx.x + offset);  // planted: misaligned float4
  out[threadIdx.x] = v.x + v.w;
}

__global__ void early_read(float* out, const float* in, bool planted) {
  AGON_SHARED(float, stage, [32]);
  copy_async<4>(stage + threadIdx.x, in + threadIdx.x, true);
  copy_async_commit();
  if (!planted) copy_async_wait<0>();
  __syncthreads();
  out[threadIdx.x] = stage[threadIdx.x];  // planted: asynchronous copy not waited for
  copy_async_wait<0>();
}

__global__ void copy_all(float* out, const float* in, unsigned floats) {
  if (threadIdx.x == 0) memcpy(out, in, floats * sizeof(float));  // planted: memcpy past the end
}

__global__ void last_byte(unsigned char* out, bool planted) {
  if (threadIdx.x < (planted ? 6 : 5)) out[threadIdx.x] = 1;  // planted: byte past the end of a word's part
}

__global__ void much_shared(float* out, bool planted) {
  if (!planted) return;
  AGON_SHARED(float, large, [12289]);  // planted: more shared memory than there is
  out[threadIdx.x] = large[threadIdx.x];
}

__global__ void host_pointer(float* out, const float* in) {
  out[threadIdx.x] = in[0];  // planted: pointer into the host's memory
}

void run_index(bool planted) {
  const Memory<float> out("out", 32);
  run({}, shared_index, out.get(), planted);
}

void run_row(bool planted) {
  const Memory<float> out("out", 32);
  run({}, row_index, out.get(), planted ? 9 : 8);
}

void run_global(bool planted) {
  const Memory<float> out("out", 20), in("in", 20);
  run({}, global_index, out.get(), in.get(), 20, planted);
}

void run_free(bool planted) {
  const Memory<float> out("out", 32);
  Memory<float> in("in", 32);
  const float* const data = in.get();
  if (planted) in.free();
  run({}, read_all, out.get(), data);
}

void run_uninitialised_shared(bool planted) {
  const Memory<float> out("out", 32);
  run({}, uninitialised_shared, out.get(), planted);
}

void run_uninitialised_global(bool planted) {
  const Memory<float> out("out", 32), in("in", 32, planted ? -1 : 0);
  run({}, uninitialised_global, out.get(), in.get());
}

void run_vector(bool planted) {
  const Memory<float> out("out", 32), in("in", 132);
  run({}, vector_load, out.get(), in.get(), planted ? 1 : 4);
}

void run_early_read(bool planted) {
  const Memory<float> out("out", 32), in("in", 32);
  run({}, early_read, out.get(), in.get(), planted);
}

void run_copy_all(bool planted) {
  const Memory<float> out("out", 32), in("in", 64);
  run({}, copy_all, out.get(), in.get(), planted ? 33u : 32u);
}

void run_last_byte(bool planted) {
  const Memory<unsigned char> out("out", 5);
  run({}, last_byte, out.get(), planted);
}

void run_much_shared(bool planted) {
  const Memory<float> out("out", 32);
  run({}, much_shared, out.get(), planted);
}

void run_host_pointer(bool planted) {
  const Memory<float> out("out", 32), in("in", 32);
  float* const mine = new float(1);
  run({}, host_pointer, out.get(), planted ? mine : in.get());
  delete mine;
}

constexpr Bug kBugs[] = {
    {"shared index off by one", "out of bounds", __FILE__, run_index},
    {"shared row overrun", "out of bounds", __FILE__, run_row},
    {"global index off by one", "out of bounds", __FILE__, run_global},
    {"use after free", "out of bounds", __FILE__, run_free},
    {"uninitialised shared memory", "uninitialised", __FILE__, run_uninitialised_shared},
    {"uninitialised global memory", "uninitialised", __FILE__, run_uninitialised_global},
    {"misaligned float4", "misaligned access", __FILE__, run_vector},
    {"asynchronous copy not waited for", "copy not waited for", __FILE__, run_early_read},
    {"memcpy past the end", "out of bounds", __FILE__, run_copy_all},
    {"byte past the end of a word's part", "out of bounds", __FILE__, run_last_byte},
    {"more shared memory than there is", "too much shared memory", __FILE__, run_much_shared},
    {"pointer into the host's memory", "out of bounds", __FILE__, run_host_pointer},
};

}  // namespace

std::span<const Bug> memory_bugs() { return kBugs; }

}  // namespace agon::simulator::planted
