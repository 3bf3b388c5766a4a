// A convolution's weights at the points of winograd_cuts.hpp, packed for products with pieces.
#pragma once

#include <cstdint>

#include "kernels/cpu/convolution/way.hpp"
#include "kernels/cpu/convolution/winograd_pieces.hpp"
#include "kernels/cpu/linear/gemm_pack.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {

inline constexpr std::int64_t kWinogradChannels = 16;
inline constexpr std::int64_t kWinogradPixels = 16;  // of a coarse image

/// Whether a convolution can be done so, and gains, with some images at least: of few channels or pixels the
/// ways to the points and back take longer. Decided by the layer alone, not by the batch: an image's bits
/// must not change with the company it is in.
inline bool allows_winograd(const ConvolutionShape& s, Precision precision) {
  return s.kernel == 2 * s.stride && s.groups == 1 && precision == Precision::fp32 &&
         smaller(s.fine.channels, s.coarse_channels) >= kWinogradChannels &&
         s.coarse().pixels() >= kWinogradPixels;
}

/// A part of the sum that a product is: phases of pixels, (stride, stride) of them on the way down, and
/// channels of them.
struct DepthPart {
  std::int64_t phase0, phase1, channel0, channel1;

  std::int64_t depth() const { return (phase1 - phase0) * (channel1 - channel0); }
};

/// The sum in parts, so short that the factors of many pieces fit the second cache: several phases with all
/// their channels, or some of one phase's.
struct DepthParts {
  static constexpr std::int64_t kMost = 256;
  std::int64_t phases, channels, phases_each, channels_each;

  DepthParts(std::int64_t all_phases, std::int64_t all_channels)
      : phases(all_phases),
        channels(all_channels),
        phases_each(smaller(phases, channels > kMost ? 1 : kMost / channels)),
        channels_each(smaller(channels, kMost)) {}
  std::int64_t depth() const { return phases * channels; }
  std::int64_t of_phases() const { return ceil_div(channels, channels_each); }
  std::int64_t count() const { return ceil_div(phases, phases_each) * of_phases(); }
  DepthPart part(std::int64_t i) const {
    const std::int64_t phase = i / of_phases() * phases_each, channel = i % of_phases() * channels_each;
    return {phase, smaller(phases, phase + phases_each), channel, smaller(channels, channel + channels_each)};
  }
};

/// The four taps that join a plane, (2, 2), at a phase: offsets into a coarse channel's weights.
struct TapOffsets {
  std::int64_t of[2][2];

  TapOffsets(const ConvolutionShape& s, bool up, std::int64_t ay, std::int64_t ax) {
    for (int i = 0; i < 2; ++i)
      for (int j = 0; j < 2; ++j)
        of[i][j] = ((s.stride * (up ? 1 - i : i) + ay) * s.kernel + s.stride * (up ? 1 - j : j) + ax) *
                   s.fine.channels;
  }
};

/// Panels of weights: (parts of the sum, panels, pairs of points, depth of the part, kPanel).
struct WeightPanels {
  Axes axes;
  DepthParts parts;
  std::int64_t columns;  ///< of the product: channels of the images that it makes

  std::int64_t panels() const { return ceil_div(columns, kPanel); }
  std::int64_t of_panel() const { return axes.pairs() * parts.depth() * kPanel; }
  /// Where a part's first panel begins, of `count` panels.
  std::int64_t begin(const DepthPart& part, std::int64_t count) const {
    return (part.phase0 * parts.channels + part.channel0) * axes.pairs() * kPanel * count;
  }
};

/// Two vectors of a row of each pair's panel, of the weights' at the four taps.
inline void store_weights(const Axes& axes, const float* const (&tap)[2][2], int columns, std::int64_t depth,
                          float* to) {
  for (int v = 0; v < kPanel; v += kLanes) {
    Vector w[2][2];
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i)
      w[i / 2][i % 2] = columns - v >= kLanes
                            ? load(tap[i / 2][i % 2] + v)
                            : load_first(tap[i / 2][i % 2] + v, columns > v ? columns - v : 0);
    const int across = axes.x.cuts.points();
#pragma GCC unroll 4
    for (int q = 0; q < kPoints; ++q) {
      if (q >= across) break;
      const Vector w0 = weight_at(q, w[0][0], w[0][1]), w1 = weight_at(q, w[1][0], w[1][1]);
#pragma GCC unroll 4
      for (int p = 0; p < kPoints; ++p) {
        if (p >= axes.y.cuts.points()) break;
        store(to + (p * across + q) * depth * kPanel + v, weight_at(p, w0, w1));
      }
    }
  }
}

/// The panel from column n on, of a part of the way down: a row for each fine channel.
inline void pack_weights_down(const Way& way, const WeightPanels& all, const DepthPart& part, std::int64_t n,
                              float* to) {
  const ConvolutionShape& s = way.shape;
  const std::int64_t row = s.patch(), depth = part.depth();
  const int columns = static_cast<int>(smaller(kPanel, all.columns - n));
  alignas(64) float turned[2][2][kLanes * kPanel];
  std::int64_t d = 0;
  for (std::int64_t phase = part.phase0; phase < part.phase1; ++phase) {
    const TapOffsets taps(s, false, phase / s.stride, phase % s.stride);
    for (std::int64_t c = part.channel0; c < part.channel1; c += kLanes) {
      const std::int64_t count = smaller(kLanes, part.channel1 - c);
      for (int i = 0; i < 4; ++i)
        pack_columns(way.weight + n * row + taps.of[i / 2][i % 2] + c, row, count, columns, kTileVectors,
                     turned[i / 2][i % 2]);
      for (std::int64_t k = 0; k < count; ++k, ++d) {
        const std::int64_t at = k * kPanel;
        const float* const tap[2][2] = {{turned[0][0] + at, turned[0][1] + at},
                                        {turned[1][0] + at, turned[1][1] + at}};
        store_weights(all.axes, tap, kPanel, depth, to + d * kPanel);
      }
    }
  }
}

/// The same of the way up to pixels of phases (ay, ax): a row for each coarse channel.
inline void pack_weights_up(const Way& way, const WeightPanels& all, const DepthPart& part,
                            const TapOffsets& taps, std::int64_t n, float* to) {
  const int columns = static_cast<int>(smaller(kPanel, all.columns - n));
  for (std::int64_t k = part.channel0; k < part.channel1; ++k, to += kPanel) {
    const float* const row = way.weight + k * way.shape.patch() + n;
    const float* const tap[2][2] = {{row + taps.of[0][0], row + taps.of[0][1]},
                                    {row + taps.of[1][0], row + taps.of[1][1]}};
    store_weights(all.axes, tap, columns, part.depth(), to);
  }
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
