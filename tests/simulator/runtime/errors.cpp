// Error codes in words; the last error. Source: CUDA Runtime API reference, "Error Handling".
#include "tests/simulator/runtime/errors.hpp"

#include <utility>

namespace agon::simulator {
namespace {

struct Words {
  cudaError_t code;
  const char *name, *text;
};

#define AGON_ERROR(code, text) \
  { code, #code, text }
constexpr Words kWords[] = {
    AGON_ERROR(cudaSuccess, "no error"),
    AGON_ERROR(cudaErrorInvalidValue, "invalid argument"),
    AGON_ERROR(cudaErrorMemoryAllocation, "out of memory"),
    AGON_ERROR(cudaErrorInitializationError, "initialization error"),
    AGON_ERROR(cudaErrorInvalidConfiguration, "invalid configuration argument"),
    AGON_ERROR(cudaErrorInvalidMemcpyDirection, "invalid copy direction for memcpy"),
    AGON_ERROR(cudaErrorInsufficientDriver, "driver older than the runtime"),
    AGON_ERROR(cudaErrorInvalidDeviceFunction, "invalid device function"),
    AGON_ERROR(cudaErrorNoDevice, "no device"),
    AGON_ERROR(cudaErrorInvalidDevice, "invalid device ordinal"),
    AGON_ERROR(cudaErrorInvalidResourceHandle, "invalid resource handle"),
    AGON_ERROR(cudaErrorIllegalState, "the operation cannot be done in the present state"),
    AGON_ERROR(cudaErrorNotReady, "device not ready"),
    AGON_ERROR(cudaErrorIllegalAddress, "an illegal memory access was encountered"),
    AGON_ERROR(cudaErrorLaunchOutOfResources, "too many resources requested for launch"),
    AGON_ERROR(cudaErrorLaunchTimeout, "the launch timed out and was terminated"),
    AGON_ERROR(cudaErrorAssert, "device-side assert triggered"),
    AGON_ERROR(cudaErrorIllegalInstruction, "an illegal instruction was encountered"),
    AGON_ERROR(cudaErrorMisalignedAddress, "misaligned address"),
    AGON_ERROR(cudaErrorLaunchFailure, "unspecified launch failure"),
    AGON_ERROR(cudaErrorCooperativeLaunchTooLarge, "too many blocks in cooperative launch"),
    AGON_ERROR(cudaErrorNotPermitted, "operation not permitted"),
    AGON_ERROR(cudaErrorNotSupported, "operation not supported"),
    AGON_ERROR(cudaErrorStreamCaptureUnsupported, "operation not permitted when stream is capturing"),
    AGON_ERROR(cudaErrorStreamCaptureInvalidated, "capture invalidated by an earlier error"),
    AGON_ERROR(cudaErrorStreamCaptureMerge, "operation would merge two captures"),
    AGON_ERROR(cudaErrorStreamCaptureUnmatched, "capture was not begun in this stream"),
    AGON_ERROR(cudaErrorStreamCaptureUnjoined, "capturing stream has work not joined to the first stream"),
    AGON_ERROR(cudaErrorStreamCaptureIsolation, "dependency on work outside the capture"),
    AGON_ERROR(cudaErrorStreamCaptureImplicit, "implicit dependency of the legacy stream on a capture"),
    AGON_ERROR(cudaErrorCapturedEvent, "event was last recorded in a capturing stream"),
    AGON_ERROR(cudaErrorStreamCaptureWrongThread, "capture ended by another thread than began it"),
    AGON_ERROR(cudaErrorInvalidClusterSize, "cluster misconfiguration"),
    AGON_ERROR(cudaErrorUnknown, "unknown error"),
};
#undef AGON_ERROR

const Words* words_for(cudaError_t code) {
  for (const Words& words : kWords)
    if (words.code == code) return &words;
  return nullptr;
}

thread_local cudaError_t last_error = cudaSuccess;
cudaError_t fault_of_device = cudaSuccess;

}  // namespace

std::recursive_mutex& api_mutex() {
  static auto& mutex = *new std::recursive_mutex;  // outlives every static object that calls the runtime
  return mutex;
}

cudaError_t device_fault() { return fault_of_device; }
void set_device_fault(cudaError_t fault) { fault_of_device = fault; }

cudaError_t remember(cudaError_t error) noexcept {
  if (error != cudaSuccess) last_error = error;
  return error;
}

bool& in_host_function() {
  thread_local bool inside = false;
  return inside;
}

}  // namespace agon::simulator

using namespace agon::simulator;

cudaError_t cudaGetLastError() {
  const std::lock_guard lock(api_mutex());
  if (device_fault() != cudaSuccess) return device_fault();
  return std::exchange(last_error, cudaSuccess);
}

cudaError_t cudaPeekAtLastError() {
  const std::lock_guard lock(api_mutex());
  return device_fault() != cudaSuccess ? device_fault() : last_error;
}

const char* cudaGetErrorName(cudaError_t error) {
  const Words* const words = words_for(error);
  return words != nullptr ? words->name : "unrecognized error code";
}

const char* cudaGetErrorString(cudaError_t error) {
  const Words* const words = words_for(error);
  return words != nullptr ? words->text : "unrecognized error code";
}
