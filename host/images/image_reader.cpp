#include "host/images/image_reader.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <string_view>
#include <system_error>

#include "host/images/image_error.hpp"
#include "host/images/jpeg_reader.hpp"
#include "host/images/png_reader.hpp"

namespace agon::host {

ImageFormat image_format(const std::filesystem::path& path) {
  std::array<char, 8> first{};
  std::ifstream file(path, std::ios::binary);
  file.read(first.data(), first.size());
  const std::string_view bytes(first.data(), static_cast<std::size_t>(file.gcount()));
  if (bytes == "\x89PNG\r\n\x1a\n") return ImageFormat::png;
  if (bytes.starts_with("\xFF\xD8\xFF")) return ImageFormat::jpeg;
  return ImageFormat::none;
}

std::unique_ptr<ImageReader> open_image(const std::filesystem::path& path) {
  switch (image_format(path)) {
    case ImageFormat::png:
      return std::make_unique<PngReader>(path);
    case ImageFormat::jpeg:
      return std::make_unique<JpegReader>(path);
    case ImageFormat::none:
      break;
  }
  errno = 0;
  if (!std::ifstream(path, std::ios::binary))
    refuse_images(path, "cannot read: " + std::generic_category().message(errno == 0 ? EIO : errno));
  std::error_code unknown;
  if (std::filesystem::file_size(path, unknown) == 0 && !unknown)
    refuse_images(path, "at byte 0: the file is empty; restore it, or remove it");
  refuse_images(
      path,
      "at byte 0: named as an image, but neither PNG nor JPEG begins so; convert it to PNG, or remove it");
}

void check_image_size(const std::filesystem::path& path, std::int64_t height, std::int64_t width) {
  if (height < 1 || width < 1) refuse_images(path, fmt::format("an image of {} x {} pixels", height, width));
  if (height > kMostSide || width > kMostSide || height * width > kMostPixels)
    refuse_images(
        path,
        fmt::format("an image of {} x {} pixels; at most {} pixels, {} on a side, are read: make it smaller",
                    height, width, kMostPixels, kMostSide));
}

}  // namespace agon::host
