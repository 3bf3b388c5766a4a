#include "host/evaluate/images/image_rows.hpp"

#include <algorithm>
#include <cmath>

namespace agon::host {

ImageRows zero_rows(std::int64_t rows, std::int64_t width) {
  return {rows, width, std::vector<float>(static_cast<std::size_t>(rows * width))};
}

ImageRows some_rows(const ImageRows& rows, std::span<const std::int64_t> which) {
  ImageRows some = zero_rows(static_cast<std::int64_t>(which.size()), rows.width);
  for (std::size_t i = 0; i < which.size(); ++i)
    std::copy_n(rows.row(which[i]), rows.width, some.row(static_cast<std::int64_t>(i)));
  return some;
}

ImageSet some_images(const ImageSet& images, std::span<const std::int64_t> which) {
  ImageSet some{images.shape, static_cast<std::int64_t>(which.size()), {}, {}, images.label_names};
  some.pixels.reserve(which.size() * static_cast<std::size_t>(images.shape.size()));
  for (const std::int64_t i : which) {
    const auto image = images.image(i);
    some.pixels.insert(some.pixels.end(), image.begin(), image.end());
    if (images.labelled()) some.labels.push_back(images.labels[i]);
  }
  return some;
}

ImageRows side_by_side(std::span<const ImageRows> parts) {
  std::int64_t width = 0;
  for (const ImageRows& part : parts) width += part.width;
  ImageRows all = zero_rows(parts.front().rows, width);
  for (std::int64_t i = 0; i < all.rows; ++i) {
    float* to = all.row(i);
    for (const ImageRows& part : parts) to = std::copy_n(part.row(i), part.width, to);
  }
  return all;
}

RowScale::RowScale(const ImageRows& rows) {
  std::vector<double> sum(static_cast<std::size_t>(rows.width)), square(sum.size());
  for (std::int64_t i = 0; i < rows.rows; ++i)
    for (std::size_t c = 0; c < sum.size(); ++c) sum[c] += double{rows.row(i)[c]};
  const auto count = static_cast<double>(rows.rows);
  for (double& value : sum) value /= count;
  for (std::int64_t i = 0; i < rows.rows; ++i)
    for (std::size_t c = 0; c < sum.size(); ++c) {
      const double difference = double{rows.row(i)[c]} - sum[c];
      square[c] += difference * difference;
    }
  for (std::size_t c = 0; c < sum.size(); ++c) {
    const double root = std::sqrt(square[c] / count);
    mean.push_back(static_cast<float>(sum[c]));
    const bool varies = root > 1e-6 * (1 + std::abs(sum[c]));
    deviation.push_back(varies ? static_cast<float>(root) : 1.0f);
  }
}

void RowScale::apply(ImageRows& rows) const {
  for (std::int64_t i = 0; i < rows.rows; ++i) {
    float* const row = rows.row(i);
    for (std::size_t c = 0; c < mean.size(); ++c) row[c] = (row[c] - mean[c]) / deviation[c];
  }
}

}  // namespace agon::host
