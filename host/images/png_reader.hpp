// PNG files through libpng.
#pragma once

#include <png.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <vector>

#include "host/images/image_reader.hpp"

namespace agon::host {

/// Every colour type and depth: grey of 1, 2 and 4 bits as bytes, a palette's colours, a transparent colour
/// as alpha. Gamma and colour profiles are not applied. An interlaced image is held whole. Errors say
/// "<path>: at byte <offset>: ...".
class PngReader final : public ImageReader {
 public:
  explicit PngReader(const std::filesystem::path& path);
  ~PngReader() override;

  void read_row(std::uint8_t* row) override;
  void finish() override;

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  static void on_error(png_structp png, png_const_charp message);
  static void on_bytes(png_structp png, png_bytep out, std::size_t size);

  void read_header();
  void read_whole();
  [[noreturn]] void fail() const;

  std::filesystem::path path_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::int64_t offset_ = 0;          // bytes of the file that libpng has
  std::array<char, 160> message_{};  // of the last error
  std::vector<std::uint8_t> whole_;  // of an interlaced image
  std::int64_t row_ = 0;             // the next of them
};

}  // namespace agon::host
