// What is found about the images of a set, and the set that is planned of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "host/images/draw_image.hpp"
#include "host/images/read_images.hpp"

namespace agon::host {

/// Counts over the headers of a set.
struct ImageFacts {
  std::map<ImageSize, std::int64_t> sizes;  ///< displayed
  std::int64_t images = 0;
  std::int64_t grey = 0, inks = 0, alpha = 0, palette = 0, turned = 0, words = 0, reals = 0;

  void add(const ImageHeader& header, std::int64_t how_many = 1);
};

/// How to draw the images. Throws ConfigurationError for options out of bounds, DataError where sizes are
/// mixed and none is given (images of `path`), or the set takes more than options.memory. The range is still
/// empty.
Drawing plan_drawing(const std::filesystem::path& path, const ImageFacts& facts, const ImageReading& options);

/// Throws ConfigurationError for options out of bounds.
void check_reading(const ImageReading& options);

/// A line for each thing that drawing does to the images.
void append_findings(std::vector<std::string>& findings, const ImageFacts& facts, const Drawing& drawing);

/// "3 images", "1 image".
std::string images_in_words(std::int64_t count);

/// A set without pixels: shape, count, room for the pixels.
ImageSet empty_set(const Drawing& drawing, std::int64_t count);

}  // namespace agon::host
