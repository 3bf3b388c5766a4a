// A convolution of stride 1 by tiles that read the images, not patches of them: a tile's rows are pixels of
// one line, and each row of the kernel is a segment of the sum.
#pragma once

#include <cstdint>

#include "kernels/cpu/convolution/blocks.hpp"
#include "kernels/cpu/convolution/patches.hpp"
#include "kernels/cpu/convolution/way.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {

/// Lines of the fine images with zeroes around them, as a band of coarse lines sees them.
struct Band {
  std::int64_t width, lines;  ///< in pixels; coarse lines that fit a block's floats

  explicit Band(const ConvolutionShape& s) : width(s.fine.width + 2 * s.padding) {
    const std::int64_t all = kPatchFloats / 2 / (width * s.fine.channels);
    lines = smaller(all - (s.kernel - 1), s.coarse().height);
  }
};

/// Whether it can be done, and a line has pixels enough for whole tiles.
inline bool is_direct(const Way& way) {
  const ConvolutionShape& s = way.shape;
  constexpr std::int64_t kMostTerms = 1280;  // of a sum in one piece, whose panel stays in the second cache
  return !way.up && s.stride == 1 && s.kernel > 1 && way.panels != nullptr &&
         way.precision == Precision::fp32 && s.patch() <= kMostTerms && s.taps() <= kMostDirectTaps &&
         s.coarse().width >= kTileRows && Band(s).lines > 0;
}

/// Writes lines [first, first + count) of an image, zeroes for those outside, with zeroes at either end.
inline void copy_lines(const ConvolutionShape& s, const float* image, std::int64_t first, std::int64_t count,
                       float* to) {
  const std::int64_t side = s.padding * s.fine.channels, inner = s.fine.width * s.fine.channels;
  const auto clear = [](float* at, std::int64_t n) {
    for_each_vector(n, [&](std::int64_t i, int lanes) { store_first(at + i, zero(), lanes); });
  };
  for (std::int64_t line = first; line < first + count; ++line, to += 2 * side + inner) {
    if (line < 0 || line >= s.fine.height) {
      clear(to, 2 * side + inner);
      continue;
    }
    clear(to, side);
    const float* const from = image + line * inner;
    for_each_vector(inner, [&](std::int64_t i, int lanes) {
      lanes == kLanes ? store(to + side + i, load(from + i))
                      : store_first(to + side + i, load_first(from + i, lanes), lanes);
    });
    clear(to + side + inner, side);
  }
}

/// Where a sum's segments begin in a band, from a tile's first pixel on: of one group a row of taps lies in
/// one piece, of several each tap.
struct DirectSegments {
  std::ptrdiff_t offset[kMostDirectTaps];
  std::int64_t count = 0, depth = 0;

  DirectSegments(const ConvolutionShape& s, const Band& band) {
    const bool whole_rows = s.groups == 1;
    depth = whole_rows ? s.kernel * s.fine.channels : s.fine_group();
    for (std::int64_t i = 0; i < s.kernel; ++i)
      for (std::int64_t j = 0; j < (whole_rows ? 1 : s.kernel); ++j)
        offset[count++] = (i * band.width + j) * s.fine.channels;
  }
};

/// One panel of a group's channels, of so many lines of an image from line `row` on.
inline void multiply_lines(const Way& way, const Band& band, const DirectSegments& segments,
                           const float* lines, std::int64_t image, std::int64_t row, std::int64_t count,
                           std::int64_t group, std::int64_t n) {
  const ConvolutionShape& s = way.shape;
  const ImageShape coarse = s.coarse();
  const int columns = static_cast<int>(smaller(kPanel, s.coarse_group() - n));
  const std::int64_t channel = group * s.coarse_group() + n;
  const float* const panel = way.panels + group * packed_floats(weights_of(way, 0)) + n * s.patch();
  float weights[kTileRows];
  for (float& weight : weights) weight = way.row_weight == nullptr ? 1.0f : way.row_weight[image];
  const Tiles tiles{0, coarse.width};
  for (std::int64_t line = 0; line < count; ++line) {
    for (std::int64_t t = 0; t < tiles.count(); ++t) {
      const std::int64_t x = tiles.begin(t);
      const float* const a = lines + (line * band.width + x) * s.fine.channels + group * s.fine_group();
      const std::int64_t at =
          ((image * coarse.height + row + line) * coarse.width + x) * coarse.channels + channel;
      const TileInput in{a, s.fine.channels, panel, kPanel, segments.depth, a, 0};
      const TileOutput out{way.to + at,
                           coarse.channels,
                           columns,
                           false,
                           way.finish,
                           way.slope,
                           way.bias == nullptr ? nullptr : way.bias + channel,
                           way.y == nullptr ? nullptr : way.y + at,
                           false,
                           false,
                           weights};
      segmented_tile_function(static_cast<int>(tiles.begin(t + 1) - x), columns <= kLanes ? 1 : 2)(
          in, segments.offset, segments.count, out);
    }
  }
}

/// use(image, first line, lines) for bands of a thread's coarse lines.
template <class Use>
inline void for_each_band(const ConvolutionShape& s, const Band& band, int threads, int index,
                          const Use& use) {
  const std::int64_t height = s.coarse().height, end = part_begin(s.batch * height, 1, threads, index + 1);
  for (std::int64_t first = part_begin(s.batch * height, 1, threads, index); first < end;) {
    const std::int64_t row = first % height;
    const std::int64_t count = smaller(smaller(band.lines, height - row), end - first);
    use(first / height, row, count);
    first += count;
  }
}

/// A thread's coarse lines, from the fine images.
inline void go_direct(const Way& way, Scratch whole, int threads, int index) {
  const ConvolutionShape& s = way.shape;
  const Band band(s);
  const DirectSegments segments(s, band);
  for_each_band(s, band, threads, index, [&](std::int64_t image, std::int64_t row, std::int64_t count) {
    copy_lines(s, way.from + image * s.fine.size(), row - s.padding, count + s.kernel - 1, whole.data);
    for (std::int64_t group = 0; group < s.groups; ++group)
      for (std::int64_t n = 0; n < s.coarse_group(); n += kPanel)
        multiply_lines(way, band, segments, whole.data, image, row, count, group, n);
  });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
