// Images of one size, as bytes: what is learnt from, drawn and compared.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernels/convolution_shape.hpp"

namespace agon::host {

using kernels::ImageShape;

struct ImageSet {
  ImageShape shape{};                    ///< of each; channels: 1 for grey, 3 for RGB
  std::int64_t count = 0;                ///< images
  std::vector<std::uint8_t> pixels;      ///< (count, height, width, channels), 0 black, 255 white
  std::vector<std::int32_t> labels;      ///< (count), indices of label_names; empty where there are none
  std::vector<std::string> label_names;  ///< in the order of the labels

  bool labelled() const { return !labels.empty(); }
  std::span<const std::uint8_t> image(std::int64_t index) const {
    const auto size = static_cast<std::size_t>(shape.size());
    return std::span(pixels).subspan(static_cast<std::size_t>(index) * size, size);
  }
};

/// "28 x 28, grey", height first.
std::string image_size_text(const ImageShape& shape);

/// These images, in this order, with their labels.
ImageSet part(const ImageSet& set, const std::vector<std::int64_t>& which);

}  // namespace agon::host
