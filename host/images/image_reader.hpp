// An image in a file or in memory, read row by row: what the formats share.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

namespace agon::host {

struct ImageSize {
  std::int64_t height = 0, width = 0;
  friend auto operator<=>(const ImageSize&, const ImageSize&) = default;
};

/// Pixels of one image, and of one side of it, beyond which it is refused before its pixels are read.
inline constexpr std::int64_t kMostPixels = std::int64_t{1} << 28;
inline constexpr std::int64_t kMostSide = std::int64_t{1} << 20;
/// A deflated stream is at least a 1032nd of what it holds (zlib's technical details).
inline constexpr std::int64_t kMostDeflation = 1032;

enum class Sample : std::uint8_t {
  byte,  ///< 0 to 255
  word,  ///< 0 to 65535, native byte order
  real,  ///< float in [0, 1]
};

enum class Colour : std::uint8_t { grey, rgb, cmyk };

/// What stands in a row: colours, then alpha, of one pixel after the other.
struct PixelLayout {
  Sample sample = Sample::byte;
  Colour colour = Colour::grey;
  bool alpha = false;
  bool inverted = false;  ///< CMYK as Adobe writes it: 255 is no ink

  std::int64_t colours() const { return colour == Colour::grey ? 1 : colour == Colour::rgb ? 3 : 4; }
  std::int64_t sample_bytes() const { return sample == Sample::byte ? 1 : sample == Sample::word ? 2 : 4; }
  std::int64_t pixel_bytes() const { return (colours() + (alpha ? 1 : 0)) * sample_bytes(); }
};

struct ImageHeader {
  ImageSize stored;  ///< as the rows are
  PixelLayout layout{};
  int orientation = 1;    ///< EXIF's: 1 as stored, 2 to 8 turned or mirrored
  bool palette = false;   ///< rows hold the palette's colours
  std::int64_t held = 0;  ///< bytes beyond a row that reading holds: of an interlaced or progressive image
  int complaints = 0;     ///< harmless faults of a JPEG file that its reader met so far

  /// As the image is to be looked at.
  ImageSize displayed() const { return orientation >= 5 ? ImageSize{stored.width, stored.height} : stored; }
};

class ImageReader {
 public:
  virtual ~ImageReader() = default;
  ImageReader(const ImageReader&) = delete;
  ImageReader& operator=(const ImageReader&) = delete;

  const ImageHeader& header() const { return header_; }
  /// The next row, from the top: stored.width * layout.pixel_bytes() bytes are written. Throws DataError
  /// where the image is damaged.
  virtual void read_row(std::uint8_t* row) = 0;
  /// After the last row: throws DataError where the file's end is damaged.
  virtual void finish() = 0;

 protected:
  ImageReader() = default;
  ImageHeader header_;
};

enum class ImageFormat : std::uint8_t { none, png, jpeg };

/// By the first bytes; none, too, where the file cannot be read.
ImageFormat image_format(const std::filesystem::path& path);

/// Opens a PNG or JPEG file and reads its header. Throws DataError, "<path>: ...", where it is neither, where
/// it cannot be read, is damaged, or has more than kMostPixels.
std::unique_ptr<ImageReader> open_image(const std::filesystem::path& path);

/// Throws DataError where an image of this size is not to be read.
void check_image_size(const std::filesystem::path& path, std::int64_t height, std::int64_t width);

}  // namespace agon::host
