#include "engine/program/gpu_cost.hpp"

#include <algorithm>

namespace agon {

GpuCost& GpuCost::operator+=(const GpuCost& other) {
  launches += other.launches;
  flop += other.flop;
  bytes += other.bytes;
  floor += other.floor;
  from_memory += other.from_memory;
  return *this;
}

GpuCost cost_of(const Operation& operation, const DescribedGpu& gpu) {
  const OperationSummary summary = operation.summary();
  GpuCost cost{.launches = operation.launches(gpu.multiprocessors),
               .bytes = summary.bytes_read + summary.bytes_written};
  double products = 0;
  for (const Product& product : operation.products()) {
    const double flop = 2 * static_cast<double>(product.multiply_adds());
    cost.flop += flop;
    products += flop / gpu.peak(product.precision);
  }
  const auto beyond = [&](std::int64_t bytes) { return std::max<std::int64_t>(0, bytes - gpu.cache_bytes); };
  const std::int64_t uncached = beyond(summary.bytes_read) + beyond(summary.bytes_written);
  cost.floor = std::max(products, static_cast<double>(uncached) / gpu.memory_rate);
  cost.from_memory = std::max(products, static_cast<double>(cost.bytes) / gpu.memory_rate);
  return cost;
}

}  // namespace agon
