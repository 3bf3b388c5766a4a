// The ways CUDA computes a convolution beside our kernels (pass.cuh); convolution.cu goes one of them.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/convolution.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels::cuda {

/// What cuDNN can be asked for: one replica, fp32 or tf32; of weights' gradients those that overwrite.
template <class Operation>
bool library_can_convolve(QueueView queue, const Operation& op) {
  return queue.replicas.count == 1 && queue.replicas.first == 0 && op.precision != Precision::bf16;
}

/// cuDNN, by plan choice.algorithm of its list; of backward dx alone, or dweight alone. False, with nothing
/// enqueued, where the library cannot be loaded or has no such plan. The tangent's convolution is the
/// library's, what is made of it a pass of ours.
bool convolution_forward_library(QueueView queue, const ConvolutionForward& op);
bool convolution_tangent_library(QueueView queue, const ConvolutionTangent& op);
bool convolution_input_library(QueueView queue, const ConvolutionBackward& op);
bool convolution_weight_library(QueueView queue, const ConvolutionBackward& op);
/// The numbers of its plans, at most kMostFused of them; those that it would not make are left out. Compiles
/// them. Of backward dweight's where it is asked for, else dx's.
std::vector<std::uint8_t> convolution_library_algorithms(const ConvolutionForward& op);
std::vector<std::uint8_t> convolution_library_algorithms(const ConvolutionTangent& op);
std::vector<std::uint8_t> convolution_library_algorithms(const ConvolutionBackward& op);

}  // namespace agon::kernels::cuda
