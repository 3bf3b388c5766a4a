// The weights' gradient of winograd.hpp's convolutions, by the same points: products of what pieces see and
// of what their outputs' gradients spread to, summed over all pieces before the way back to taps.
#pragma once

#include <cstdint>

#include "kernels/convolution.hpp"
#include "kernels/cpu/convolution/blocks.hpp"
#include "kernels/cpu/convolution/winograd_pieces.hpp"
#include "kernels/cpu/convolution/winograd_weights.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {

inline constexpr std::int64_t kGradientRows = 128, kGradientColumns = 64;  // channels of a block, at most
inline constexpr std::int64_t kGradientFactors = 128 * 1024;               // floats of a run of lines, about
inline constexpr std::int64_t kGradientScratch = 32 * 1024;                // of a product

/// Taps of one phase, coarse channels [k0, k1), fine ones [c0, c1): its sums stay in the second cache.
struct GradientBlock {
  std::int64_t ay, ax, k0 = 0, k1 = 0, c0 = 0, c1 = 0;

  std::int64_t rows() const { return k1 - k0; }
  std::int64_t padded() const { return ceil_div(c1 - c0, kPanel) * kPanel; }
};

/// All of a convolution's gradient in blocks. Their size does not change their numbers' bits.
struct GradientBlocks {
  const ConvolutionShape& s;
  std::int64_t of_rows;

  GradientBlocks(const ConvolutionShape& shape, int threads) : s(shape), of_rows(kGradientRows) {
    while (count() % threads != 0 && count() < 4 * threads && of_rows > kPanel) of_rows /= 2;
  }
  std::int64_t down() const { return ceil_div(s.coarse_channels, of_rows); }
  std::int64_t across() const { return ceil_div(s.fine.channels, kGradientColumns); }
  std::int64_t count() const { return s.stride * s.stride * down() * across(); }
  GradientBlock block(std::int64_t i) const {
    const std::int64_t phase = i / (down() * across()), k = i / across() % down() * of_rows,
                       c = i % across() * kGradientColumns;
    return {phase / s.stride,
            phase % s.stride,
            k,
            smaller(s.coarse_channels, k + of_rows),
            c,
            smaller(s.fine.channels, c + kGradientColumns)};
  }
};

inline Axes axes_of(const ConvolutionShape& s, const GradientBlock& block) {
  const ImageShape coarse = s.coarse();
  return {axis_down(s, s.fine.height, coarse.height, block.ay, 1),
          axis_down(s, s.fine.width, coarse.width, block.ax, 1), s.batch};
}

/// Lines of pieces whose factors are made at a time: of the shape alone, as sums are cut so.
inline std::int64_t gradient_lines(const Axes& axes) {
  const std::int64_t lines = kGradientFactors / (axes.rows_of_line() * (kGradientRows + kGradientColumns));
  return lines < 1 ? 1 : lines;
}

/// Floats of a thread's scratch, whatever the phase: sums, factors, and what a product takes.
inline std::int64_t gradient_floats(const ConvolutionShape& s) {
  std::int64_t factors = 0;
  for (std::int64_t ay = 0; ay < s.stride; ++ay)
    for (std::int64_t ax = 0; ax < s.stride; ++ax) {
      const Axes axes = axes_of(s, {.ay = ay, .ax = ax});
      const std::int64_t own = gradient_lines(axes) * axes.rows_of_line();
      factors = own > factors ? own : factors;
    }
  return kPoints * kPoints * kGradientRows * kGradientColumns + kGradientScratch +
         factors * (kGradientRows + kGradientColumns) + kLineFloats;
}

inline bool is_winograd(const ConvolutionBackward& op) {
  const ConvolutionShape& s = op.shape;
  constexpr std::int64_t kFloats = kWorkspaceBytes / sizeof(float);
  return allows_winograd(s, op.precision) && smaller(s.coarse().height, s.coarse().width) > 1 &&
         gradient_floats(s) <= kFloats;
}

/// Writes what a piece sees of the block's channels, as panels, (pairs, panels, rows, kPanel).
inline void sample_columns(const ConvolutionShape& s, const Axes& axes, const PieceRows& rows,
                           const GradientBlock& block, const float* fine, float* panels) {
  for_each_piece_of_lines(axes, rows, [&](const Piece& piece) {
    const Window window(axes, piece, 0, 0, fine, s.fine.channels);
    for_cuts(piece.of_y, piece.of_x, [&]<Cut of_y, Cut of_x>() {
      for (std::int64_t c = block.c0; c < block.c1; c += kPanel) {
        float* to[kPoints][kPoints];
        for (int p = 0; p < kPoints; ++p)
          for (int q = 0; q < kPoints; ++q)
            to[p][q] = panels + rows.first[p][q] * block.padded() + rows.rows(axes, p, q) * (c - block.c0) +
                       piece.row[p][q] * kPanel;
        sample_piece<of_y, of_x>(window, c, smaller(kPanel, block.c1 - c), to);
      }
    });
  });
}

/// Writes what a piece's outputs, from `coarse` on, spread to, to[p][q] on: whole vectors.
template <Cut of_y, Cut of_x>
AGON_INLINE void spread_piece(const float* coarse, std::int64_t line, std::int64_t pixel, std::int64_t count,
                              float* const (&to)[kPoints][kPoints]) {
  for (std::int64_t k = 0; k < count; k += kLanes) {
    const int lanes = static_cast<int>(smaller(kLanes, count - k));
    Vector y[kPoints * kPoints], lines[kPoints * kPoints], at[kPoints * kPoints];
#pragma GCC unroll 4
    for (int j = 0; j < kPoints; ++j) {
      if (j >= outputs_of(of_x)) break;
#pragma GCC unroll 4
      for (int i = 0; i < kPoints; ++i) {
        if (i >= outputs_of(of_y)) break;
        const float* const from = coarse + i * line + j * pixel + k;
        fetch(from, outputs_of(of_y) * line);
        y[i * kPoints + j] = lanes == kLanes ? load(from) : load_first(from, lanes);
      }
      spread<of_y>(y + j, lines + j, kPoints);
    }
#pragma GCC unroll 4
    for (int p = 0; p < kPoints; ++p) {
      if (!has_point(of_y, p)) continue;
      spread<of_x>(lines + p * kPoints, at + p * kPoints, 1);
#pragma GCC unroll 4
      for (int q = 0; q < kPoints; ++q) {
        if (!has_point(of_x, q)) continue;
        lanes == kLanes ? store(to[p][q] + k, at[p * kPoints + q])
                        : store_first(to[p][q] + k, at[p * kPoints + q], lanes);
      }
    }
  }
}

/// Writes what the block's channels of pieces' outputs spread to, (pairs, rows, channels).
inline void spread_rows(const ConvolutionShape& s, const Axes& axes, const PieceRows& rows,
                        const GradientBlock& block, const float* coarse, float* spread) {
  const ImageShape shape = s.coarse();
  for_each_piece_of_lines(axes, rows, [&](const Piece& piece) {
    const std::int64_t pixel = (piece.image * shape.height + piece.y) * shape.width + piece.x;
    float* to[kPoints][kPoints];
    for (int p = 0; p < kPoints; ++p)
      for (int q = 0; q < kPoints; ++q)
        to[p][q] = spread + (rows.first[p][q] + piece.row[p][q]) * block.rows();
    for_cuts(piece.of_y, piece.of_x, [&]<Cut of_y, Cut of_x>() {
      spread_piece<of_y, of_x>(coarse + pixel * shape.channels + block.k0, shape.width * shape.channels,
                               shape.channels, block.rows(), to);
    });
  });
}

/// Adds a run of lines' products to the block's sums, (pairs, coarse channels, padded fine channels).
inline void add_products(const Axes& axes, const PieceRows& rows, const GradientBlock& block,
                         const float* spread, const float* panels, float* sums, Scratch scratch) {
  for (int p = 0; p < kPoints; ++p) {
    for (int q = 0; q < kPoints; ++q, sums += block.rows() * block.padded()) {
      const Product product{.m = block.rows(),
                            .n = block.c1 - block.c0,
                            .k = rows.rows(axes, p, q),
                            .a = spread + rows.first[p][q] * block.rows(),
                            .lda = block.rows(),
                            .a_layout = Layout::column_major,
                            .panels = panels + rows.first[p][q] * block.padded(),
                            .c = sums,
                            .ldc = block.padded(),
                            .accumulate = true};
      multiply_block(product, {0, product.m, 0, product.n}, scratch);
    }
  }
}

/// Writes the block's sums, or adds them, at their taps.
inline void write_taps(const ConvolutionBackward& op, const GradientBlock& block, const float* sums) {
  const ConvolutionShape& s = op.shape;
  const TapOffsets taps(s, false, block.ay, block.ax);
  const std::int64_t pair = block.rows() * block.padded();
  for (std::int64_t k = block.k0; k < block.k1; ++k, sums += block.padded()) {
    for (std::int64_t c = block.c0; c < block.c1; c += kLanes) {
      const int lanes = static_cast<int>(smaller(kLanes, block.c1 - c));
      Vector at[kPoints * kPoints], lines[2][kPoints];
      for (int i = 0; i < kPoints * kPoints; ++i) at[i] = load(sums + i * pair + c - block.c0);
      for (int q = 0; q < kPoints; ++q)
        for (int i = 0; i < 2; ++i) lines[i][q] = weight_gradient_of(i, at + q, kPoints);
      for (int i = 0; i < 4; ++i) {
        float* const to = op.dweight + k * s.patch() + taps.of[i / 2][i % 2] + c;
        const Vector sum = weight_gradient_of(i % 2, lines[i / 2], 1);
        store_first(to, op.accumulate ? load_first(to, lanes) + sum : sum, lanes);
      }
    }
  }
}

/// One block of dweight.
inline void gradient_block(const ConvolutionBackward& op, const GradientBlock& block, Scratch scratch) {
  const ConvolutionShape& s = op.shape;
  const Axes axes = axes_of(s, block);
  float* const sums = scratch.data;
  const std::int64_t sizes = kPoints * kPoints * block.rows() * block.padded();
  for (std::int64_t i = 0; i < sizes; i += kLanes) store(sums + i, zero());
  const Scratch of_product{sums + sizes, kGradientScratch};
  float* const panels = of_product.data + of_product.floats;
  const std::int64_t at_a_time = gradient_lines(axes), all = axes.lines();
  for (std::int64_t line = 0; line < all; line += at_a_time) {
    const PieceRows rows(axes, line, smaller(all, line + at_a_time));
    float* const spread = panels + rows.total * block.padded();
    sample_columns(s, axes, rows, block, s.transposed ? op.dz : op.x, panels);
    spread_rows(s, axes, rows, block, s.transposed ? op.x : op.dz, spread);
    add_products(axes, rows, block, spread, panels, sums, of_product);
  }
  write_taps(op, block, sums);
}

inline void winograd_gradient(QueueView queue, const ConvolutionBackward& op) {
  const GradientBlocks blocks(op.shape, queue.threads);
  const std::int64_t floats = static_cast<std::int64_t>(queue.workspace_bytes / sizeof(float)),
                     most = floats / gradient_floats(op.shape);
  const int parts = static_cast<int>(smaller(smaller(queue.threads, most), blocks.count()));
  for_parts(queue, parts, [&](int index) {
    const std::int64_t end = part_begin(blocks.count(), 1, parts, index + 1);
    for (std::int64_t i = part_begin(blocks.count(), 1, parts, index); i < end; ++i)
      gradient_block(op, blocks.block(i), thread_scratch(queue, parts, index));
  });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
