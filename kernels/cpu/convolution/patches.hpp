// What a coarse pixel of a convolution sees of the fine image: gathered into a row of a matrix, or scattered
// back from one.
#pragma once

#include <cstdint>

#include "kernels/convolution_shape.hpp"
#include "kernels/cpu/linear/gemm.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {

inline constexpr std::int64_t kMostShortRow = 16;  // floats

/// A coarse pixel: image, row, column.
struct CoarsePixel {
  std::int64_t image, row, column;

  AGON_INLINE CoarsePixel(const ConvolutionShape& s, std::int64_t index) {
    const ImageShape coarse = s.coarse();
    image = index / coarse.pixels();
    row = index % coarse.pixels() / coarse.width;
    column = index % coarse.width;
  }
  AGON_INLINE void next(const ImageShape& coarse) {
    if (++column < coarse.width) return;
    column = 0;
    if (++row < coarse.height) return;
    row = 0, ++image;
  }
};

/// Taps of a patch's row that lie side by side in the fine images, or all outside.
struct Run {
  std::int64_t first;  ///< tap in the patch, (kernel, kernel)
  std::int64_t count;  ///< taps
  std::int64_t from;   ///< of the first tap's channels in the fine images; where `inside`
  bool inside;
};

/// use(Run) for all of the pixel's patch, in order.
template <class Use>
AGON_INLINE void for_each_run(const ConvolutionShape& s, const CoarsePixel& at, const Use& use) {
  const std::int64_t top = at.row * s.stride - s.padding, left = at.column * s.stride - s.padding;
  const std::int64_t first = left < 0 ? -left : 0;  // tap inside
  const std::int64_t last = smaller(s.kernel, s.fine.width - left);
  for (std::int64_t i = 0; i < s.kernel; ++i) {
    const std::int64_t row = top + i, tap = i * s.kernel;
    if (row < 0 || row >= s.fine.height || first >= last) {
      use(Run{tap, s.kernel, 0, false});
      continue;
    }
    const std::int64_t pixel = (at.image * s.fine.height + row) * s.fine.width + left + first;
    if (first > 0) use(Run{tap, first, 0, false});
    use(Run{tap + first, last - first, pixel * s.fine.channels, true});
    if (last < s.kernel) use(Run{tap + last, s.kernel - last, 0, false});
  }
}

/// use(first, lanes) for n elements, a vector at a time.
template <class Use>
AGON_INLINE void for_each_vector(std::int64_t n, const Use& use) {
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) use(i, kLanes);
  if (i < n) use(i, static_cast<int>(n - i));
}

/// Groups, pixels of the coarse images, and columns of their patches, which are whole where there are several
/// groups.
struct PatchBlock {
  std::int64_t group0, group1, pixel0, pixel1, column0, column1;

  std::int64_t columns() const { return column1 - column0; }
  std::int64_t rows() const { return pixel1 - pixel0; }
  std::int64_t of_group() const { return rows() * columns(); }
};

/// use(in the block's row of each group, in the fine images, elements) for each piece of a run.
template <class Use>
AGON_INLINE void for_each_piece_of(const ConvolutionShape& s, const PatchBlock& block, const Run& run,
                                   const Use& use) {
  const std::int64_t in_group = s.fine_group();
  if (s.groups == 1) {
    const std::int64_t first = run.first * in_group, last = first + run.count * in_group;
    const std::int64_t begin = first > block.column0 ? first : block.column0,
                       end = smaller(last, block.column1);
    return use(begin - block.column0, run.from + begin - first, end - begin);
  }
  for (std::int64_t tap = 0; tap < run.count; ++tap) {
    std::int64_t to = (run.first + tap) * in_group,
                 from = run.from + tap * s.fine.channels + block.group0 * in_group;
    for (std::int64_t group = block.group0; group < block.group1;
         ++group, to += block.of_group(), from += in_group)
      use(to, from, in_group);
  }
}

/// use(inside, in the block's patches, in the fine images, elements) for each piece of them; where it is not
/// inside, it is in no image.
template <class Use>
AGON_INLINE void for_each_piece(const ConvolutionShape& s, const PatchBlock& block, const Use& use) {
  const ImageShape coarse = s.coarse();
  CoarsePixel at(s, block.pixel0);
  for (std::int64_t row = 0; row < block.rows(); ++row, at.next(coarse)) {
    for_each_run(s, at, [&](const Run& run) {
      for_each_piece_of(s, block, run, [&](std::int64_t in_row, std::int64_t in_fine, std::int64_t count) {
        use(run.inside, row * block.columns() + in_row, in_fine, count);
      });
    });
  }
}

/// Whether a patch's rows are a few times four floats: of pictures.
inline bool has_short_rows(const ConvolutionShape& s) {
  const std::int64_t row = s.kernel * s.fine.channels;
  return s.groups == 1 && row % 4 == 0 && row <= kMostShortRow;
}

/// use(in the block's patches, in the fine images) for four floats that are side by side in both, of whole
/// short rows, and rest(pixel, in the block's patches) for a patch that is not all inside.
template <class Use, class Rest>
AGON_INLINE void for_each_four(const ConvolutionShape& s, const PatchBlock& block, const Use& use,
                               const Rest& rest) {
  const ImageShape coarse = s.coarse();
  const std::int64_t row = s.kernel * s.fine.channels, line = s.fine.width * s.fine.channels;
  CoarsePixel at(s, block.pixel0);
  for (std::int64_t patch = 0; patch < block.rows() * s.patch(); patch += s.patch(), at.next(coarse)) {
    const std::int64_t top = at.row * s.stride - s.padding, left = at.column * s.stride - s.padding;
    if (top < 0 || left < 0 || top + s.kernel > s.fine.height || left + s.kernel > s.fine.width) {
      rest(at, patch);
      continue;
    }
    std::int64_t from = (at.image * s.fine.height + top) * line + left * s.fine.channels;
    for (std::int64_t i = 0; i < s.kernel; ++i, from += line)
      for (std::int64_t j = 0; j < row; j += 4) use(patch + i * row + j, from + j);
  }
}

using Four = float __attribute__((vector_size(16), aligned(4), may_alias));

/// Writes whole patches of short rows.
inline void gather_short_rows(const ConvolutionShape& s, const float* fine, const PatchBlock& block,
                              float* patches) {
  for_each_four(
      s, block,
      [&](std::int64_t to, std::int64_t from) {
        *reinterpret_cast<Four*>(patches + to) = *reinterpret_cast<const Four*>(fine + from);
      },
      [&](const CoarsePixel& at, std::int64_t patch) {
        for_each_run(s, at, [&](const Run& run) {
          float* const to = patches + patch + run.first * s.fine.channels;
          for (std::int64_t i = 0; i < run.count * s.fine.channels; ++i)
            to[i] = run.inside ? fine[run.from + i] : 0.0f;
        });
      });
}

/// Adds whole patches of short rows to the fine images.
inline void scatter_short_rows(const ConvolutionShape& s, const float* patches, const PatchBlock& block,
                               float* fine) {
  for_each_four(
      s, block,
      [&](std::int64_t from, std::int64_t to) {
        *reinterpret_cast<Four*>(fine + to) += *reinterpret_cast<const Four*>(patches + from);
      },
      [&](const CoarsePixel& at, std::int64_t patch) {
        for_each_run(s, at, [&](const Run& run) {
          if (!run.inside) return;
          const float* const from = patches + patch + run.first * s.fine.channels;
          for (std::int64_t i = 0; i < run.count * s.fine.channels; ++i) fine[run.from + i] += from[i];
        });
      });
}

/// Writes the block's patches, (groups, pixels, columns).
inline void gather_patches(const ConvolutionShape& s, const float* fine, const PatchBlock& block,
                           float* patches) {
  if (has_short_rows(s) && block.columns() == s.patch()) return gather_short_rows(s, fine, block, patches);
  for_each_piece(s, block, [&](bool inside, std::int64_t to, std::int64_t from, std::int64_t count) {
    for_each_vector(count, [&](std::int64_t i, int lanes) {
      const Vector value = !inside           ? zero()
                           : lanes == kLanes ? load(fine + from + i)
                                             : load_first(fine + from + i, lanes);
      lanes == kLanes ? store(patches + to + i, value) : store_first(patches + to + i, value, lanes);
    });
  });
}

/// Writes the block's patches of one group as pack_panels() would pack them, a row for each pixel. Channels
/// of the fine images are a multiple of kLanes.
inline void gather_panels(const ConvolutionShape& s, const float* fine, const PatchBlock& block,
                          float* panels) {
  const std::int64_t columns = block.columns(), of_panel = block.rows() * kPanel;
  for_each_piece(s, block, [&](bool inside, std::int64_t to, std::int64_t from, std::int64_t count) {
    const std::int64_t row = to / columns, column = to % columns;
    for (std::int64_t i = 0; i < count; i += kLanes) {
      const std::int64_t at = column + i;
      store(panels + at / kPanel * of_panel + row * kPanel + at % kPanel,
            inside ? load(fine + from + i) : zero());
    }
  });
}

/// Adds whole patches, (groups, pixels, patch), to the fine images.
inline void scatter_patches(const ConvolutionShape& s, const float* patches, const PatchBlock& block,
                            float* fine) {
  if (has_short_rows(s)) return scatter_short_rows(s, patches, block, fine);
  for_each_piece(s, block, [&](bool inside, std::int64_t from, std::int64_t to, std::int64_t count) {
    if (!inside) return;
    for_each_vector(count, [&](std::int64_t i, int lanes) {
      float* const sum = fine + to + i;
      lanes == kLanes
          ? store(sum, load(sum) + load(patches + from + i))
          : store_first(sum, load_first(sum, lanes) + load_first(patches + from + i, lanes), lanes);
    });
  });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
