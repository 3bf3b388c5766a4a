// The device's ceiling: how many fp32 operations a second it can do when nothing but arithmetic is asked of
// it.
#pragma once

#include "kernels/backends.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

/// Runs chains of independent fp32 multiply-adds that live in registers, on queue.threads threads (CUDA: on
/// every multiprocessor), for about `seconds` of wall time (> 0), and returns FLOP/s of the best of several
/// equal slices: a ceiling, so the slice that others disturbed least is the right one. A multiply-add counts
/// two operations. Blocks until done: a measurement, not an operation of the step.
double fma_peak(QueueView queue, double seconds);
AGON_ON_BACKENDS(double fma_peak(QueueView queue, double seconds));

}  // namespace agon::kernels
