// Kernels that several probes launch.
#pragma once

#include <cuda_runtime.h>

namespace agon::probes {

static __global__ void empty_kernel() {}

/// Lets the kernel behind it start at once, and waits for the one ahead: what a programmatic edge costs.
static __global__ void programmatic_kernel() {
#if __CUDA_ARCH__ >= 900
  cudaTriggerProgrammaticLaunchCompletion();
  cudaGridDependencySynchronize();
#endif
}

}  // namespace agon::probes
