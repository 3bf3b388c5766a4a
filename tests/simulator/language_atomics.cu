// Kernels of atomics: many threads, one place.
#include <bit>

#include "tests/simulator/language_kernels.hpp"
#include "tests/simulator/language_launch.hpp"

namespace agon::simulator::language {
namespace {

/// The words CUDA has for T.
template <class T>
__device__ T apply(Atomic word, T* place, T value) {
  if (word == Atomic::add) return atomicAdd(place, value);
  if (word == Atomic::exchange) return atomicExch(place, value);
  if constexpr (std::is_integral_v<T>) {
    if (word == Atomic::least) return atomicMin(place, value);
    if (word == Atomic::greatest) return atomicMax(place, value);
    if (word == Atomic::both) return atomicAnd(place, value);
    if (word == Atomic::either) return atomicOr(place, value);
    if (word == Atomic::odd) return atomicXor(place, value);
  }
  if constexpr (std::is_integral_v<T> && sizeof(T) == 4)
    if (word == Atomic::sub) return atomicSub(place, value);
  if constexpr (std::is_same_v<T, unsigned>) {
    if (word == Atomic::increment) return atomicInc(place, value);
    if (word == Atomic::decrement) return atomicDec(place, value);
  }
  return value;
}

template <class T>
__global__ void contend_globally(Atomic word, T* place, const T* values, T* olds) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  olds[i] = apply(word, place, values[i]);
}

template <class T>
__global__ void contend_in_blocks(Atomic word, T first, const T* values, T* olds) {
  AGON_SHARED(T, place, [1]);
  if (threadIdx.x == 0) place[0] = first;
  __syncthreads();
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  olds[i] = apply(word, place, values[i]);
  __syncthreads();
  if (threadIdx.x == 0) olds[gridDim.x * blockDim.x + blockIdx.x] = place[0];
}

template <class T>
__global__ void claim(T* place, T* olds) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  olds[i] = atomicCAS(place, T{0}, static_cast<T>(i + 1));
}

__global__ void swap_until_done(const float* values, unsigned* float_sum, unsigned* product) {
  const float value = values[blockIdx.x * blockDim.x + threadIdx.x];
  unsigned assumed = 0;  // all bits of 0.0f, too
  for (unsigned old = ~assumed; old != assumed;) {
    old = assumed;
    assumed = atomicCAS(float_sum, old, __float_as_uint(__uint_as_float(old) + value));
  }
  assumed = 1;
  for (unsigned old = 0; old != assumed;) {
    old = assumed;
    assumed = atomicCAS(product, old, old * static_cast<unsigned>(value));
  }
}

__global__ void count(const unsigned* values, unsigned* bins, unsigned n) {
  for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
    atomicAdd(bins + values[i], 1u);
}

}  // namespace

template <class T>
std::vector<T> contend(Atomic word, T first, const std::vector<T>& values, unsigned blocks, bool in_shared) {
  const auto threads = static_cast<unsigned>(values.size() / blocks);
  const Array<T> in(values), place(std::vector<T>{first}), olds(values.size() + (in_shared ? blocks : 0));
  const Shape shape{.blocks = blocks, .threads = threads, .cooperative = !in_shared};
  if (in_shared) {
    run(shape, contend_in_blocks<T>, word, first, in.get(), olds.get());
    return olds.values();
  }
  run(shape, contend_globally<T>, word, place.get(), in.get(), olds.get());
  std::vector<T> all = olds.values();
  all.push_back(place.values()[0]);
  return all;
}
template std::vector<int> contend(Atomic, int, const std::vector<int>&, unsigned, bool);
template std::vector<unsigned> contend(Atomic, unsigned, const std::vector<unsigned>&, unsigned, bool);
template std::vector<unsigned long long> contend(Atomic, unsigned long long,
                                                 const std::vector<unsigned long long>&, unsigned, bool);
template std::vector<float> contend(Atomic, float, const std::vector<float>&, unsigned, bool);

template <class T>
std::vector<T> race_for_one(unsigned blocks, unsigned threads) {
  const Array<T> place(1), olds(std::size_t{blocks} * threads);
  run({.blocks = blocks, .threads = threads, .cooperative = true}, claim<T>, place.get(), olds.get());
  std::vector<T> all = olds.values();
  all.push_back(place.values()[0]);
  return all;
}
template std::vector<int> race_for_one(unsigned, unsigned);
template std::vector<unsigned> race_for_one(unsigned, unsigned);
template std::vector<unsigned long long> race_for_one(unsigned, unsigned);

std::vector<double> compare_and_swap_loops(const std::vector<float>& values) {
  const Array<float> in(values);
  const Array<unsigned> sum(1), product(std::vector<unsigned>{1});
  const auto blocks = static_cast<unsigned>(values.size() / 32);
  run({.blocks = blocks, .cooperative = true}, swap_until_done, in.get(), sum.get(), product.get());
  return {static_cast<double>(std::bit_cast<float>(sum.values()[0])),
          static_cast<double>(product.values()[0])};
}

std::vector<unsigned> histogram(const std::vector<unsigned>& values, unsigned bins) {
  const Array<unsigned> in(values), counts(bins);
  run({.blocks = 3, .threads = 96, .cooperative = true}, count, in.get(), counts.get(),
      static_cast<unsigned>(values.size()));
  return counts.values();
}

}  // namespace agon::simulator::language
