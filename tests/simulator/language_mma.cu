// Kernels of the tensor cores' words.
#include "tests/simulator/language_kernels.hpp"
#include "tests/simulator/language_launch.hpp"

namespace agon::simulator::language {
namespace {

/// `Groups` of k's: so many registers of b for each lane, twice as many of a.
template <int Groups, bool Tf32>
__global__ void multiply(const std::uint32_t* a, const std::uint32_t* b, const float* c, float* d) {
  const unsigned i = blockIdx.x * 32 + threadIdx.x;
  float sums[4];
  std::uint32_t left[2 * Groups], right[Groups];
  for (unsigned k = 0; k < 4; ++k) sums[k] = c[4 * i + k];
  for (unsigned k = 0; k < 2 * Groups; ++k) left[k] = a[2 * Groups * i + k];
  for (unsigned k = 0; k < Groups; ++k) right[k] = b[Groups * i + k];
  if constexpr (Tf32) {
    kernels::cuda::multiply_tf32(sums, left, right);
  } else {
    kernels::cuda::multiply_bf16(sums, left, right);
  }
  for (unsigned k = 0; k < 4; ++k) d[4 * i + k] = sums[k];
}

__global__ void round_all(const float* values, std::uint32_t* out, unsigned n) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = kernels::cuda::to_tf32(values[i]);
}

__global__ void round_pairs(const float* values, std::uint32_t* out, unsigned n) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = kernels::cuda::to_bf16_pair(values[2 * i], values[2 * i + 1]);
}

using Multiply = void (*)(const std::uint32_t*, const std::uint32_t*, const float*, float*);

std::vector<float> run_multiply(Multiply multiply_all, const std::vector<std::uint32_t>& a,
                                const std::vector<std::uint32_t>& b, const std::vector<float>& c) {
  const Array<std::uint32_t> left(a), right(b);
  const Array<float> start(c), sums(c.size());
  run({.blocks = static_cast<unsigned>(c.size() / 128)}, multiply_all, left.get(), right.get(), start.get(),
      sums.get());
  return sums.values();
}

}  // namespace

std::vector<float> multiplied(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b,
                              const std::vector<float>& c) {
  return run_multiply(multiply<2, true>, a, b, c);
}

std::vector<float> multiplied_bf16(int depth, const std::vector<std::uint32_t>& a,
                                   const std::vector<std::uint32_t>& b, const std::vector<float>& c) {
  return run_multiply(depth == 16 ? multiply<2, false> : multiply<1, false>, a, b, c);
}

std::vector<std::uint32_t> rounded_to_tf32(const std::vector<float>& values) {
  const Array<float> in(values);
  const Array<std::uint32_t> out(values.size());
  const auto n = static_cast<unsigned>(values.size());
  run({.blocks = (n + 255) / 256, .threads = 256}, round_all, in.get(), out.get(), n);
  return out.values();
}

std::vector<std::uint32_t> rounded_to_bf16_pairs(const std::vector<float>& values) {
  const Array<float> in(values);
  const Array<std::uint32_t> out(values.size() / 2);
  const auto n = static_cast<unsigned>(values.size() / 2);
  run({.blocks = (n + 255) / 256, .threads = 256}, round_pairs, in.get(), out.get(), n);
  return out.values();
}

}  // namespace agon::simulator::language
