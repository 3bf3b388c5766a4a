#include "engine/runtime/described_gpu.hpp"

#include <algorithm>

#include "kernels/error.hpp"

namespace agon {
namespace {

constexpr std::int64_t kMega = std::int64_t{1} << 20;

/// Sources, all NVIDIA's:
///   A100  data sheet of 2021 (rates, memory, of the model with 80 GB); "A100 Tensor Core GPU Architecture"
///         (multiprocessors, cache)
///   H100  "H100 Tensor Core GPU Architecture" (multiprocessors, cache, rates of tensor cores); data sheet
///         (fp32, memory)
///   H200  data sheet (rates, where those of tensor cores are with sparsity, so half of them; memory). The
///         chip is H100's, with all six stacks of memory: multiprocessors of the one, and the cache of the
///         whole chip, 60 MB, in the same document
constexpr DescribedGpu kGpus[] = {
    {"a100", "A100 SXM, 80 GB", 108, 40 * kMega, 2.039e12, 19.5e12, 156e12, 312e12},
    {"h100", "H100 SXM, 80 GB", 132, 50 * kMega, 3.35e12, 67e12, 494.7e12, 989.4e12},
    {"h200", "H200 SXM, 141 GB", 132, 60 * kMega, 4.8e12, 67e12, 494.7e12, 989.4e12},
};

}  // namespace

std::span<const DescribedGpu> described_gpus() { return kGpus; }

std::string names_of_gpus() {
  std::string names;
  for (const DescribedGpu& gpu : kGpus) names += (names.empty() ? "" : ", ") + std::string(gpu.name);
  return names;
}

const DescribedGpu& described_gpu(std::string_view name) {
  const auto* const found = std::ranges::find(kGpus, name, &DescribedGpu::name);
  if (found != std::end(kGpus)) return *found;
  throw ConfigurationError("GPU: '" + std::string(name) + "' is none of " + names_of_gpus());
}

}  // namespace agon
