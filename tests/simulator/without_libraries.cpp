// cuBLASLt is absent on the simulated device, as cuDNN is: linear layers take their own kernels.
#include "kernels/cuda/linear/backends.hpp"

namespace agon::kernels::cuda {

bool linear_forward_library(QueueView, const LinearForward&) { return false; }
bool linear_tangent_library(QueueView, const LinearTangent&) { return false; }
bool linear_backward_library(QueueView, const LinearBackward&) { return false; }
int linear_library_algorithms(const LinearForward&) { return 0; }
int linear_library_algorithms(const LinearTangent&) { return 0; }
int linear_library_algorithms(const LinearBackward&) { return 0; }
std::string linear_library_version() { return {}; }

}  // namespace agon::kernels::cuda
