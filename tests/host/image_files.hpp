// Small image files for tests, written by libpng, libjpeg and libzip, or byte by byte.
#pragma once

#include <csetjmp>
#include <cstdint>
#include <cstdio>
// libjpeg's header needs std::FILE before it.
#include <jpeglib.h>
#include <png.h>
#include <zip.h>
#include <zlib.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/temporary_folder.hpp"

namespace agon::test {

/// What stands in a PNG file. Samples of 16 bits are big endian in `rows`.
struct PngFile {
  std::uint32_t height = 4, width = 4;
  int depth = 8, type = PNG_COLOR_TYPE_GRAY;
  bool interlaced = false;
  std::vector<png_color> palette{};
  std::vector<png_byte> transparent{};  ///< of the palette
  std::vector<std::uint8_t> rows{};     ///< empty: a ramp

  std::string bytes() const {
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
    png_infop info = png_create_info_struct(png);
    std::string out;
    png_set_write_fn(
        png, &out,
        [](png_structp self, png_bytep data, std::size_t size) {
          static_cast<std::string*>(png_get_io_ptr(self))->append(reinterpret_cast<char*>(data), size);
        },
        nullptr);
    png_set_IHDR(png, info, width, height, depth, type, interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (!palette.empty()) png_set_PLTE(png, info, palette.data(), static_cast<int>(palette.size()));
    if (!transparent.empty())
      png_set_tRNS(png, info, transparent.data(), static_cast<int>(transparent.size()), nullptr);
    png_write_info(png, info);
    const std::size_t length = png_get_rowbytes(png, info);
    std::vector<std::uint8_t> data = rows;
    for (std::size_t i = data.size(); i < length * height; ++i)
      data.push_back(static_cast<std::uint8_t>(i * 7));
    std::vector<png_bytep> places;
    for (std::size_t y = 0; y < height; ++y) places.push_back(data.data() + y * length);
    png_write_image(png, places.data());
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return out;
  }
};

/// A PNG of 8 bits that holds these bytes.
inline std::string grey_png(std::uint32_t height, std::uint32_t width, std::vector<std::uint8_t> rows = {}) {
  return PngFile{.height = height, .width = width, .rows = std::move(rows)}.bytes();
}

/// A PNG of one grey value.
inline std::string plain_png(std::uint32_t height, std::uint32_t width, std::uint8_t value) {
  return grey_png(height, width, std::vector<std::uint8_t>(std::size_t{height} * width, value));
}

struct JpegFile {
  unsigned height = 8, width = 8;
  J_COLOR_SPACE colours = JCS_GRAYSCALE;
  bool progressive = false;
  int orientation = 0;  ///< in an EXIF marker, where it is not 0

  std::string bytes() const {
    jpeg_compress_struct jpeg{};
    jpeg_error_mgr errors{};
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    unsigned char* memory = nullptr;
    unsigned long size = 0;
    jpeg_mem_dest(&jpeg, &memory, &size);
    jpeg.image_height = height;
    jpeg.image_width = width;
    jpeg.input_components = colours == JCS_GRAYSCALE ? 1 : colours == JCS_CMYK ? 4 : 3;
    jpeg.in_color_space = colours;
    jpeg_set_defaults(&jpeg);
    if (progressive) jpeg_simple_progression(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    if (orientation != 0) {
      const std::string exif = std::string("Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", 25) +
                               static_cast<char>(orientation) + std::string(6, '\0');
      jpeg_write_marker(&jpeg, JPEG_APP0 + 1, reinterpret_cast<const JOCTET*>(exif.data()),
                        static_cast<unsigned>(exif.size()));
    }
    const auto parts = static_cast<unsigned>(jpeg.input_components);
    std::vector<std::uint8_t> row(std::size_t{width} * parts);
    for (unsigned y = 0; y < height; ++y) {
      for (unsigned i = 0; i < row.size(); ++i)
        row[i] = static_cast<std::uint8_t>(40 + 5 * y + 3 * (i / parts) + 30 * (i % parts));
      JSAMPROW start = row.data();
      jpeg_write_scanlines(&jpeg, &start, 1);
    }
    jpeg_finish_compress(&jpeg);
    std::string out(reinterpret_cast<char*>(memory), size);
    jpeg_destroy_compress(&jpeg);
    std::free(memory);
    return out;
  }
};

inline std::string big_endian(std::uint32_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 255);
  return out;
}

/// Bytes 0, 1, 2, ...
inline std::string ramp(std::size_t size) {
  std::string out(size, '\0');
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>(i);
  return out;
}

inline std::string idx_file(const std::vector<std::uint32_t>& dimensions, const std::string& data) {
  std::string out("\0\0\x08", 3);
  out += static_cast<char>(dimensions.size());
  for (const std::uint32_t dimension : dimensions) out += big_endian(dimension);
  return out + data;
}

inline std::string npy_file(const std::string& type, const std::string& shape, const std::string& data,
                            const std::string& order = "False") {
  std::string text = "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
  text.resize((text.size() + 11 + 63) / 64 * 64 - 11, ' ');
  text += '\n';
  return std::string("\x93NUMPY\x01\0", 8) + static_cast<char>(text.size() & 255) +
         static_cast<char>(text.size() >> 8) + text + data;
}

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

inline std::string gzipped(const std::string& data) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(data.size() + 1024, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// Writes a zip archive of files, by name.
inline void put_zip(const std::filesystem::path& path,
                    const std::vector<std::pair<std::string, std::string>>& files,
                    int method = ZIP_CM_DEFLATE) {
  int error = 0;
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &error);
  if (!archive) throw std::runtime_error("no zip archive for a test");
  for (const auto& [name, content] : files) {
    zip_source_t* source = zip_source_buffer(archive, content.data(), content.size(), 0);
    const zip_int64_t index = zip_file_add(archive, name.c_str(), source, 0);
    zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), method, 0);
  }
  if (zip_close(archive) != 0) throw std::runtime_error("no zip archive for a test");
}

/// A file in a subfolder that is made where it is absent.
inline void put_below(const std::filesystem::path& path, std::string_view content) {
  std::filesystem::create_directories(path.parent_path());
  put(path, content);
}

/// What of `findings` holds `words`; empty where none does.
inline std::string finding_with(const std::vector<std::string>& findings, std::string_view words) {
  for (const std::string& finding : findings)
    if (finding.find(words) != finding.npos) return finding;
  return {};
}

}  // namespace agon::test
