// A build without cuDNN's headers, and the simulated device, have no fused graphs.
#include "kernels/cuda/linear/backends.hpp"

namespace agon::kernels::cuda {

bool linear_forward_fused(QueueView, const LinearForward&) { return false; }
bool linear_backward_fused(QueueView, const LinearBackward&) { return false; }
std::vector<std::uint8_t> linear_fused_algorithms(const LinearForward&) { return {}; }
std::vector<std::uint8_t> linear_fused_algorithms(const LinearBackward&) { return {}; }
std::string linear_fused_version() { return {}; }

}  // namespace agon::kernels::cuda
