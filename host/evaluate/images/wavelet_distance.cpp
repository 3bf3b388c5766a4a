#include "host/evaluate/images/wavelet_distance.hpp"

#include <algorithm>
#include <array>

#include "engine/runtime/thread_pool.hpp"
#include "host/evaluate/images/frechet.hpp"

namespace agon::host {
namespace {

constexpr std::int64_t kFewestOfSide = 7, kMostOfPacket = 1024;
constexpr std::int64_t kImagesOfPart = 64;

ImageShape packet_of(const ImageShape& image, int level) {
  const auto part = [level](std::int64_t side) { return (side + (std::int64_t{1} << level) - 1) >> level; };
  return {part(image.height), part(image.width), image.channels};
}

/// Where a row or column beyond the edge comes from: 0 1 2 2 1 0 0 1 2 ...
std::int64_t reflected(std::int64_t at, std::int64_t side) {
  const std::int64_t place = at % (2 * side);
  return place < side ? place : 2 * side - 1 - place;
}

std::vector<float> padded_image(std::span<const std::uint8_t> image, const ImageShape& from,
                                const ImageShape& to) {
  std::vector<float> padded(static_cast<std::size_t>(to.size()));
  auto out = padded.begin();
  for (std::int64_t y = 0; y < to.height; ++y)
    for (std::int64_t x = 0; x < to.width; ++x) {
      const std::int64_t pixel = reflected(y, from.height) * from.width + reflected(x, from.width);
      for (std::int64_t c = 0; c < from.channels; ++c)
        *out++ = static_cast<float>(image[pixel * from.channels + c]) / 255.0f;
    }
  return padded;
}

/// One step: `from`, of shape `whole`, becomes its four packets, one behind the other.
void haar_step(const float* from, const ImageShape& whole, float* to) {
  const std::int64_t height = whole.height / 2, width = whole.width / 2, channels = whole.channels;
  const std::int64_t quarter = height * width * channels, line = whole.width * channels;
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x)
      for (std::int64_t c = 0; c < channels; ++c) {
        const float* const at = from + 2 * y * line + 2 * x * channels + c;
        const float p = at[0], q = at[channels], r = at[line], s = at[line + channels];
        float* const out = to + (y * width + x) * channels + c;
        out[0] = (p + q + r + s) / 2;
        out[quarter] = (p + q - r - s) / 2;
        out[2 * quarter] = (p - q + r - s) / 2;
        out[3 * quarter] = (p - q - r + s) / 2;
      }
}

void transform_image(std::span<const std::uint8_t> image, const WaveletShape& shape, float* out) {
  ImageShape whole{shape.packet.height << shape.level, shape.packet.width << shape.level,
                   shape.packet.channels};
  std::vector<float> now = padded_image(image, shape.image, whole), next(now.size());
  for (int level = 0; level < shape.level; ++level) {
    for (std::int64_t at = 0; at < shape.size(); at += whole.size())
      haar_step(now.data() + at, whole, next.data() + at);
    now.swap(next);
    whole.height /= 2;
    whole.width /= 2;
  }
  std::ranges::copy(now, out);
}

}  // namespace

WaveletShape wavelet_shape(const ImageShape& image) {
  int level = 1;
  const auto least = [&](int at) {
    const ImageShape packet = packet_of(image, at);
    return std::min(packet.height, packet.width);
  };
  while (least(level + 1) >= kFewestOfSide) ++level;
  while (packet_of(image, level).size() > kMostOfPacket) ++level;
  return {image, level, packet_of(image, level)};
}

ImageRows haar_packets(const ImageSet& images, const WaveletShape& shape) {
  ImageRows rows = zero_rows(images.count, shape.size());
  const std::int64_t parts = (images.count + kImagesOfPart - 1) / kImagesOfPart;
  host_pool().each(static_cast<int>(parts), [&](int part) {
    const std::int64_t end = std::min(images.count, (part + 1) * kImagesOfPart);
    for (std::int64_t i = part * kImagesOfPart; i < end; ++i)
      transform_image(images.image(i), shape, rows.row(i));
  });
  return rows;
}

Jackknifed wavelet_distance(const ImageRows& a, const ImageRows& b, const WaveletShape& shape,
                            std::vector<double>* packets) {
  std::vector<Jackknifed> each(static_cast<std::size_t>(shape.packets()));
  const std::int64_t width = shape.packet.size();
  host_pool().each(static_cast<int>(shape.packets()), [&](int packet) {
    each[packet] =
        frechet_distance(sums_of_groups(a, packet * width, width), sums_of_groups(b, packet * width, width));
  });
  if (packets != nullptr) {
    packets->clear();
    for (const Jackknifed& packet : each) packets->push_back(packet.value);
  }
  return mean_of_figures(each);
}

}  // namespace agon::host
