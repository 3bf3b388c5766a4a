// A row of any layout as grey or RGB numbers.
#pragma once

#include <cstdint>

#include "host/images/image_reader.hpp"

namespace agon::host {

/// The lowest and highest sample of images of 16 bits, alpha not counted.
struct WordRange {
  std::uint16_t low = 65535, high = 0;

  bool empty() const { return low > high; }
  void include(const WordRange& other) {
    low = other.low < low ? other.low : low;
    high = other.high > high ? other.high : high;
  }
};

/// Of `width` pixels of 16 bits.
WordRange word_range(const std::uint8_t* row, std::int64_t width, const PixelLayout& layout);

/// Writes (width, channels) numbers, 0 black and 255 white, not rounded: bytes as they are, words from
/// range's low to its high, reals times 255. CMYK becomes RGB as (1 - ink)(1 - black). What is transparent is
/// laid on black. Grey becomes RGB by repeating, RGB becomes grey as 0.299 R + 0.587 G + 0.114 B (ITU-R
/// BT.601). `channels` is 1 or 3.
void convert_row(const std::uint8_t* row, std::int64_t width, const PixelLayout& layout,
                 const WordRange& range, std::int64_t channels, float* out);

}  // namespace agon::host
