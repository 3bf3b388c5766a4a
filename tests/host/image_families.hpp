// Sets of images for tests: golden ones, and draws of shapes by class with what a bad generator does to them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <vector>

#include "host/evaluate/images/image_rows.hpp"
#include "host/images/image_set.hpp"
#include "tests/golden/golden.hpp"

namespace agon::test {

/// tests/golden/make_image_metrics.py, images().
inline host::ImageSet golden_images(std::uint64_t source, std::int64_t count, const host::ImageShape& shape) {
  host::ImageSet images{shape, count, {}, {}, {}};
  std::uint64_t index = 0;
  const auto next = [&] { return static_cast<std::int64_t>(golden::word(source, index++) >> 40); };
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t down = next() % 7, right = next() % 7, base = 20 * (next() % 7);
    for (std::int64_t y = 0; y < shape.height; ++y)
      for (std::int64_t x = 0; x < shape.width; ++x)
        for (std::int64_t c = 0; c < shape.channels; ++c)
          images.pixels.push_back(static_cast<std::uint8_t>(
              std::min<std::int64_t>(255, down * y + right * x + base + 8 * c + next() % 64)));
  }
  return images;
}

/// make_image_metrics.py, features().
inline host::ImageRows golden_features(std::uint64_t source, std::int64_t count, std::int64_t width,
                                       double shift) {
  host::ImageRows rows = host::zero_rows(count, width);
  for (std::size_t e = 0; e < rows.values.size(); ++e) {
    const auto drawn = static_cast<std::int64_t>(golden::word(source, e) >> 40) % 1024;
    rows.values[e] = static_cast<float>(static_cast<double>(drawn - 512) / 256 + shift);
  }
  std::copy_n(rows.row(0), width, rows.row(1));
  return rows;
}

/// 16 x 16 grey images of four classes: a disk, a ring, a cross, stripes; of random place, size and
/// brightness.
inline host::ImageSet shape_images(std::int64_t count, std::uint32_t seed, int without_class = -1) {
  std::mt19937 generator(seed);
  const auto uniform = [&](double low, double high) {
    return low + (high - low) * static_cast<double>(generator()) * 0x1p-32;
  };
  host::ImageSet images{{16, 16, 1}, count, {}, {}, {"disk", "ring", "cross", "stripes"}};
  for (std::int64_t i = 0; i < count; ++i) {
    int kind = static_cast<int>(generator() % (without_class < 0 ? 4 : 3));
    if (without_class >= 0 && kind >= without_class) ++kind;
    images.labels.push_back(kind);
    const double cy = uniform(6, 9), cx = uniform(6, 9), size = uniform(3, 5.5), bright = uniform(130, 230);
    for (int y = 0; y < 16; ++y)
      for (int x = 0; x < 16; ++x) {
        const double away = std::hypot(y - cy, x - cx), cross = std::min(std::abs(y - cy), std::abs(x - cx));
        const bool in = kind == 0   ? away < size
                        : kind == 1 ? std::abs(away - size) < 1.2
                        : kind == 2 ? cross < 1.2 && away < size + 1
                                    : away < size + 1 && (y + x) % 4 < 2;
        images.pixels.push_back(
            static_cast<std::uint8_t>(std::clamp((in ? bright : 30) + uniform(-15, 15), 0.0, 255.0)));
      }
  }
  return images;
}

template <class Of>
host::ImageSet each_pixel(host::ImageSet images, const Of& of) {
  for (std::uint8_t& pixel : images.pixels)
    pixel = static_cast<std::uint8_t>(std::clamp(std::lround(of(static_cast<double>(pixel))), 0L, 255L));
  return images;
}

inline host::ImageSet with_noise(const host::ImageSet& images, double deviation) {
  std::mt19937 generator(99);
  std::normal_distribution<double> normal(0, deviation);
  return each_pixel(images, [&](double pixel) { return pixel + normal(generator); });
}

/// The mean of each pixel and its neighbours, `times` over.
inline host::ImageSet blurred(host::ImageSet images, int times) {
  const std::int64_t height = images.shape.height, width = images.shape.width;
  for (int time = 0; time < times; ++time) {
    const host::ImageSet sharp = images;
    for (std::int64_t i = 0; i < images.count; ++i)
      for (std::int64_t y = 0; y < height; ++y)
        for (std::int64_t x = 0; x < width; ++x) {
          int sum = 0;
          for (std::int64_t dy = -1; dy <= 1; ++dy)
            for (std::int64_t dx = -1; dx <= 1; ++dx)
              sum += sharp.image(i)[std::clamp<std::int64_t>(y + dy, 0, height - 1) * width +
                                    std::clamp<std::int64_t>(x + dx, 0, width - 1)];
          images.pixels[(i * height + y) * width + x] = static_cast<std::uint8_t>((sum + 4) / 9);
        }
  }
  return images;
}

/// The first `distinct` images over and over again.
inline host::ImageSet collapsed(host::ImageSet images, std::int64_t distinct) {
  const std::int64_t size = images.shape.size();
  for (std::int64_t i = distinct; i < images.count; ++i) {
    std::copy_n(images.pixels.begin() + i % distinct * size, size, images.pixels.begin() + i * size);
    if (images.labelled()) images.labels[i] = images.labels[i % distinct];
  }
  return images;
}

}  // namespace agon::test
