// cuDNN's backend API, loaded when first asked for, as cuBLASLt is (cublaslt.hpp): its libraries have 480 MB.
#pragma once

#include <cudnn_graph.h>

#include <algorithm>
#include <string>

#include "kernels/error.hpp"

namespace agon::kernels::cuda {

/// The library's functions that we call.
struct Cudnn {
  decltype(&cudnnGetVersion) version;
  decltype(&cudnnGetErrorString) text_of;
  decltype(&cudnnGetLastErrorString) last_error;
  decltype(&cudnnCreate) create;
  decltype(&cudnnSetStream) set_stream;
  decltype(&cudnnBackendCreateDescriptor) create_descriptor;
  decltype(&cudnnBackendDestroyDescriptor) destroy_descriptor;
  decltype(&cudnnBackendSetAttribute) set_attribute;
  decltype(&cudnnBackendGetAttribute) get_attribute;
  decltype(&cudnnBackendFinalize) finalize;
  decltype(&cudnnBackendExecute) execute;
};

/// Null where libcudnn.so of this build's major version, at least 9.8, cannot be loaded. Never unloaded. Safe
/// from any thread.
const Cudnn* cudnn() noexcept;

/// Throws DeviceError: "<call> failed: <cuDNN's texts> (<file>:<line>)".
inline void check_cudnn(const Cudnn& cudnn, cudnnStatus_t status, const char* call, const char* file,
                        int line) {
  if (status == CUDNN_STATUS_SUCCESS) return;
  char reason[512] = "";
  cudnn.last_error(reason, sizeof reason);
  std::string text =
      reason;  // of a line for each call that passed the error on; the first says what is wrong
  text.resize(std::min(text.size(), text.find('\n')));
  throw DeviceError(std::string(call) + " failed: " + cudnn.text_of(status) + ": " + text + " (" + file +
                    ":" + std::to_string(line) + ")");
}

}  // namespace agon::kernels::cuda

#define AGON_CUDNN_CHECK(cudnn, call) \
  ::agon::kernels::cuda::check_cudnn((cudnn), (cudnn).call, #call, __FILE__, __LINE__)
