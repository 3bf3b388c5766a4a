#include "host/images/pixel_row.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace agon::host {
namespace {

template <class T>
T sample_at(const std::uint8_t* row, std::int64_t index) {
  T value;
  std::memcpy(&value, row + index * static_cast<std::int64_t>(sizeof(T)), sizeof(T));
  return value;
}

/// A sample's number is (sample - low) * scale; a sample of `most` is full alpha.
struct SampleScale {
  float low = 0, scale = 1, most = 255;
};

SampleScale scale_of(Sample sample, const WordRange& range) {
  if (sample == Sample::real) return {0, 255, 1};
  if (sample == Sample::byte) return {};
  const float span = static_cast<float>(range.high) - static_cast<float>(range.low);
  return {static_cast<float>(range.low), span > 0 ? 255 / span : 0, 65535};
}

void rgb_of_inks(std::array<float, 4>& ink, bool inverted) {
  const float black = inverted ? ink[3] : 255 - ink[3];
  for (std::size_t k = 0; k < 3; ++k) ink[k] = (inverted ? ink[k] : 255 - ink[k]) * black / 255;
}

void put_pixel(const std::array<float, 4>& colour, bool grey, std::int64_t channels, float* out) {
  if (channels == 1) {
    out[0] = grey ? colour[0] : 0.299f * colour[0] + 0.587f * colour[1] + 0.114f * colour[2];
    return;
  }
  for (std::size_t k = 0; k < 3; ++k) out[k] = colour[grey ? 0 : k];
}

template <class T>
void convert(const std::uint8_t* row, std::int64_t width, const PixelLayout& layout, const SampleScale& how,
             std::int64_t channels, float* out) {
  const std::int64_t colours = layout.colours(), stride = colours + (layout.alpha ? 1 : 0);
  const auto number = [&](std::int64_t i) {
    return (static_cast<float>(sample_at<T>(row, i)) - how.low) * how.scale;
  };
  if (stride == channels) {
    for (std::int64_t i = 0; i < width * channels; ++i) out[i] = number(i);
    return;
  }
  for (std::int64_t x = 0; x < width; ++x) {
    std::array<float, 4> pixel{};
    for (std::int64_t k = 0; k < colours; ++k) pixel[static_cast<std::size_t>(k)] = number(x * stride + k);
    if (layout.colour == Colour::cmyk) rgb_of_inks(pixel, layout.inverted);
    if (layout.alpha) {
      const float cover = static_cast<float>(sample_at<T>(row, x * stride + colours)) / how.most;
      for (float& value : pixel) value *= cover;
    }
    put_pixel(pixel, layout.colour == Colour::grey, channels, out + x * channels);
  }
}

}  // namespace

WordRange word_range(const std::uint8_t* row, std::int64_t width, const PixelLayout& layout) {
  WordRange range;
  const std::int64_t colours = layout.colours(), stride = colours + (layout.alpha ? 1 : 0);
  for (std::int64_t x = 0; x < width; ++x) {
    for (std::int64_t k = 0; k < colours; ++k) {
      const auto value = sample_at<std::uint16_t>(row, x * stride + k);
      range.low = std::min(range.low, value);
      range.high = std::max(range.high, value);
    }
  }
  return range;
}

void convert_row(const std::uint8_t* row, std::int64_t width, const PixelLayout& layout,
                 const WordRange& range, std::int64_t channels, float* out) {
  const SampleScale how = scale_of(layout.sample, range);
  switch (layout.sample) {
    case Sample::byte:
      return convert<std::uint8_t>(row, width, layout, how, channels, out);
    case Sample::word:
      return convert<std::uint16_t>(row, width, layout, how, channels, out);
    case Sample::real:
      return convert<float>(row, width, layout, how, channels, out);
  }
}

}  // namespace agon::host
