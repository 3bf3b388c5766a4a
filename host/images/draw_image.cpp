#include "host/images/draw_image.hpp"

#include <algorithm>
#include <vector>

#include "host/images/resample.hpp"

namespace agon::host {
namespace {

std::uint8_t nearest_byte(float value) {
  return static_cast<std::uint8_t>(std::clamp(value, 0.0f, 255.0f) + 0.5f);
}

std::vector<std::uint8_t> row_of(const ImageHeader& header) {
  return std::vector<std::uint8_t>(
      static_cast<std::size_t>(header.stored.width * header.layout.pixel_bytes()));
}

}  // namespace

void draw_image(ImageReader& image, const Drawing& drawing, std::span<std::uint8_t> out) {
  const ImageHeader& header = image.header();
  const Orientation orientation(header.orientation);
  const Placement placement = place_image(header.displayed(), drawing.target, drawing.fit);
  const ImageBox from = orientation.stored(placement.from, header.stored), to = placement.to;
  const ImageSize made = orientation.turned(to.size);

  Resampler resampler(from.size, made, drawing.channels);
  std::vector<std::uint8_t> row = row_of(header);
  std::vector<float> numbers(static_cast<std::size_t>(from.size.width * drawing.channels));
  for (std::int64_t y = 0; y < header.stored.height; ++y) {
    image.read_row(row.data());
    if (y < from.top || y >= from.top + from.size.height) continue;
    convert_row(row.data() + from.left * header.layout.pixel_bytes(), from.size.width, header.layout,
                drawing.range, drawing.channels, numbers.data());
    resampler.add_row(numbers);
  }
  image.finish();

  std::fill(out.begin(), out.end(), std::uint8_t{0});
  const float* pixels = resampler.image().data();
  for (std::int64_t y = 0; y < to.size.height; ++y) {
    std::uint8_t* line = out.data() + ((to.top + y) * drawing.target.width + to.left) * drawing.channels;
    for (std::int64_t x = 0; x < to.size.width; ++x) {
      const float* pixel = pixels + orientation.index(y, x, made) * drawing.channels;
      for (std::int64_t k = 0; k < drawing.channels; ++k) *line++ = nearest_byte(pixel[k]);
    }
  }
}

WordRange range_of(ImageReader& image) {
  const ImageHeader& header = image.header();
  std::vector<std::uint8_t> row = row_of(header);
  WordRange range;
  for (std::int64_t y = 0; y < header.stored.height; ++y) {
    image.read_row(row.data());
    range.include(word_range(row.data(), header.stored.width, header.layout));
  }
  image.finish();
  return range;
}

}  // namespace agon::host
