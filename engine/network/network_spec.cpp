#include "engine/network/network_spec.hpp"

#include <algorithm>
#include <numeric>
#include <string>

#include "kernels/error.hpp"
#include "kernels/record_shape.hpp"

namespace agon {

std::int64_t RecordLayout::width() const {
  return levels() + numbers() * kernels::number_width(link) + condition_levels();
}

std::int64_t NetworkSpec::width_at(std::size_t layer) const {
  if (layer < widths.size()) return widths[layer];
  throw ConfigurationError("a network of " + std::to_string(widths.size()) + " widths has no width " +
                           std::to_string(layer) + " (counted from 0)");
}

std::int64_t NetworkSpec::inputs(std::size_t block) const {
  if (residual != Residual::concat || block >= widths.size()) return width_at(block);
  return std::accumulate(widths.begin(), widths.begin() + static_cast<std::ptrdiff_t>(block) + 1,
                         std::int64_t{0});
}

std::int64_t NetworkSpec::parameter_count() const {
  std::int64_t count = 0;
  for (std::size_t l = 0; l + 1 < widths.size(); ++l)
    count += (inputs(l) + (biased(l) ? 1 : 0)) * widths[l + 1] + (normalised(l) ? 2 * norm_width(l) : 0);
  return count;
}

std::int64_t NetworkSpec::multiply_adds() const {
  std::int64_t count = 0;
  for (std::size_t l = 0; l + 1 < widths.size(); ++l) count += inputs(l) * widths[l + 1];
  return count;
}

std::int64_t NetworkSpec::widest() const {
  std::int64_t most = outputs();
  for (std::size_t l = 0; l + 1 < widths.size(); ++l) most = std::max({most, inputs(l), widths[l + 1]});
  return most;
}

}  // namespace agon
