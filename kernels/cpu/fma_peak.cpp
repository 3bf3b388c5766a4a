// Multiply-adds that never leave the registers.
#include "kernels/fma_peak.hpp"

#include <omp.h>

#include "kernels/cpu/linear/gemm_vector.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

// A multiply-add takes 4 or 5 cycles and two may start in each: 12 chains hide that, and fit 16 registers.
constexpr int kChains = 12;

/// A chain settles at 1 (x = x / 2 + 1 / 2), so no subnormal or infinity slows it.
void run_chains(long rounds) {
  const Vector half = broadcast(0.5f);
  Vector chain[kChains];
  for (int i = 0; i < kChains; ++i) chain[i] = broadcast(static_cast<float>(i));
  for (long round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < kChains; ++i) chain[i] = multiply_add(chain[i], half, half);
  }
  Vector sum = zero();
  for (int i = 0; i < kChains; ++i) sum += chain[i];
  asm volatile("" : : "m"(sum));  // the result is used, as far as the compiler knows
}

}  // namespace

double fma_peak(QueueView queue, double seconds) {
  constexpr long kRounds = 100'000;  // a slice of about half a millisecond
  constexpr double kSliceFlops = 2.0 * kRounds * kChains * kLanes;
  const double end = omp_get_wtime() + seconds;
  double best = 0;
  do {
    int threads = 1;
    double slowest = 0;
#pragma omp parallel num_threads(queue.threads) reduction(max : slowest)
    {
      threads = omp_get_num_threads();
#pragma omp barrier
      const double begin = omp_get_wtime();
      run_chains(kRounds);
      slowest = omp_get_wtime() - begin;
    }
    const double rate = threads * kSliceFlops / slowest;
    if (rate > best) best = rate;
  } while (omp_get_wtime() < end);
  return best;
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
