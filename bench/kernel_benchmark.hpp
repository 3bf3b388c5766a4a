// What benchmarks of layers on the processor share. OMP_NUM_THREADS sets the threads.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>

#include "engine/runtime/queue.hpp"
#include "kernels/fma_peak.hpp"

namespace agon::bench {

inline Queue& queue() {
  static Queue instance(Device::cpu());
  return instance;
}

/// Normal numbers of that standard deviation.
inline Buffer<float> numbers(std::int64_t n, float scale) {
  std::mt19937 generator(1);
  std::normal_distribution<float> normal(0.0f, scale);
  Buffer<float> buffer(queue().device(), static_cast<std::size_t>(n));
  std::generate_n(buffer.data(), n, [&] { return normal(generator); });
  return buffer;
}

/// The rate of a case, and as "peak%" its share of `peak`, both in FLOP/s.
inline void report(benchmark::State& state, double flops_each, double peak) {
  const double flops = flops_each * static_cast<double>(state.iterations());
  state.counters["FLOP/s"] = benchmark::Counter(flops, benchmark::Counter::kIsRate);
  state.counters["peak%"] = benchmark::Counter(100 * flops / peak, benchmark::Counter::kIsRate);
}

}  // namespace agon::bench
