// What vendors say of GPUs: for those who ask about one that is not there.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "kernels/precision.hpp"

namespace agon {

struct DescribedGpu {
  std::string_view name;   ///< "h200"
  std::string_view model;  ///< "H200 SXM"
  int multiprocessors;
  std::int64_t cache_bytes;  ///< of the second level
  double memory_rate;        ///< bytes a second
  /// FLOP a second at the highest clock, of products in that precision; of matrices with no zeroes to leave
  /// out.
  double fp32, tf32, bf16;

  double peak(kernels::Precision precision) const {
    return precision == kernels::Precision::fp32 ? fp32 : precision == kernels::Precision::tf32 ? tf32 : bf16;
  }
};

std::span<const DescribedGpu> described_gpus();
std::string names_of_gpus();  ///< "a100, h100, h200"
/// Throws ConfigurationError that lists the names.
const DescribedGpu& described_gpu(std::string_view name);

}  // namespace agon
