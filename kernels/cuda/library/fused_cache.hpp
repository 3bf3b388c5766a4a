// cuDNN's graphs of this process, each described and planned once for a device.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/cuda/library/fused_graph.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels::cuda {

/// The numbers of the plans that the current device has for it, with operands that are aligned as `at` is:
/// the first kMostFused that cuDNN makes, which are compiled. None where it cannot be loaded, or does not
/// take the graph.
std::vector<std::uint8_t> fused_plans(FusedDescription description, const FusedOperands& at);

/// Enqueues plan `number`; false, with nothing enqueued, where there is none. Throws DeviceError.
bool fused_compute(QueueView queue, FusedDescription description, const FusedOperands& at,
                   std::size_t number);

/// "cuDNN 91900", or nothing.
std::string fused_version();

}  // namespace agon::kernels::cuda
