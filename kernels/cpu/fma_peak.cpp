// Multiply-adds that never leave the registers.
#include "kernels/fma_peak.hpp"

#include <time.h>

#include "kernels/cpu/linear/gemm_vector.hpp"
#include "kernels/cpu/parts.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

// A multiply-add takes 4 or 5 cycles and two may start in each: 12 chains hide that, and fit 16 registers.
constexpr int kChains = 12;

double now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

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
  const double end = now() + seconds;
  double best = 0;
  do {
    const double begin = now();
    for_parts(queue, queue.threads, [](int) { run_chains(kRounds); });
    const double rate = queue.threads * kSliceFlops / (now() - begin);
    if (rate > best) best = rate;
  } while (now() < end);
  return best;
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
