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
  if (residual != Residual::concat || block >= widths.size()) return columns_behind(block);
  return std::accumulate(widths.begin(), widths.begin() + static_cast<std::ptrdiff_t>(block) + 1,
                         std::int64_t{0});
}

std::int64_t NetworkSpec::columns_behind(std::size_t blocks) const {
  return width_at(blocks) * image_behind(blocks).pixels();
}

ImageShape NetworkSpec::image_behind(std::size_t blocks) const {
  const std::int64_t channels = width_at(blocks);
  const auto halved = [&](std::size_t times) {
    return ImageShape{images.shape.height >> times, images.shape.width >> times, channels};
  };
  const std::size_t last = widths.size() - 1, smallest = halvings();
  if (images.role == ImageRole::makes && blocks > 0) return halved(smallest - std::min(blocks - 1, smallest));
  if (images.role == ImageRole::reads && blocks < last)
    return halved(has_image_blocks() && blocks > 0 ? blocks - 1 : blocks);
  return {1, 1, channels};
}

bool NetworkSpec::convolves(std::size_t block) const {
  if (images.role == ImageRole::makes) return block > 0;
  return images.role == ImageRole::reads && block + 2 < widths.size();
}

ConvolutionShape NetworkSpec::convolution(std::size_t block) const {
  const bool up = images.role == ImageRole::makes;
  return {.batch = 1,
          .fine = image_behind(up ? block + 1 : block),
          .coarse_channels = width_at(up ? block : block + 1),
          .kernel = images.kernel,
          .stride = 2,
          .padding = images.kernel / 2 - 1,
          .transposed = up};
}

}  // namespace agon
