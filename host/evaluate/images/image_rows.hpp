// Images as rows of numbers: their pixels or their features.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "host/images/image_set.hpp"

namespace agon::host {

struct ImageRows {
  std::int64_t rows = 0, width = 0;
  std::vector<float> values;  ///< (rows, width)

  const float* row(std::int64_t index) const { return values.data() + index * width; }
  float* row(std::int64_t index) { return values.data() + index * width; }
};
ImageRows zero_rows(std::int64_t rows, std::int64_t width);

/// The rows `which`, in this order.
ImageRows some_rows(const ImageRows& rows, std::span<const std::int64_t> which);

/// The images `which`, in this order.
ImageSet some_images(const ImageSet& images, std::span<const std::int64_t> which);

/// The rows of all `parts`, of equally many rows each, side by side.
ImageRows side_by_side(std::span<const ImageRows> parts);

/// Column means and deviations of rows; the deviation of a column that does not vary is 1.
struct RowScale {
  std::vector<float> mean, deviation;  ///< (width)

  explicit RowScale(const ImageRows& rows);
  /// In place: (value - mean) / deviation.
  void apply(ImageRows& rows) const;
};

}  // namespace agon::host
