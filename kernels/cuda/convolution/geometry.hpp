// Which pixels of one image meet which of another in a convolution, as kernels count them.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/convolution_shape.hpp"
#include "kernels/cuda/convolution/digits.hpp"
#include "kernels/cuda/device/launch.cuh"

namespace agon::kernels::cuda {

/// Pixel (n, y, x) of the one that is counted by `rows` meets, at tap (i, j), pixel
///   (n, pixel_step y + top + tap_step i, pixel_step x + left + tap_step j)
/// of the read images, or none where that lies outside.
struct Meeting {
  Radix rows;         ///< (image, y, x)
  int row_count = 0;  ///< pixels
  int pixel_step = 1, tap_step = 1, top = 0, left = 0;
  Radix taps;                               ///< (i, j, channel of a group)
  int patch = 0;                            ///< numbers that `taps` counts
  int outside = 0;                          ///< a y whose taps all lie outside
  int height = 0, width = 0, channels = 0;  ///< of the images that are read
  Digits stage{};  ///< a stage's k's, as k's are counted: by taps, or by rows for dweight
};

/// Coarse pixels read fine ones.
inline Meeting meeting_down(const ConvolutionShape& s) {
  const ImageShape coarse = s.coarse();
  return {.rows = {narrow(coarse.height), narrow(coarse.width)},
          .row_count = narrow(s.coarse_pixels()),
          .pixel_step = narrow(s.stride),
          .tap_step = 1,
          .top = -narrow(s.padding),
          .left = -narrow(s.padding),
          .taps = {narrow(s.kernel), narrow(s.fine_group())},
          .patch = narrow(s.patch()),
          .outside = -1 - narrow(s.kernel),
          .height = narrow(s.fine.height),
          .width = narrow(s.fine.width),
          .channels = narrow(s.fine.channels)};
}

/// Fine pixels (stride y + row, stride x + column), counted by (n, y, x), read coarse ones. Of the kernel's
/// taps they meet (first_row + stride i, first_column + stride j).
struct Phase {
  Meeting meeting;
  int row = 0, column = 0;
  int first_row = 0, first_column = 0;
  int first_block = 0;
};

inline Phase phase_up(const ConvolutionShape& s, std::int64_t row, std::int64_t column) {
  const auto pixels = [&](std::int64_t size, std::int64_t first) {
    return size > first ? (size - first - 1) / s.stride + 1 : 0;
  };
  const std::int64_t height = pixels(s.fine.height, row), width = pixels(s.fine.width, column);
  const std::int64_t first_row = (row + s.padding) % s.stride, first_column = (column + s.padding) % s.stride;
  const std::int64_t tap_rows = pixels(s.kernel, first_row), tap_columns = pixels(s.kernel, first_column);
  const auto digit = [](std::int64_t n) { return narrow(std::max<std::int64_t>(1, n)); };
  return {.meeting = {.rows = {digit(height), digit(width)},
                      .row_count = narrow(s.batch * height * width),
                      .pixel_step = 1,
                      .tap_step = -1,
                      .top = narrow((row + s.padding) / s.stride),
                      .left = narrow((column + s.padding) / s.stride),
                      .taps = {digit(tap_columns), narrow(s.coarse_group())},
                      .patch = narrow(tap_rows * tap_columns * s.coarse_group()),
                      .outside = -1,
                      .height = narrow(s.coarse().height),
                      .width = narrow(s.coarse().width),
                      .channels = narrow(s.coarse_channels)},
          .row = narrow(row),
          .column = narrow(column),
          .first_row = narrow(first_row),
          .first_column = narrow(first_column)};
}

/// Throws DeviceError where pixels or weights are more than kernels count.
inline void check_sizes(const ConvolutionShape& s) {
  narrow(s.batch * s.fine.pixels());
  narrow(s.coarse_pixels());
  narrow(s.weights());
  narrow(std::max(s.fine.channels, s.coarse_channels));
}

}  // namespace agon::kernels::cuda
