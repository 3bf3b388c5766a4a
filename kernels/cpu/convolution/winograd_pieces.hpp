// Images in pieces: lines of pieces (winograd_cuts.hpp) one below the other, and where each piece's factors
// and products lie.
#pragma once

#include <cstdint>

#include "kernels/convolution_shape.hpp"
#include "kernels/cpu/convolution/winograd_cuts.hpp"
#include "kernels/cpu/linear/gemm_tile.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {

/// One direction of images whose every `phases`-th pixel is a plane that two taps pass over: x(v) of phase a
/// is pixel in_step v + in_offset + a of in_size, or 0, and y(u) is pixel out_step u + out_offset.
struct Axis {
  std::int64_t in_size, in_step, in_offset, phases, out_step, out_offset;
  CutLine cuts;

  bool inside(std::int64_t at) const { return at >= 0 && at < in_size; }
};

/// From `fine` pixels down to `coarse` ones, phases [phase, phase + phases).
inline Axis axis_down(const ConvolutionShape& s, std::int64_t fine, std::int64_t coarse, std::int64_t phase,
                      std::int64_t phases) {
  const std::int64_t offset = phase - s.padding;
  const CutLine cuts(coarse, offset + phases - 1 < 0, s.stride * coarse + offset >= fine);
  return {fine, s.stride, offset, phases, 1, 0, cuts};
}

/// From `coarse` pixels up to those of `fine` that are some `stride` v + phase - padding.
inline Axis axis_up(const ConvolutionShape& s, std::int64_t fine, std::int64_t coarse, std::int64_t phase) {
  const std::int64_t before = s.padding > phase ? s.padding - phase : 0;
  const std::int64_t v0 = (before + s.stride - 1) / s.stride,
                     v1 = (fine - 1 + s.padding - phase + s.stride) / s.stride;  // first, past the last
  const CutLine cuts(v1 - v0, v0 == 0, v1 > coarse);
  return {coarse, 1, v0 - 1, 1, s.stride, s.stride * v0 + phase - s.padding, cuts};
}

struct Axes {
  Axis y, x;
  std::int64_t batch;

  std::int64_t lines() const { return batch * y.cuts.count(); }
  int pairs() const { return y.cuts.points() * x.cuts.points(); }
  /// Products of a line of pieces, at most.
  std::int64_t rows_of_line() const {
    std::int64_t rows = 0;
    for (int q = 0; q < kPoints; ++q) rows += x.cuts.with(q);
    return rows * y.cuts.points();
  }
};

/// For each pair of points, of lines and of a line, a matrix with a row for each piece that has it: of lines
/// [line0, line1) of pieces, of all images one behind the other.
struct PieceRows {
  std::int64_t line0, line1;
  std::int64_t lines[kPoints] = {};  ///< with a point
  std::int64_t first[kPoints][kPoints], total = 0;

  PieceRows(const Axes& axes, std::int64_t begin, std::int64_t end) : line0(begin), line1(end) {
    for (std::int64_t line = begin; line < end; ++line)
      for (int p = 0; p < kPoints; ++p)
        lines[p] += has_point(axes.y.cuts.cut(line % axes.y.cuts.count()), p) ? 1 : 0;
    for (int p = 0; p < kPoints; ++p)
      for (int q = 0; q < kPoints; ++q) first[p][q] = total, total += lines[p] * axes.x.cuts.with(q);
  }
  std::int64_t rows(const Axes& axes, int p, int q) const { return lines[p] * axes.x.cuts.with(q); }
};

struct Piece {
  std::int64_t image, y, x;  ///< its first output
  Cut of_y, of_x;
  std::int64_t row[kPoints][kPoints];  ///< in its pair's matrix
};

/// use(Piece) for all pieces of the rows' lines.
template <class Use>
inline void for_each_piece_of_lines(const Axes& axes, const PieceRows& rows, const Use& use) {
  const CutLine &y = axes.y.cuts, &x = axes.x.cuts;
  std::int64_t before_y[kPoints] = {};
  Piece piece{};
  for (std::int64_t line = rows.line0; line < rows.line1; ++line) {
    const std::int64_t in_image = line % y.count();
    if (in_image == 0 || line == rows.line0) {
      piece.y = 0;
      for (std::int64_t i = 0; i < in_image; ++i) piece.y += outputs_of(y.cut(i));
    }
    piece.image = line / y.count(), piece.x = 0, piece.of_y = y.cut(in_image);
    std::int64_t before_x[kPoints] = {};
    for (std::int64_t i = 0; i < x.count(); ++i) {
      piece.of_x = x.cut(i);
      for (int p = 0; p < kPoints; ++p)
        for (int q = 0; q < kPoints; ++q) piece.row[p][q] = before_y[p] * x.with(q) + before_x[q];
      use(piece);
      for (int q = 0; q < kPoints; ++q) before_x[q] += has_point(piece.of_x, q) ? 1 : 0;
      piece.x += outputs_of(piece.of_x);
    }
    for (int p = 0; p < kPoints; ++p) before_y[p] += has_point(piece.of_y, p) ? 1 : 0;
    piece.y += outputs_of(piece.of_y);
  }
}

/// The channels of the pixels that a piece sees of phases (ay, ax): null where a pixel is outside.
struct Window {
  const float* pixel[kPoints][kPoints];
  std::ptrdiff_t below;  ///< from a pixel to that of the piece in the next line

  Window(const Axes& axes, const Piece& piece, std::int64_t ay, std::int64_t ax, const float* images,
         std::int64_t channels)
      : below(axes.y.in_step * outputs_of(piece.of_y) * axes.x.in_size * channels) {
    for (int i = 0; i <= outputs_of(piece.of_y); ++i) {
      const std::int64_t row = axes.y.in_step * (piece.y + i) + axes.y.in_offset + ay;
      for (int j = 0; j <= outputs_of(piece.of_x); ++j) {
        const std::int64_t column = axes.x.in_step * (piece.x + j) + axes.x.in_offset + ax;
        const bool inside = axes.y.inside(row) && axes.x.inside(column);
        pixel[i][j] =
            inside ? images + ((piece.image * axes.y.in_size + row) * axes.x.in_size + column) * channels
                   : nullptr;
      }
    }
  }
};

/// Whether a piece looks at x(i).
constexpr bool sees(Cut cut, int i) {
  return cut == Cut::first ? i == 1 : cut == Cut::last ? i == 0 : i <= outputs_of(cut);
}

/// Writes the factors of a piece's products of `count` channels, to[p][q] on: whole vectors.
template <Cut of_y, Cut of_x>
AGON_INLINE void sample_piece(const Window& window, std::int64_t channel, std::int64_t count,
                              float* const (&to)[kPoints][kPoints]) {
  for (std::int64_t c = 0; c < count; c += kLanes) {
    const int lanes = count - c < kLanes ? static_cast<int>(count - c) : kLanes;
    Vector x[kPoints * kPoints], lines[kPoints * kPoints], at[kPoints * kPoints];
#pragma GCC unroll 4
    for (int j = 0; j < kPoints; ++j) {
      if (!sees(of_x, j)) continue;
#pragma GCC unroll 4
      for (int i = 0; i < kPoints; ++i) {
        if (!sees(of_y, i)) continue;
        const float* const from = window.pixel[i][j];
        if (from != nullptr) fetch(from + channel + c, window.below);
        x[i * kPoints + j] = from == nullptr   ? zero()
                             : lanes == kLanes ? load(from + channel + c)
                                               : load_first(from + channel + c, lanes);
      }
      sample<of_y>(x + j, lines + j, kPoints);
    }
#pragma GCC unroll 4
    for (int p = 0; p < kPoints; ++p) {
      if (!has_point(of_y, p)) continue;
      sample<of_x>(lines + p * kPoints, at + p * kPoints, 1);
#pragma GCC unroll 4
      for (int q = 0; q < kPoints; ++q)
        if (has_point(of_x, q)) store(to[p][q] + c, at[p * kPoints + q]);
    }
  }
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
