// What a coarse pixel of a convolution sees of the fine image: gathered into a row of a matrix, or scattered
// back from one.
#pragma once

#include <cstdint>

#include "kernels/convolution_shape.hpp"
#include "kernels/cpu/linear/gemm.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {

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

/// A part of a patch, (kernel, kernel, fine group), that lies in one piece in the fine images, or outside.
struct Run {
  std::int64_t column;  ///< in the patch
  std::int64_t count;   ///< elements
  std::int64_t from;    ///< in the fine images; where `inside`
  bool inside;
};

/// use(Run) for each of the pixel's patch, in order. Of one group neighbouring taps lie side by side.
template <class Use>
AGON_INLINE void for_each_run(const ConvolutionShape& s, std::int64_t group, const CoarsePixel& at,
                              const Use& use) {
  const std::int64_t channels = s.fine.channels, in_group = s.fine_group();
  const std::int64_t top = at.row * s.stride - s.padding, left = at.column * s.stride - s.padding;
  const std::int64_t first = left < 0 ? -left : 0;  // tap inside
  const std::int64_t last = smaller(s.kernel, s.fine.width - left);
  for (std::int64_t i = 0; i < s.kernel; ++i) {
    const std::int64_t row = top + i, column = i * s.kernel * in_group;
    if (row < 0 || row >= s.fine.height || first >= last) {
      use(Run{column, s.kernel * in_group, 0, false});
      continue;
    }
    const std::int64_t begin =
        ((at.image * s.fine.height + row) * s.fine.width + left) * channels + group * in_group;
    if (first > 0) use(Run{column, first * in_group, 0, false});
    if (s.groups == 1) {
      use(Run{column + first * channels, (last - first) * channels, begin + first * channels, true});
    } else {
      for (std::int64_t j = first; j < last; ++j)
        use(Run{column + j * in_group, in_group, begin + j * channels, true});
    }
    if (last < s.kernel) use(Run{column + last * in_group, (s.kernel - last) * in_group, 0, false});
  }
}

/// use(first, lanes) for n elements, a vector at a time.
template <class Use>
AGON_INLINE void for_each_vector(std::int64_t n, const Use& use) {
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) use(i, kLanes);
  if (i < n) use(i, static_cast<int>(n - i));
}

/// Pixels of the coarse images and columns of their patches.
struct PatchBlock {
  std::int64_t group, pixel0, pixel1, column0, column1;

  std::int64_t columns() const { return column1 - column0; }
};

/// Writes the block's patches, (pixel1 - pixel0, columns).
inline void gather_patches(const ConvolutionShape& s, const float* fine, const PatchBlock& block,
                           float* patches) {
  const ImageShape coarse = s.coarse();
  CoarsePixel at(s, block.pixel0);
  for (std::int64_t pixel = block.pixel0; pixel < block.pixel1; ++pixel, at.next(coarse)) {
    for_each_run(s, block.group, at, [&](const Run& run) {
      const std::int64_t begin = run.column > block.column0 ? run.column : block.column0;
      const std::int64_t end = smaller(run.column + run.count, block.column1);
      float* const to = patches + begin - block.column0;
      if (run.inside) {
        const float* const from = fine + run.from + begin - run.column;
        for_each_vector(end - begin, [&](std::int64_t i, int lanes) {
          lanes == kLanes ? store(to + i, load(from + i))
                          : store_first(to + i, load_first(from + i, lanes), lanes);
        });
      } else {
        for_each_vector(end - begin, [&](std::int64_t i, int lanes) { store_first(to + i, zero(), lanes); });
      }
    });
    patches += block.columns();
  }
}

/// Adds whole patches to the fine images.
inline void scatter_patches(const ConvolutionShape& s, const float* patches, const PatchBlock& block,
                            float* fine) {
  const ImageShape coarse = s.coarse();
  CoarsePixel at(s, block.pixel0);
  for (std::int64_t pixel = block.pixel0; pixel < block.pixel1; ++pixel, at.next(coarse)) {
    for_each_run(s, block.group, at, [&](const Run& run) {
      if (!run.inside) return;
      const float* const from = patches + run.column;
      float* const to = fine + run.from;
      for_each_vector(run.count, [&](std::int64_t i, int lanes) {
        lanes == kLanes ? store(to + i, load(to + i) + load(from + i))
                        : store_first(to + i, load_first(to + i, lanes) + load_first(from + i, lanes), lanes);
      });
    });
    patches += s.patch();
  }
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
