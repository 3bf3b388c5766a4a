// Where there is no CUDA, or a simulated device, which has no library: the processor stands in.
#include "engine/table/distinct.hpp"

namespace agon::cuda {

Distinct distinct(std::span<const double> input, int) { return agon::distinct(input, Device::cpu()); }

}  // namespace agon::cuda
