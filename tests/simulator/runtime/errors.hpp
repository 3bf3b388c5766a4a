// What every call of the runtime does before and after its own part.
#pragma once

#include <mutex>
#include <new>

#include "tests/simulator/include/cuda_runtime_api.h"

namespace agon::simulator {

/// One for the whole interface; calls from several threads take turns.
std::recursive_mutex& api_mutex();

/// What every call returns since a kernel faulted; cudaSuccess where none has. Source: CUDA Runtime API,
/// cudaError: "leaves the process in an inconsistent state and any further CUDA work will return the same
/// error".
cudaError_t device_fault();
void set_device_fault(cudaError_t fault);

/// Remembers an error as the calling thread's last and hands it on.
cudaError_t remember(cudaError_t error) noexcept;

/// Whether the calling thread is inside a function of cudaLaunchHostFunc, which must not call the runtime.
bool& in_host_function();

/// Whether a call still does its part after a fault.
enum class AfterFault : unsigned char {
  nothing,
  release,  ///< it gives something back, and returns the fault
};

template <class Body>
cudaError_t api(const Body& body, AfterFault after_fault = AfterFault::nothing) noexcept try {
  const std::lock_guard lock(api_mutex());
  if (in_host_function()) return remember(cudaErrorNotPermitted);
  if (device_fault() != cudaSuccess && after_fault == AfterFault::nothing) return device_fault();
  const cudaError_t status = body();
  return device_fault() != cudaSuccess ? device_fault() : remember(status);
} catch (const std::bad_alloc&) {
  return remember(cudaErrorMemoryAllocation);
} catch (...) {
  return remember(cudaErrorUnknown);
}

}  // namespace agon::simulator
