// The algorithms a device has to compute a linear layer: what the engine times, and chooses from.
#pragma once

#include <string>
#include <vector>

#include "kernels/backends.hpp"
#include "kernels/linear.hpp"
#include "kernels/linear_tangent.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

/// What LayerBackend::automatic comes to on a CUDA device of so many multiprocessors, by arithmetic;
/// `library`: whether cuBLASLt can be had. An operation without outputs gets the default.
LayerChoice linear_estimate(const LinearForward& op, int multiprocessors, bool library);
LayerChoice linear_estimate(const LinearTangent& op, int multiprocessors, bool library);
LayerChoices linear_estimate(const LinearBackward& op, const LinearBackward& beside, int multiprocessors,
                             bool library);

/// The algorithms for one operation, the estimate's first, then our kernels, then cuBLASLt's algorithms, then
/// cuDNN's fused graphs; no two alike. An algorithm's number is of this operation's list: a library's list
/// depends on the pointers' alignment, and on what follows the product (a bias, row weights or neither). On
/// the processor one, the default. CUDA: of the calling thread's current device.
std::vector<LayerChoice> linear_choices(QueueView queue, const LinearForward& op);
std::vector<LayerChoice> linear_choices(QueueView queue, const LinearTangent& op);
std::vector<LayerChoice> linear_choices(QueueView queue, const LinearBackward& op);
/// The algorithms for two operations that make them one launch of our kernels, whose tiles are then the same:
/// a tile is the launch's, not the operation's. The same number of splits is wanted of both.
std::vector<LayerChoices> linear_choices(QueueView queue, const LinearBackward& op,
                                         const LinearBackward& beside);
AGON_ON_CUDA(std::vector<LayerChoice> linear_choices(QueueView queue, const LinearForward& op));
AGON_ON_CUDA(std::vector<LayerChoice> linear_choices(QueueView queue, const LinearTangent& op));
AGON_ON_CUDA(std::vector<LayerChoice> linear_choices(QueueView queue, const LinearBackward& op));
AGON_ON_CUDA(std::vector<LayerChoices> linear_choices(QueueView queue, const LinearBackward& op,
                                                      const LinearBackward& beside));

/// Of the libraries behind them, "cuBLASLt 130101, cuDNN 91900"; empty where there is none.
std::string linear_library_version(DeviceKind device);
AGON_ON_CUDA(std::string linear_library_version());

}  // namespace agon::kernels
