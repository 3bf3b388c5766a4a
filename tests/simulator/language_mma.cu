// Kernels of the tensor cores' words.
#include "tests/simulator/language_kernels.hpp"
#include "tests/simulator/language_launch.hpp"

namespace agon::simulator::language {
namespace {

__global__ void multiply(const std::uint32_t* a, const std::uint32_t* b, const float* c, float* d) {
  const unsigned i = blockIdx.x * 32 + threadIdx.x;
  float sums[4];
  std::uint32_t left[4], right[2];
  for (unsigned k = 0; k < 4; ++k) {
    sums[k] = c[4 * i + k];
    left[k] = a[4 * i + k];
  }
  for (unsigned k = 0; k < 2; ++k) right[k] = b[2 * i + k];
  kernels::cuda::multiply_tf32(sums, left, right);
  for (unsigned k = 0; k < 4; ++k) d[4 * i + k] = sums[k];
}

__global__ void round_all(const float* values, std::uint32_t* out, unsigned n) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = kernels::cuda::to_tf32(values[i]);
}

}  // namespace

std::vector<float> multiplied(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b,
                              const std::vector<float>& c) {
  const Array<std::uint32_t> left(a), right(b);
  const Array<float> start(c), sums(c.size());
  run({.blocks = static_cast<unsigned>(c.size() / 128)}, multiply, left.get(), right.get(), start.get(),
      sums.get());
  return sums.values();
}

std::vector<std::uint32_t> rounded_to_tf32(const std::vector<float>& values) {
  const Array<float> in(values);
  const Array<std::uint32_t> out(values.size());
  const auto n = static_cast<unsigned>(values.size());
  run({.blocks = (n + 255) / 256, .threads = 256}, round_all, in.get(), out.get(), n);
  return out.values();
}

}  // namespace agon::simulator::language
