// A build without cuDNN's headers, and the simulated device, have our convolutions alone.
#include "kernels/cuda/convolution/backends.hpp"

namespace agon::kernels::cuda {

bool convolution_forward_library(QueueView, const ConvolutionForward&) { return false; }
bool convolution_tangent_library(QueueView, const ConvolutionTangent&) { return false; }
bool convolution_input_library(QueueView, const ConvolutionBackward&) { return false; }
bool convolution_weight_library(QueueView, const ConvolutionBackward&) { return false; }
std::vector<std::uint8_t> convolution_library_algorithms(const ConvolutionForward&) { return {}; }
std::vector<std::uint8_t> convolution_library_algorithms(const ConvolutionTangent&) { return {}; }
std::vector<std::uint8_t> convolution_library_algorithms(const ConvolutionBackward&) { return {}; }

}  // namespace agon::kernels::cuda
