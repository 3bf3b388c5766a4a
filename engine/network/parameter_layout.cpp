#include "engine/network/parameter_layout.hpp"

#include <functional>
#include <numeric>
#include <utility>

#include "engine/network/weighted_parts.hpp"

namespace agon {

std::int64_t aligned(std::int64_t size) {
  constexpr std::int64_t kAlignment = 16;  // one cache line, one AVX-512 register
  return (size + kAlignment - 1) / kAlignment * kAlignment;
}

std::vector<TensorView> parameter_layout(const std::string& name, const NetworkSpec& spec) {
  std::vector<TensorView> tensors;
  std::int64_t offset = 0;
  const auto add = [&](std::size_t layer, const char* what, std::vector<std::int64_t> shape) {
    const auto size = std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies{});
    tensors.push_back({name + "." + std::to_string(layer) + "." + what, std::move(shape), offset, size});
    offset += aligned(size);
  };
  std::size_t l = 0;
  for (const WeightedPart& part : weighted_parts(spec)) {
    add(l, "weight", part.weight_shape());
    if (part.biased) add(l, "bias", {part.bias_size()});
    if (part.norm_width > 0) {
      add(l, "gamma", {part.norm_width});
      add(l, "beta", {part.norm_width});
    }
    ++l;
  }
  return tensors;
}

}  // namespace agon
