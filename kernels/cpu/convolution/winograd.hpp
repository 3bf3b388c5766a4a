// Convolutions whose kernel is twice their stride with fewer multiplications: pixels of one phase are a plane
// that 2 x 2 taps pass over (winograd_cuts.hpp, in both directions), so 16 products of matrices do what 36
// would. A block of pieces stays in the second cache from its images to its outputs.
#pragma once

#include <cstdint>

#include "kernels/cpu/convolution/blocks.hpp"
#include "kernels/cpu/convolution/way.hpp"
#include "kernels/cpu/convolution/winograd_pieces.hpp"
#include "kernels/cpu/convolution/winograd_weights.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {

/// A pass over the images: down, or up to the pixels of one phase.
struct WinogradPass {
  Way way;
  ImageShape from, to;
  WeightPanels weights;
  std::int64_t panel0 = 0, panel1 = 0;  ///< those that are packed
  const float* packed = nullptr;

  const Axes& axes() const { return weights.axes; }
  std::int64_t packed_panels() const { return panel1 - panel0; }
  /// Floats between a block's rows: lines of the first cache that rows begin with differ.
  std::int64_t row_floats() const {
    const DepthPart part = weights.parts.part(0);
    return ceil_div(part.depth(), kLineFloats) * kLineFloats + kLineFloats;
  }
  /// Floats of a line of pieces, at most: factors and products.
  std::int64_t line_floats(std::int64_t panels) const {
    return axes().rows_of_line() * (row_floats() + panels * kPanel);
  }
};

inline constexpr std::int64_t kWinogradBlock = 320 * 1024;     // floats of factors and products, about
inline constexpr std::int64_t kWinogradWeights = 5120 * 1024;  // floats that are packed at a time, at most

inline std::int64_t panels_at_a_time(const WinogradPass& pass) {
  return smaller(pass.weights.panels(), kWinogradWeights / pass.weights.of_panel());
}

inline WinogradPass pass_down(const Way& way) {
  const ConvolutionShape& s = way.shape;
  const ImageShape coarse = s.coarse();
  const Axes axes{axis_down(s, s.fine.height, coarse.height, 0, s.stride),
                  axis_down(s, s.fine.width, coarse.width, 0, s.stride), s.batch};
  return {way, s.fine, coarse, {axes, {s.stride * s.stride, s.fine.channels}, coarse.channels}};
}

inline WinogradPass pass_up(const Way& way, std::int64_t ay, std::int64_t ax) {
  const ConvolutionShape& s = way.shape;
  const ImageShape coarse = s.coarse();
  const Axes axes{axis_up(s, s.fine.height, coarse.height, ay), axis_up(s, s.fine.width, coarse.width, ax),
                  s.batch};
  return {way, coarse, s.fine, {axes, {1, coarse.channels}, s.fine.channels}};
}

/// Whether the pass can be done in the workspace, however many threads share it.
inline bool fits(const WinogradPass& pass) {
  constexpr std::int64_t kFloats = kWorkspaceBytes / sizeof(float);
  return pass.axes().y.cuts.outputs > 1 && pass.axes().x.cuts.outputs > 1 && panels_at_a_time(pass) > 0 &&
         pass.line_floats(panels_at_a_time(pass)) + kLineFloats <= kFloats - kWinogradWeights;
}

inline bool is_winograd(const Way& way) {
  const ConvolutionShape& s = way.shape;
  if (!allows_winograd(s, way.precision)) return false;
  if (!way.up) return fits(pass_down(way));
  bool all = true;
  for (std::int64_t ay = 0; ay < s.stride; ++ay)
    for (std::int64_t ax = 0; ax < s.stride; ++ax) all = all && fits(pass_up(way, ay, ax));
  return all;
}

/// A thread's share of the packed panels.
inline void pack_weights(const WinogradPass& pass, const TapOffsets& taps, int threads, int index,
                         float* to) {
  const WeightPanels& weights = pass.weights;
  const std::int64_t panels = pass.packed_panels(), all = weights.parts.count() * panels;
  for (std::int64_t i = part_begin(all, 1, threads, index); i < part_begin(all, 1, threads, index + 1); ++i) {
    const DepthPart part = weights.parts.part(i / panels);
    const std::int64_t n = (pass.panel0 + i % panels) * kPanel;
    float* const panel =
        to + weights.begin(part, panels) + i % panels * pass.axes().pairs() * part.depth() * kPanel;
    if (pass.way.up) {
      pack_weights_up(pass.way, weights, part, taps, n, panel);
    } else {
      pack_weights_down(pass.way, weights, part, n, panel);
    }
  }
}

/// Writes the rows' factors of a part of the sum.
inline void sample_pieces(const WinogradPass& pass, const PieceRows& rows, const DepthPart& part,
                          float* factors) {
  const std::int64_t stride = pass.way.shape.stride, row_floats = pass.row_floats();
  for_each_piece_of_lines(pass.axes(), rows, [&](const Piece& piece) {
    std::int64_t d = 0;
    for (std::int64_t phase = part.phase0; phase < part.phase1; ++phase) {
      const Window window(pass.axes(), piece, phase / stride, phase % stride, pass.way.from,
                          pass.from.channels);
      float* to[kPoints][kPoints];
      for (int p = 0; p < kPoints; ++p)
        for (int q = 0; q < kPoints; ++q)
          to[p][q] = factors + (rows.first[p][q] + piece.row[p][q]) * row_floats + d;
      for_cuts(piece.of_y, piece.of_x, [&]<Cut of_y, Cut of_x>() {
        sample_piece<of_y, of_x>(window, part.channel0, part.channel1 - part.channel0, to);
      });
      d += part.channel1 - part.channel0;
    }
  });
}

/// The products of a part of the sum, (packed panels, rows, kPanel), added to those before.
inline void multiply_pieces(const WinogradPass& pass, const PieceRows& rows, const DepthPart& part,
                            const float* factors, float* products) {
  const std::int64_t depth = part.depth();
  const float* panel = pass.packed + pass.weights.begin(part, pass.packed_panels());
  for (std::int64_t i = pass.panel0; i < pass.panel1; ++i, products += rows.total * kPanel) {
    const std::int64_t n = smaller(kPanel, pass.weights.columns - i * kPanel);
    for (int p = 0; p < pass.axes().y.cuts.points(); ++p) {
      for (int q = 0; q < pass.axes().x.cuts.points(); ++q, panel += depth * kPanel) {
        const Product product{.m = rows.rows(pass.axes(), p, q),
                              .n = n,
                              .k = depth,
                              .a = factors + rows.first[p][q] * pass.row_floats(),
                              .lda = pass.row_floats(),
                              .panels = panel,
                              .c = products + rows.first[p][q] * kPanel,
                              .ldc = kPanel,
                              .accumulate = part.phase0 + part.channel0 > 0};
        multiply_block(product, {0, product.m, 0, n}, {nullptr, 0});
      }
    }
  }
}

/// Writes a piece's outputs, a vector's channels of them.
template <Cut of_y, Cut of_x>
AGON_INLINE void finish_piece(const WinogradPass& pass, const Piece& piece, std::int64_t channel,
                              const float* const (&from)[kPoints][kPoints], Vector weight) {
  const int lanes = static_cast<int>(smaller(kLanes, pass.to.channels - channel));
  const Vector bias = pass.way.bias == nullptr ? zero() : load_first(pass.way.bias + channel, lanes);
  Vector at[kPoints * kPoints], lines[kPoints * kPoints], y[kPoints * kPoints];
#pragma GCC unroll 4
  for (int q = 0; q < kPoints; ++q) {
    if (!has_point(of_x, q)) continue;
#pragma GCC unroll 4
    for (int p = 0; p < kPoints; ++p)
      if (has_point(of_y, p)) at[p * kPoints + q] = load(from[p][q]);
    combine<of_y>(at + q, lines + q, kPoints);
  }
  const Axis &down = pass.axes().y, &across = pass.axes().x;
  const std::int64_t row = piece.image * pass.to.height + down.out_step * piece.y + down.out_offset;
  const std::int64_t column = across.out_step * piece.x + across.out_offset;
#pragma GCC unroll 4
  for (int i = 0; i < kPoints; ++i) {
    if (i >= outputs_of(of_y)) break;
    combine<of_x>(lines + i * kPoints, y + i * kPoints, 1);
#pragma GCC unroll 4
    for (int j = 0; j < kPoints; ++j) {
      if (j >= outputs_of(of_x)) break;
      const std::int64_t pixel = (row + i * down.out_step) * pass.to.width + column + j * across.out_step;
      finish_vector(pass.way, pixel * pass.to.channels + channel, bias, weight, lanes, y[i * kPoints + j]);
    }
  }
}

/// Writes the packed panels' channels of the rows' pieces.
inline void finish_pieces(const WinogradPass& pass, const PieceRows& rows, const float* products) {
  const Way& way = pass.way;
  const std::int64_t channel0 = pass.panel0 * kPanel,
                     channel1 = smaller(pass.to.channels, pass.panel1 * kPanel);
  for_each_piece_of_lines(pass.axes(), rows, [&](const Piece& piece) {
    const Vector weight = broadcast(way.row_weight == nullptr ? 1.0f : way.row_weight[piece.image]);
    for_cuts(piece.of_y, piece.of_x, [&]<Cut of_y, Cut of_x>() {
      for (std::int64_t c = channel0; c < channel1; c += kLanes) {
        const std::int64_t of_panel = (c - channel0) / kPanel * rows.total * kPanel + c % kPanel;
        const float* from[kPoints][kPoints];
        for (int p = 0; p < kPoints; ++p)
          for (int q = 0; q < kPoints; ++q)
            from[p][q] = products + of_panel + (rows.first[p][q] + piece.row[p][q]) * kPanel;
        finish_piece<of_y, of_x>(pass, piece, c, from, weight);
      }
    });
  });
}

/// A thread's lines of pieces.
inline void go_lines(const WinogradPass& pass, Scratch scratch, int threads, int index) {
  const DepthParts& parts = pass.weights.parts;
  const std::int64_t fitting =
      smaller(scratch.floats, kWinogradBlock) / pass.line_floats(pass.packed_panels());
  const std::int64_t begin = part_begin(pass.axes().lines(), 1, threads, index),
                     end = part_begin(pass.axes().lines(), 1, threads, index + 1);
  const std::int64_t blocks = ceil_div(end - begin, fitting < 1 ? 1 : fitting);
  for (std::int64_t i = 0; i < blocks; ++i) {
    const PieceRows rows(pass.axes(), begin + part_begin(end - begin, 1, blocks, i),
                         begin + part_begin(end - begin, 1, blocks, i + 1));
    float* const products = scratch.data + rows.total * pass.row_floats();
    for (std::int64_t part = 0; part < parts.count(); ++part) {
      sample_pieces(pass, rows, parts.part(part), scratch.data);
      multiply_pieces(pass, rows, parts.part(part), scratch.data, products);
    }
    finish_pieces(pass, rows, products);
  }
}

/// One pass, as many of the weights' panels at a time as are packed.
inline void go_pass(QueueView queue, WinogradPass pass, const TapOffsets& taps) {
  const std::int64_t most = panels_at_a_time(pass);
  float* const packed = take_floats(queue, most * pass.weights.of_panel());
  const std::int64_t floats = static_cast<std::int64_t>(queue.workspace_bytes / sizeof(float));
  const int parts = static_cast<int>(smaller(queue.threads, floats / (pass.line_floats(most) + kLineFloats)));
  pass.packed = packed;
  for (pass.panel0 = 0; pass.panel0 < pass.weights.panels(); pass.panel0 = pass.panel1) {
    pass.panel1 = smaller(pass.weights.panels(), pass.panel0 + most);
    for_parts(queue, queue.threads,
              [&](int index) { pack_weights(pass, taps, queue.threads, index, packed); });
    for_parts(queue, parts,
              [&](int index) { go_lines(pass, thread_scratch(queue, parts, index), parts, index); });
  }
}

inline void go_winograd(QueueView queue, const Way& way) {
  if (!way.up) return go_pass(queue, pass_down(way), TapOffsets(way.shape, false, 0, 0));
  for (std::int64_t ay = 0; ay < way.shape.stride; ++ay)
    for (std::int64_t ax = 0; ax < way.shape.stride; ++ax)
      go_pass(queue, pass_up(way, ay, ax), TapOffsets(way.shape, true, ay, ax));
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
