#include "host/images/jpeg_reader.hpp"

#include <fmt/format.h>
#include <jerror.h>

#include <cerrno>
#include <cstring>
#include <span>
#include <string_view>
#include <system_error>

#include "host/images/exif.hpp"
#include "host/images/image_error.hpp"

namespace agon::host {
namespace {

constexpr int kMostScans = 256;  // of a progressive file; encoders write some ten
constexpr int kExifMarker = JPEG_APP0 + 1;
constexpr unsigned kMostMarker = 65533;

/// Warnings after which every pixel is still the file's own.
bool harmless(int warning) {
  return warning == JWRN_EXTRANEOUS_DATA || warning == JWRN_ADOBE_XFORM || warning == JWRN_JFIF_MAJOR ||
         warning == JWRN_TOO_MUCH_DATA;
}

int jpeg_orientation(jpeg_saved_marker_ptr marker) {
  constexpr std::string_view kExif("Exif\0\0", 6);
  for (; marker; marker = marker->next) {
    if (marker->marker != kExifMarker || marker->data_length < kExif.size()) continue;
    if (std::memcmp(marker->data, kExif.data(), kExif.size()) != 0) continue;
    return exif_orientation(
        std::span<const std::uint8_t>(marker->data, marker->data_length).subspan(kExif.size()));
  }
  return 1;
}

}  // namespace

void JpegReader::on_error(j_common_ptr jpeg) {
  Errors& errors = errors_of(jpeg);
  errors.base.format_message(jpeg, errors.message.data());
  std::longjmp(errors.jump, 1);
}

void JpegReader::on_message(j_common_ptr jpeg, int level) {
  if (level >= 0) return;  // traces
  if (!harmless(jpeg->err->msg_code)) on_error(jpeg);
  ++jpeg->err->num_warnings;
}

void JpegReader::on_progress(j_common_ptr jpeg) {
  if (!jpeg->is_decompressor || reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number <= kMostScans)
    return;
  Errors& errors = errors_of(jpeg);
  std::strcpy(errors.message.data(), "more than 256 scans");
  std::longjmp(errors.jump, 1);
}

/// False where libjpeg left `call` by its error handler. `call` owns nothing: a longjmp crosses it.
template <class Call>
bool JpegReader::went_well(const Call& call) {
  if (setjmp(errors_.jump) != 0) return false;
  call();
  return true;
}

JpegReader::JpegReader(const std::filesystem::path& path)
    : path_(path), file_(std::fopen(path.c_str(), "rb")) {
  if (!file_) refuse_images(path, "cannot read: " + std::generic_category().message(errno));
  jpeg_.err = jpeg_std_error(&errors_.base);
  errors_.base.error_exit = on_error;
  errors_.base.emit_message = on_message;
  errors_.base.output_message = [](j_common_ptr) {};
  progress_.progress_monitor = on_progress;
  try {
    read_header();
  } catch (...) {
    jpeg_destroy_decompress(&jpeg_);
    throw;
  }
}

JpegReader::~JpegReader() { jpeg_destroy_decompress(&jpeg_); }

void JpegReader::read_header() {
  const auto read = [this] {
    jpeg_create_decompress(&jpeg_);
    jpeg_.progress = &progress_;
    jpeg_stdio_src(&jpeg_, file_.get());
    jpeg_save_markers(&jpeg_, kExifMarker, kMostMarker);
    jpeg_read_header(&jpeg_, TRUE);
  };
  if (!went_well(read)) fail();
  header_.stored = {jpeg_.image_height, jpeg_.image_width};
  check_image_size(path_, header_.stored.height, header_.stored.width);
  header_.orientation = jpeg_orientation(jpeg_.marker_list);
  header_.complaints = static_cast<int>(errors_.base.num_warnings);
  if (jpeg_has_multiple_scans(&jpeg_))
    header_.held = header_.stored.height * header_.stored.width * jpeg_.num_components * 2;
  read_layout();
}

void JpegReader::read_layout() {
  switch (jpeg_.jpeg_color_space) {
    case JCS_GRAYSCALE:
      header_.layout.colour = Colour::grey;
      jpeg_.out_color_space = JCS_GRAYSCALE;
      return;
    case JCS_RGB:
    case JCS_YCbCr:
      header_.layout.colour = Colour::rgb;
      jpeg_.out_color_space = JCS_RGB;
      return;
    case JCS_CMYK:
    case JCS_YCCK:
      header_.layout.colour = Colour::cmyk;
      header_.layout.inverted = jpeg_.saw_Adobe_marker != 0;
      jpeg_.out_color_space = JCS_CMYK;
      return;
    default:
      refuse_images(path_,
                    fmt::format("a JPEG of {} colours that it does not name; convert it to PNG, or remove it",
                                jpeg_.num_components));
  }
}

void JpegReader::read_row(std::uint8_t* row) {
  const auto read = [this, row] {
    if (!started_) jpeg_start_decompress(&jpeg_);
    started_ = true;
    JSAMPROW rows = row;
    jpeg_read_scanlines(&jpeg_, &rows, 1);
  };
  if (!went_well(read)) fail();
}

void JpegReader::finish() {
  if (!went_well([this] { jpeg_finish_decompress(&jpeg_); })) fail();
  header_.complaints = static_cast<int>(errors_.base.num_warnings);
}

void JpegReader::fail() {
  const long read = std::ftell(file_.get());
  const long ahead = jpeg_.src ? static_cast<long>(jpeg_.src->bytes_in_buffer) : 0;
  refuse_images(path_, fmt::format("at byte {}: damaged JPEG: {}; restore the file, or remove it",
                                   read > ahead ? read - ahead : 0, printable(errors_.message.data(), 160)));
}

}  // namespace agon::host
