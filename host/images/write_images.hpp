// Images into files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "engine/runtime/atomic_file.hpp"
#include "host/images/image_set.hpp"

namespace agon::host {

/// A PNG file's bytes: 8 bits, grey or RGB as shape.channels is 1 or 3. `pixels` is (height, width,
/// channels). The same pixels give the same bytes (of one version of zlib). Throws ConfigurationError where
/// the sizes do not match or are beyond what PNG holds.
std::string png_bytes(const ImageShape& shape, std::span<const std::uint8_t> pixels);

/// Writes it; the file appears whole or not at all. Throws Error "<path>: cannot write: ..." as well.
void write_png(const std::filesystem::path& path, const ImageShape& shape,
               std::span<const std::uint8_t> pixels);

struct ImageGrid {
  ImageShape shape{};
  std::vector<std::uint8_t> pixels;  ///< (height, width, channels)
};

inline constexpr std::int64_t kGridGap = 2;
inline constexpr std::uint8_t kGridGrey = 128;

/// Images beside each other in rows of `columns`, the first at the top left, with `gap` pixels of kGridGrey
/// between them, and in the last row's empty places. `pixels` is (n, height, width, channels), n >= 1.
/// Throws ConfigurationError where it is not, or columns < 1 or gap < 0.
ImageGrid image_grid(const ImageShape& shape, std::span<const std::uint8_t> pixels, std::int64_t columns,
                     std::int64_t gap = kGridGap);

/// A NumPy file of uint8, piece by piece: (count, height, width) for grey, (count, height, width, 3) for RGB,
/// little endian, C order, format 1.0. The file appears whole at commit(), or not at all. Throws Error
/// "<path>: cannot write: ...".
class NpyWriter {
 public:
  NpyWriter(const std::filesystem::path& path, const ImageShape& shape, std::int64_t count);

  /// Any whole number of images.
  void write(std::span<const std::uint8_t> pixels);
  /// Throws ConfigurationError where there were fewer or more than `count` images.
  void commit();

 private:
  AtomicFile file_;
  std::size_t left_;  // bytes
};

/// All at once.
void write_npy(const std::filesystem::path& path, const ImageShape& shape,
               std::span<const std::uint8_t> pixels);

}  // namespace agon::host
