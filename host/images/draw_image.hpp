// An image that is read, drawn into a set.
#pragma once

#include <cstdint>
#include <span>

#include "host/images/image_reader.hpp"
#include "host/images/pixel_row.hpp"
#include "host/images/placement.hpp"

namespace agon::host {

/// How every image of a set is drawn.
struct Drawing {
  ImageSize target;
  ImageFit fit = ImageFit::refuse;
  std::int64_t channels = 1;
  WordRange range{};  ///< of all images of 16 bits
};

/// Reads the image, row by row, and writes it, (target.height, target.width, channels): turned as EXIF says,
/// placed by the fit, scaled (resample.hpp), rounded to the nearest byte. Throws as the reader does.
void draw_image(ImageReader& image, const Drawing& drawing, std::span<std::uint8_t> out);

/// Of an image's words; reads it.
WordRange range_of(ImageReader& image);

}  // namespace agon::host
