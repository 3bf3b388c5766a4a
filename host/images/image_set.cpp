#include "host/images/image_set.hpp"

#include <fmt/format.h>

namespace agon::host {

std::string image_size_text(const ImageShape& shape) {
  const char* const colours = shape.channels == 1 ? "grey" : shape.channels == 3 ? "RGB" : "channels";
  const std::string text = fmt::format("{} x {}", shape.height, shape.width);
  if (shape.channels == 1 || shape.channels == 3) return text + ", " + colours;
  return fmt::format("{}, {} channels", text, shape.channels);
}

ImageSet part(const ImageSet& set, const std::vector<std::int64_t>& which) {
  ImageSet some{.shape = set.shape,
                .count = static_cast<std::int64_t>(which.size()),
                .pixels = {},
                .labels = {},
                .label_names = set.label_names};
  some.pixels.reserve(which.size() * static_cast<std::size_t>(set.shape.size()));
  for (const std::int64_t index : which) {
    const auto image = set.image(index);
    some.pixels.insert(some.pixels.end(), image.begin(), image.end());
    if (set.labelled()) some.labels.push_back(set.labels[static_cast<std::size_t>(index)]);
  }
  return some;
}

}  // namespace agon::host
