// 3 x 3 convolutions of stride 1 with at most a vector's channels in a group, which leave a product of
// matrices too few columns: a tile is pixels of a line, or of two, a vector each, and an element of the
// images is read once for the three taps of a kernel's row that pass over it.
#pragma once

#include <cstdint>

#include "kernels/cpu/convolution/ahead.hpp"
#include "kernels/cpu/convolution/direct.hpp"
#include "kernels/cpu/convolution/way.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {

inline constexpr int kSlidingTaps = 3;  // of a kernel, in either direction
// Sums of a tile, three weights and one element fill the registers.
inline constexpr int kSlidingPixels = kLanes == 16 ? 14 : 12;  // of a line, at most
inline constexpr int kSlidingSums = kLanes == 16 ? 16 : 12;    // of two lines, at most
inline constexpr std::int64_t kLeastSlidingWidth = 4;          // pixels: fewer leave units idle

/// Whether a convolution down can be done so.
inline bool is_sliding(const Way& way) {
  const ConvolutionShape& s = way.shape;
  return !way.up && s.kernel == kSlidingTaps && s.stride == 1 && way.precision == Precision::fp32 &&
         s.coarse_group() <= kLanes && s.coarse().width >= kLeastSlidingWidth && Band(s).lines > 0;
}

/// Floats of all groups' packed weights.
inline std::int64_t sliding_floats(const ConvolutionShape& s) { return s.groups * s.patch() * kLanes; }

/// Packs a group's weights: (rows of the kernel, fine channels, taps of a row, kLanes coarse channels),
/// zeroes behind the last.
inline void pack_sliding(const Way& way, std::int64_t group, float* to) {
  const ConvolutionShape& s = way.shape;
  const std::int64_t depth = s.fine_group(), columns = s.coarse_group();
  const float* const from = way.weight + group * columns * s.patch();
  for (std::int64_t i = 0; i < kSlidingTaps; ++i)
    for (std::int64_t c = 0; c < depth; ++c)
      for (std::int64_t j = 0; j < kSlidingTaps; ++j, to += kLanes)
        for (std::int64_t k = 0; k < kLanes; ++k)
          to[k] = k < columns ? from[k * s.patch() + (i * kSlidingTaps + j) * depth + c] : 0.0f;
}

/// What a tile reads: from its first pixel's first tap on, and a group's packed weights.
struct SlidingInput {
  const float* image;
  std::ptrdiff_t line, pixel;  ///< floats from one to the next
  const float* weights;
  std::int64_t depth;  ///< fine channels of the group
};

/// sums(line, pixel, lane), of the three rows of taps one after the other, channel by channel.
template <int Lines, int Pixels>
void slide(const SlidingInput& in, float* sums) {
  Vector sum[Lines][Pixels] = {};
  const float* weights = in.weights;
  for (int i = 0; i < kSlidingTaps; ++i) {
    RowPointers<Pixels + 2> pixels(in.image + i * in.line, in.pixel);
    RowPointers<Pixels + 2> below(in.image + (i + Lines - 1) * in.line, in.pixel);
    for (std::int64_t c = 0; c < in.depth; ++c, weights += kSlidingTaps * kLanes) {
      const Vector tap[kSlidingTaps] = {load(weights), load(weights + kLanes), load(weights + 2 * kLanes)};
#pragma GCC unroll 2
      for (int l = 0; l < Lines; ++l) {
#pragma GCC unroll 16
        for (int p = 0; p < Pixels + 2; ++p) {
          const Vector x = broadcast(l == 0 ? pixels.at(p) : below.at(p));
#pragma GCC unroll 3
          for (int j = 0; j < kSlidingTaps; ++j)
            if (p >= j && p - j < Pixels) sum[l][p - j] = multiply_add(x, tap[j], sum[l][p - j]);
        }
      }
      pixels.advance();
      if constexpr (Lines > 1) below.advance();
    }
  }
#pragma GCC unroll 2
  for (int l = 0; l < Lines; ++l) {
#pragma GCC unroll 14
    for (int p = 0; p < Pixels; ++p) store(sums + (l * Pixels + p) * kLanes, sum[l][p]);
  }
}

using SlideFunction = void (*)(const SlidingInput&, float*);

/// Whether two lines of so many pixels are a tile.
constexpr bool slides_two(std::int64_t pixels) { return 2 * pixels <= kSlidingSums; }

template <int Pixels = kSlidingPixels>
inline SlideFunction slide_function(int lines, std::int64_t pixels) {
  if constexpr (Pixels > 1) {
    if (pixels < Pixels) return slide_function<Pixels - 1>(lines, pixels);
  }
  if constexpr (slides_two(Pixels)) {
    if (lines == 2) return slide<2, Pixels>;
  }
  return slide<1, Pixels>;
}

/// Pixels of a line of the coarse images that one tile makes.
struct SlidingTile {
  std::int64_t image, line, column, pixels, group;
};

/// Writes a line of the tile, finished, from its sums.
inline void finish_sliding(const Way& way, const SlidingTile& tile, std::int64_t at, const float* sums) {
  const std::int64_t columns = way.shape.coarse_group(), channels = way.shape.coarse_channels;
  const int lanes = static_cast<int>(columns);
  const Vector bias = way.bias == nullptr ? zero() : load_first(way.bias + tile.group * columns, lanes);
  const Vector weight = broadcast(way.row_weight == nullptr ? 1.0f : way.row_weight[tile.image]);
  for (std::int64_t p = 0; p < tile.pixels; ++p)
    finish_vector(way, at + p * channels, bias, weight, lanes, load(sums + p * kLanes));
}

/// One or two lines of a tile; `lines` are the fine images', with zeroes around them.
inline void slide_tile(const Way& way, const SlidingTile& tile, const SlidingInput& in, int lines) {
  alignas(64) float sums[kSlidingSums * kLanes];
  const ImageShape coarse = way.shape.coarse();
  const std::int64_t at =
      ((tile.image * coarse.height + tile.line) * coarse.width + tile.column) * coarse.channels +
      tile.group * way.shape.coarse_group();
  slide_function(lines, tile.pixels)(in, sums);
  for (int l = 0; l < lines; ++l)
    finish_sliding(way, tile, at + l * coarse.width * coarse.channels, sums + l * tile.pixels * kLanes);
}

/// How lines are cut into tiles.
struct SlidingTiles {
  std::int64_t width, across, lines;  ///< pixels and tiles of a line; lines of a tile

  explicit SlidingTiles(std::int64_t pixels)
      : width(pixels),
        across(ceil_div(width, kSlidingPixels)),
        lines(slides_two(ceil_div(width, across)) ? 2 : 1) {}
  std::int64_t begin(std::int64_t tile) const { return width * tile / across; }
  std::int64_t count(std::int64_t of_lines) const { return across * ceil_div(of_lines, lines); }
};

/// Lines of an image from line `row` on.
struct SlidingLines {
  const float* fine;  ///< with zeroes around them
  std::int64_t image, row, count;
};

/// One group's channels of them.
inline void slide_lines(const Way& way, const Band& band, const SlidingTiles& tiles,
                        const SlidingLines& lines, std::int64_t group, Ahead& ahead) {
  const ConvolutionShape& s = way.shape;
  const float* const weights = way.panels + group * s.patch() * kLanes;
  for (std::int64_t line = 0; line < lines.count; line += tiles.lines) {
    for (std::int64_t t = 0; t < tiles.across; ++t) {
      const std::int64_t x = tiles.begin(t);
      const float* const first =
          lines.fine + (line * band.width + x) * s.fine.channels + group * s.fine_group();
      ahead.ask();
      slide_tile(way, {lines.image, lines.row + line, x, tiles.begin(t + 1) - x, group},
                 {first, band.width * s.fine.channels, s.fine.channels, weights, s.fine_group()},
                 static_cast<int>(smaller(tiles.lines, lines.count - line)));
    }
  }
}

/// What the band from coarse line `next` of all images on reads and writes, in so many turns.
inline Ahead next_band(const Way& way, const Band& band, std::int64_t next, std::int64_t turns) {
  const ImageShape &fine = way.shape.fine, coarse = way.shape.coarse();
  Ahead ahead(band.lines * coarse.width, turns);
  const std::int64_t row = next / coarse.height * fine.height + next % coarse.height;
  ahead.add(way.from + row * fine.width * fine.channels, fine.channels, fine.channels);
  const std::int64_t at = next * coarse.width * coarse.channels;
  ahead.add(way.to + at, coarse.channels, coarse.channels);
  ahead.add(way.y == nullptr ? nullptr : way.y + at, coarse.channels, coarse.channels);
  return ahead;
}

/// A thread's coarse lines, from the fine images.
inline void go_sliding(const Way& way, Scratch whole, int threads, int index) {
  const ConvolutionShape& s = way.shape;
  const Band band(s);
  const SlidingTiles tiles(s.coarse().width);
  for_each_band(s, band, threads, index, [&](std::int64_t image, std::int64_t row, std::int64_t count) {
    copy_lines(s, way.from + image * s.fine.size(), row - s.padding, count + s.kernel - 1, whole.data);
    Ahead ahead =
        next_band(way, band, image * s.coarse().height + row + count, s.groups * tiles.count(count));
    for (std::int64_t group = 0; group < s.groups; ++group)
      slide_lines(way, band, tiles, {whole.data, image, row, count}, group, ahead);
  });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
