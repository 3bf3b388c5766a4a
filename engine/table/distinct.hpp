// Distinct numbers, how often each stands there, and where.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/runtime/device.hpp"

namespace agon {

struct Distinct {
  std::vector<double> values;        ///< ascending, each once
  std::vector<std::int64_t> counts;  ///< of each value
  std::vector<std::uint32_t> index;  ///< (n): which of the values each input is
};

/// Of fewer than 2^32 numbers, none of them NaN. By Thrust on the device; the same on every device.
Distinct distinct(std::span<const double> input, const Device& device);

namespace cuda {

/// On CUDA device `index`. Throws DeviceError. A build without CUDA, and a simulated device, use the
/// processor.
Distinct distinct(std::span<const double> input, int index);

}  // namespace cuda
}  // namespace agon
