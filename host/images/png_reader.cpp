#include "host/images/png_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <csetjmp>
#include <cstring>
#include <span>
#include <system_error>

#include "host/images/exif.hpp"
#include "host/images/image_error.hpp"

namespace agon::host {
namespace {

constexpr png_alloc_size_t kMostChunk = 1 << 22;  // of text and profiles, unpacked

/// False where libpng left `call` by its error handler. `call` owns nothing: a longjmp crosses it.
template <class Call>
bool png_went_well(png_structp png, const Call& call) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  call();
  return true;
}

void png_stays_silent(png_structp, png_const_charp) {}

}  // namespace

void PngReader::on_error(png_structp png, png_const_charp message) {
  auto& text = static_cast<PngReader*>(png_get_error_ptr(png))->message_;
  std::strncpy(text.data(), message, text.size() - 1);
  png_longjmp(png, 1);
}

void PngReader::on_bytes(png_structp png, png_bytep out, std::size_t size) {
  auto* self = static_cast<PngReader*>(png_get_io_ptr(png));
  const std::size_t got = std::fread(out, 1, size, self->file_.get());
  self->offset_ += static_cast<std::int64_t>(got);
  if (got != size)
    png_error(png, std::ferror(self->file_.get()) ? "the file cannot be read" : "the file ends early");
}

PngReader::PngReader(const std::filesystem::path& path) : path_(path), file_(std::fopen(path.c_str(), "rb")) {
  if (!file_) refuse_images(path, "cannot read: " + std::generic_category().message(errno));
  png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, png_stays_silent);
  if (png_) info_ = png_create_info_struct(png_);
  try {
    if (!info_) throw Error("libpng has no memory, or is another version than the program was built with");
    png_set_read_fn(png_, this, on_bytes);
    read_header();
  } catch (...) {
    png_destroy_read_struct(&png_, &info_, nullptr);
    throw;
  }
}

PngReader::~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }

void PngReader::read_header() {
  const auto read = [this] {
    png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // check_image_size() has the limits
    png_set_chunk_malloc_max(png_, kMostChunk);
    png_read_info(png_, info_);
  };
  if (!png_went_well(png_, read)) fail();
  header_.stored = {png_get_image_height(png_, info_), png_get_image_width(png_, info_)};
  check_image_size(path_, header_.stored.height, header_.stored.width);
  const int type = png_get_color_type(png_, info_);
  header_.palette = type == PNG_COLOR_TYPE_PALETTE;
  const bool transparent = png_get_valid(png_, info_, PNG_INFO_tRNS) != 0;
  const bool grey = (type & PNG_COLOR_MASK_COLOR) == 0;
  header_.layout = {png_get_bit_depth(png_, info_) == 16 ? Sample::word : Sample::byte,
                    grey ? Colour::grey : Colour::rgb, (type & PNG_COLOR_MASK_ALPHA) != 0 || transparent};
  png_uint_32 bytes = 0;
  png_bytep exif = nullptr;
  if (png_get_eXIf_1(png_, info_, &bytes, &exif)) header_.orientation = exif_orientation({exif, bytes});
  const auto expand = [this] {
    png_set_expand(png_);  // to bytes, palettes to colours, tRNS to alpha
    if (std::endian::native == std::endian::little) png_set_swap(png_);
    png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
  };
  if (!png_went_well(png_, expand)) fail();
  const std::int64_t row = header_.stored.width * header_.layout.pixel_bytes();
  if (static_cast<std::int64_t>(png_get_rowbytes(png_, info_)) != row)
    refuse_images(path_, "libpng makes rows of another length of it; save it anew as PNG of 8 bits");
  if (png_get_interlace_type(png_, info_) != PNG_INTERLACE_NONE) header_.held = row * header_.stored.height;
}

void PngReader::read_whole() {
  const std::int64_t rows = header_.stored.height, length = header_.held / rows;
  whole_.resize(static_cast<std::size_t>(header_.held));
  std::vector<png_bytep> places(static_cast<std::size_t>(rows));
  for (std::int64_t i = 0; i < rows; ++i) places[static_cast<std::size_t>(i)] = whole_.data() + i * length;
  png_bytep* const first = places.data();
  if (!png_went_well(png_, [this, first] { png_read_image(png_, first); })) fail();
}

void PngReader::read_row(std::uint8_t* row) {
  if (header_.held == 0) {
    if (!png_went_well(png_, [this, row] { png_read_row(png_, row, nullptr); })) fail();
    return;
  }
  if (whole_.empty()) read_whole();
  const std::int64_t length = header_.held / header_.stored.height;
  std::copy_n(whole_.data() + row_++ * length, length, row);
}

void PngReader::finish() {
  if (!png_went_well(png_, [this] { png_read_end(png_, nullptr); })) fail();
}

void PngReader::fail() const {
  refuse_images(path_, fmt::format("at byte {}: damaged PNG: {}; restore the file, or remove it", offset_,
                                   printable(message_.data(), message_.size())));
}

}  // namespace agon::host
