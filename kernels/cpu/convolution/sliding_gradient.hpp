// The weights' gradient of a 3 x 3 convolution of stride 1, from the images as they lie: a block's sums, of
// some coarse channels, a vector of fine ones and the three taps of a kernel's row, stay in registers while
// pixels pass by, each element of which is read once for all three.
#pragma once

#include <cstdint>

#include "kernels/convolution.hpp"
#include "kernels/cpu/convolution/blocks.hpp"
#include "kernels/cpu/convolution/sliding.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {

inline constexpr int kSlidingRows = kLanes == 16 ? 8 : 4;   // coarse channels of a block, at most
inline constexpr std::int64_t kSlidingFloats = 128 * 1024;  // of lines that all blocks pass over in turn

/// Whether it can be done so, and most of its vectors' lanes are channels: of fewer a patch makes vectors.
inline bool is_sliding(const ConvolutionBackward& op) {
  const ConvolutionShape& s = op.shape;
  return s.kernel == kSlidingTaps && s.stride == 1 && op.precision == Precision::fp32 &&
         s.coarse().width >= kLeastSlidingWidth &&
         2 * s.fine_group() >= ceil_div(s.fine_group(), kLanes) * kLanes;
}

/// Coarse channels [k0, k0 + rows) of all and `lanes` fine ones from `fine` of all on, which is `c` of a
/// group.
struct SlidingBlock {
  std::int64_t k0, rows, fine, c;
  int lanes;
};

/// The gradient in blocks.
struct SlidingBlocks {
  const ConvolutionShape& s;

  std::int64_t down() const { return ceil_div(s.coarse_group(), kSlidingRows); }
  std::int64_t across() const { return ceil_div(s.fine_group(), kLanes); }
  std::int64_t count() const { return s.groups * down() * across(); }
  std::int64_t group(std::int64_t i) const { return i / (down() * across()); }
  SlidingBlock block(std::int64_t i) const {
    const std::int64_t of_group = group(i), c = i / down() % across() * kLanes,
                       k = s.coarse_group() * (i % down()) / down(),
                       end = s.coarse_group() * (i % down() + 1) / down();
    return {of_group * s.coarse_group() + k, end - k, of_group * s.fine_group() + c, c,
            static_cast<int>(smaller(kLanes, s.fine_group() - c))};
  }
};

/// A line of either image, its block's channels.
struct LinePair {
  const float* fine;
  const float* coarse;
};

/// sum(row, tap) += products of a line's pixels.
template <int Rows>
AGON_INLINE void add_line(const ConvolutionShape& s, const LinePair& lines, int lanes,
                          Vector (&sum)[Rows][kSlidingTaps]) {
  const std::int64_t width = s.coarse().width;
  const auto pixel = [&](std::int64_t column) {
    const float* const at = lines.fine + column * s.fine.channels;
    return column < 0 || column >= s.fine.width ? zero() : lanes == kLanes ? load(at) : load_first(at, lanes);
  };
  const float* d = lines.coarse;
  Vector left = pixel(-s.padding), middle = pixel(1 - s.padding);
  for (std::int64_t p = 0; p < width; ++p, d += s.coarse_channels) {
    const Vector right = pixel(p + 2 - s.padding);
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) {
      const Vector gradient = broadcast(d[r]);
      sum[r][0] = multiply_add(gradient, left, sum[r][0]);
      sum[r][1] = multiply_add(gradient, middle, sum[r][1]);
      sum[r][2] = multiply_add(gradient, right, sum[r][2]);
    }
    left = middle, middle = right;
  }
}

/// Coarse lines [line0, line1), of all images one behind the other, added to a block of dweight.
template <int Rows>
void add_lines(const ConvolutionBackward& op, const SlidingBlock& block, std::int64_t line0,
               std::int64_t line1, Ahead& ahead) {
  const ConvolutionShape& s = op.shape;
  const ImageShape of_coarse = s.coarse();
  const float* const fine = (s.transposed ? op.dz : op.x) + block.fine;
  const float* const coarse = (s.transposed ? op.x : op.dz) + block.k0;
  const bool adds = op.accumulate || line0 > 0;
  for (std::int64_t i = 0; i < kSlidingTaps; ++i) {
    Vector sum[Rows][kSlidingTaps] = {};
    for (std::int64_t line = line0; line < line1; ++line) {
      ahead.ask();
      const std::int64_t image = line / of_coarse.height, row = line % of_coarse.height + i - s.padding;
      if (row < 0 || row >= s.fine.height) continue;
      add_line<Rows>(s,
                     {fine + (image * s.fine.height + row) * s.fine.width * s.fine.channels,
                      coarse + line * of_coarse.width * of_coarse.channels},
                     block.lanes, sum);
    }
    float* const to = op.dweight + block.k0 * s.patch() + i * kSlidingTaps * s.fine_group() + block.c;
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 3
      for (int j = 0; j < kSlidingTaps; ++j) {
        float* const at = to + r * s.patch() + j * s.fine_group();
        store_first(at, adds ? load_first(at, block.lanes) + sum[r][j] : sum[r][j], block.lanes);
      }
    }
  }
}

template <int Rows = kSlidingRows>
inline auto add_lines_function(std::int64_t rows) {
  if constexpr (Rows > 1) {
    if (rows < Rows) return add_lines_function<Rows - 1>(rows);
  }
  return add_lines<Rows>;
}

/// What blocks of groups [group0, group1) read of lines [line0, line1) and what follows, in so many turns.
inline Ahead next_lines(const ConvolutionBackward& op, std::int64_t group0, std::int64_t group1,
                        std::int64_t line0, std::int64_t line1, std::int64_t turns) {
  const ConvolutionShape& s = op.shape;
  const ImageShape coarse = s.coarse();
  Ahead ahead((line1 - line0) * coarse.width, turns);
  const std::int64_t row = line0 / coarse.height * s.fine.height + line0 % coarse.height;
  const std::int64_t fine = row * s.fine.width * s.fine.channels + group0 * s.fine_group();
  ahead.add((s.transposed ? op.dz : op.x) + fine, (group1 - group0) * s.fine_group(), s.fine.channels);
  ahead.add(
      (s.transposed ? op.x : op.dz) + line0 * coarse.width * coarse.channels + group0 * s.coarse_group(),
      (group1 - group0) * s.coarse_group(), coarse.channels);
  return ahead;
}

/// A thread's blocks of dweight. Sums are cut by the shape alone.
inline void sliding_gradient(const ConvolutionBackward& op, int threads, int index) {
  const ConvolutionShape& s = op.shape;
  const SlidingBlocks blocks{s};
  const ImageShape coarse = s.coarse();
  const std::int64_t begin = part_begin(blocks.count(), 1, threads, index),
                     end = part_begin(blocks.count(), 1, threads, index + 1);
  if (begin == end) return;
  const std::int64_t of_line = coarse.width * (s.fine.channels + s.coarse_channels);
  const std::int64_t fitting = smaller(kSlidingFloats / of_line, ceil_div(kDepth, coarse.width));
  const std::int64_t lines = fitting < 1 ? 1 : fitting, all = s.batch * coarse.height;
  for (std::int64_t line = 0; line < all; line += lines) {
    const std::int64_t next = smaller(all, line + lines);
    Ahead ahead = next_lines(op, blocks.group(begin), blocks.group(end - 1) + 1, next, next + lines,
                             (end - begin) * kSlidingTaps * (next - line));
    for (std::int64_t i = begin; i < end; ++i) {
      const SlidingBlock block = blocks.block(i);
      add_lines_function(block.rows)(op, block, line, next, ahead);
    }
  }
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
