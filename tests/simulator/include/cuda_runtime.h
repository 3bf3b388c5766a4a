// CUDA C++ for the simulated device: the runtime's interface, the device language, and kernels by type.
// Source: CUDA Runtime API reference, "C++ API Routines".
#pragma once

#include <cstddef>
#include <utility>

#include "tests/simulator/include/cuda_runtime_api.h"
#include "tests/simulator/runtime/kernel_call.hpp"

#include "tests/simulator/language/language.hpp"

/// Enqueues the kernel; its arguments are copied now.
template <class... Expected, class... Actual>
inline cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Expected...),
                                      Actual&&... arguments) {
  static_assert(sizeof...(Expected) == sizeof...(Actual), "as many arguments as the kernel has parameters");
  return agon::simulator::launch(config,
                                 agon::simulator::make_call(kernel, std::forward<Actual>(arguments)...));
}

template <class Kernel>
inline cudaError_t cudaFuncSetAttribute(Kernel* kernel, cudaFuncAttribute attribute, int value) {
  return cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel), attribute, value);
}

template <class Kernel>
inline cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, Kernel* kernel) {
  return cudaFuncGetAttributes(attributes, reinterpret_cast<const void*>(kernel));
}

template <class Kernel>
inline cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, Kernel* kernel, int threads,
                                                                 std::size_t dynamic_shared) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, reinterpret_cast<const void*>(kernel), threads,
                                                       dynamic_shared);
}

template <class Kernel>
inline cudaError_t cudaOccupancyMaxActiveClusters(int* clusters, Kernel* kernel,
                                                  const cudaLaunchConfig_t* config) {
  return cudaOccupancyMaxActiveClusters(clusters, reinterpret_cast<const void*>(kernel), config);
}
