// The algorithms a device has to compute a convolution: what the engine times, and chooses from.
#pragma once

#include <vector>

#include "kernels/backends.hpp"
#include "kernels/convolution.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

/// What LayerBackend::automatic comes to on a CUDA device of so many multiprocessors, by arithmetic: our
/// kernel. Of backward dweight's where it is asked for, else dx's; without either the default.
LayerChoice convolution_estimate(const ConvolutionForward& op, int multiprocessors);
LayerChoice convolution_estimate(const ConvolutionTangent& op, int multiprocessors);
LayerChoice convolution_estimate(const ConvolutionBackward& op, int multiprocessors);

/// The algorithms for one operation, the estimate's first, then our kernels, then cuDNN's plans; no two
/// alike. Of backward one of dx and dweight is asked for. A plan's number is of this operation's list, which
/// depends on the pointers' alignment. On the processor one, the default. CUDA: of the calling thread's
/// current device.
std::vector<LayerChoice> convolution_choices(QueueView queue, const ConvolutionForward& op);
std::vector<LayerChoice> convolution_choices(QueueView queue, const ConvolutionTangent& op);
std::vector<LayerChoice> convolution_choices(QueueView queue, const ConvolutionBackward& op);
AGON_ON_CUDA(std::vector<LayerChoice> convolution_choices(QueueView queue, const ConvolutionForward& op));
AGON_ON_CUDA(std::vector<LayerChoice> convolution_choices(QueueView queue, const ConvolutionTangent& op));
AGON_ON_CUDA(std::vector<LayerChoice> convolution_choices(QueueView queue, const ConvolutionBackward& op));

}  // namespace agon::kernels
