// Rows of statistics on their way from device memory to the host's.
#pragma once

#include "kernels/cuda/device/device.cuh"
#include "kernels/step.hpp"

namespace agon::kernels::cuda {

/// Writes the row of the step `back` before the last one to the ring, if it waits. Each of at most
/// kMostPending threads writes one: a write across the bus takes longer than a step's arithmetic.
__device__ __forceinline__ void publish_row(const StepState& state, unsigned back, StepStatistics* ring,
                                            std::int64_t ring_size) {
  if (back >= state.pending) return;
  const std::uint64_t step = state.step - back;
  ring[(step - 1) % static_cast<std::uint64_t>(ring_size)] = state.waiting[step % kMostPending];
  __threadfence_system();  // the host must not see the count before the rows
}

/// Tells the host of the rows; by one thread, behind a barrier.
__device__ __forceinline__ void publish_count(StepState& state, std::uint64_t* published) {
  if (state.pending == 0) return;
  state.pending = 0;
  // Only a store: a read would cross the bus and back.
  *static_cast<volatile std::uint64_t*>(published) = state.step;
}

}  // namespace agon::kernels::cuda
