#include "host/images/exif.hpp"

#include <algorithm>
#include <string_view>

namespace agon::host {
namespace {

struct TiffBytes {
  std::span<const std::uint8_t> bytes;
  bool little = false;

  /// `size` bytes from `at`, as a number; 0 beyond the end.
  std::uint64_t number(std::uint64_t at, std::uint64_t size) const {
    if (at > bytes.size() || size > bytes.size() - at) return 0;
    std::uint64_t value = 0;
    for (std::uint64_t i = 0; i < size; ++i) value = value << 8 | bytes[at + (little ? size - 1 - i : i)];
    return value;
  }
};

}  // namespace

int exif_orientation(std::span<const std::uint8_t> tiff) {
  constexpr std::uint64_t kEntry = 12, kOrientation = 274, kShort = 3;
  const std::string_view order(reinterpret_cast<const char*>(tiff.data()),
                               std::min<std::size_t>(2, tiff.size()));
  if (order != "II" && order != "MM") return 1;
  const TiffBytes read{tiff, order == "II"};
  if (read.number(2, 2) != 42) return 1;
  const std::uint64_t directory = read.number(4, 4), entries = read.number(directory, 2);
  for (std::uint64_t i = 0; i < entries; ++i) {
    const std::uint64_t at = directory + 2 + i * kEntry;
    if (at >= tiff.size()) break;
    if (read.number(at, 2) != kOrientation || read.number(at + 2, 2) != kShort) continue;
    const std::uint64_t value = read.number(at + 8, 2);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

}  // namespace agon::host
