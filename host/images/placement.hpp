// Which part of an image is taken, and where it lands.
#pragma once

#include <cstdint>

#include "host/images/image_reader.hpp"

namespace agon::host {

/// What is done with an image of another size than the set's.
enum class ImageFit : std::uint8_t {
  refuse,   ///< an error
  crop,     ///< its centre in the set's proportions (a square's centre square), scaled
  stretch,  ///< scaled in either direction, whatever becomes of its proportions
  pad,      ///< scaled to lie inside, black around it
};

struct ImageBox {
  std::int64_t top = 0, left = 0;
  ImageSize size{};
  friend bool operator==(const ImageBox&, const ImageBox&) = default;
};

struct Placement {
  ImageBox from;  ///< of the image as displayed
  ImageBox to;    ///< of the target
  friend bool operator==(const Placement&, const Placement&) = default;
};

/// With refuse, as with stretch: who refuses did so before. Sides are at least 1.
Placement place_image(const ImageSize& image, const ImageSize& target, ImageFit fit);

/// How a displayed image stands in its file (EXIF orientation 1 to 8): the displayed pixel (y, x) is the
/// stored one (y, x), or (x, y) where transposed, counted from the other end where flipped.
struct Orientation {
  bool transposed = false, flip_rows = false, flip_columns = false;

  explicit Orientation(int exif)
      : transposed(exif >= 5),
        flip_rows(exif == 3 || exif == 4 || exif == 6 || exif == 7),
        flip_columns(exif == 2 || exif == 3 || exif == 7 || exif == 8) {}

  /// A size as stored, from one as displayed or the other way.
  ImageSize turned(const ImageSize& size) const {
    return transposed ? ImageSize{size.width, size.height} : size;
  }
  /// The stored box of a displayed one.
  ImageBox stored(const ImageBox& displayed, const ImageSize& stored_image) const;
  /// Index of the stored pixel that is displayed at (y, x), in an image of that stored size.
  std::int64_t index(std::int64_t y, std::int64_t x, const ImageSize& stored_image) const;
};

}  // namespace agon::host
