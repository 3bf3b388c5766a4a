#include "host/images/write_images.hpp"

#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <string_view>

#include "kernels/error.hpp"

namespace agon::host {
namespace {

constexpr std::int64_t kMostWritten = std::int64_t{1} << 30;  // pixels: libpng counts bytes in 32 bits

/// How many images of that shape. Throws ConfigurationError where it is no whole number.
std::int64_t images_in(const ImageShape& shape, std::size_t bytes) {
  const bool sound = shape.height > 0 && shape.width > 0 && (shape.channels == 1 || shape.channels == 3) &&
                     shape.height <= kMostWritten && shape.width <= kMostWritten / shape.height &&
                     bytes % static_cast<std::size_t>(shape.size()) == 0;
  if (!sound)
    throw ConfigurationError(fmt::format("{} bytes are no images of {} x {} with {} channels", bytes,
                                         shape.height, shape.width, shape.channels));
  return static_cast<std::int64_t>(bytes) / shape.size();
}

std::string npy_header(const ImageShape& shape, std::int64_t count) {
  constexpr std::size_t kStart = 10, kAlignment = 64;
  std::string text =
      fmt::format("{{'descr': '|u1', 'fortran_order': False, 'shape': ({}, {}, {}{}), }}", count,
                  shape.height, shape.width, shape.channels == 1 ? "" : fmt::format(", {}", shape.channels));
  while ((kStart + text.size() + 1) % kAlignment != 0) text += ' ';
  text += '\n';
  const std::string start("\x93NUMPY\x01\x00", 8);
  return start + static_cast<char>(text.size() & 255) + static_cast<char>(text.size() >> 8) + text;
}

std::string_view pixel_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

std::string png_bytes(const ImageShape& shape, std::span<const std::uint8_t> pixels) {
  if (images_in(shape, pixels.size()) != 1)
    throw ConfigurationError(fmt::format("{} images for one PNG", images_in(shape, pixels.size())));
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.height = static_cast<png_uint_32>(shape.height);
  image.width = static_cast<png_uint_32>(shape.width);
  image.format = shape.channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::string bytes(size, '\0');
  if (!png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels.data(), 0, nullptr))
    throw ConfigurationError(fmt::format("no PNG of {} x {}: {}", shape.height, shape.width, image.message));
  bytes.resize(size);
  return bytes;
}

void write_png(const std::filesystem::path& path, const ImageShape& shape,
               std::span<const std::uint8_t> pixels) {
  write_file_atomically(path, png_bytes(shape, pixels));
}

ImageGrid image_grid(const ImageShape& shape, std::span<const std::uint8_t> pixels, std::int64_t columns,
                     std::int64_t gap) {
  constexpr std::int64_t kMostGap = 1024;
  const std::int64_t count = images_in(shape, pixels.size());
  if (count < 1 || columns < 1 || gap < 0 || gap > kMostGap)
    throw ConfigurationError(
        fmt::format("no grid of {} images, {} to a row, {} pixels apart", count, columns, gap));
  columns = std::min(columns, count);
  const std::int64_t rows = (count + columns - 1) / columns;
  ImageGrid grid{{rows * (shape.height + gap) - gap, columns * (shape.width + gap) - gap, shape.channels},
                 {}};
  grid.pixels.assign(static_cast<std::size_t>(grid.shape.size()), kGridGrey);
  const std::int64_t line = shape.width * shape.channels;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t top = i / columns * (shape.height + gap), left = i % columns * (shape.width + gap);
    for (std::int64_t y = 0; y < shape.height; ++y)
      std::copy_n(pixels.begin() + i * shape.size() + y * line, line,
                  grid.pixels.begin() + ((top + y) * grid.shape.width + left) * shape.channels);
  }
  return grid;
}

NpyWriter::NpyWriter(const std::filesystem::path& path, const ImageShape& shape, std::int64_t count)
    : file_(path), left_(static_cast<std::size_t>(count * shape.size())) {
  images_in(shape, 0);
  file_.write(npy_header(shape, count));
}

void NpyWriter::write(std::span<const std::uint8_t> pixels) {
  if (pixels.size() > left_) throw ConfigurationError("more images than the NPY file was to hold");
  left_ -= pixels.size();
  file_.write(pixel_text(pixels));
}

void NpyWriter::commit() {
  if (left_ != 0) throw ConfigurationError("fewer images than the NPY file was to hold");
  file_.commit();
}

void write_npy(const std::filesystem::path& path, const ImageShape& shape,
               std::span<const std::uint8_t> pixels) {
  NpyWriter writer(path, shape, images_in(shape, pixels.size()));
  writer.write(pixels);
  writer.commit();
}

}  // namespace agon::host
