// The shape of a convolution, or of a transposed one.
#pragma once

#include <compare>
#include <cstdint>

#include "kernels/formula/annotate.hpp"

namespace agon::kernels {

/// An image in memory: (height, width, channels), channels innermost. A batch is one image behind the other,
/// so that a batch of images is also a matrix with a row for each pixel and a column for each channel.
struct ImageShape {
  std::int64_t height = 0, width = 0, channels = 0;

  AGON_MEMBER_FORMULA std::int64_t pixels() const { return height * width; }
  AGON_MEMBER_FORMULA std::int64_t size() const { return pixels() * channels; }
  friend auto operator<=>(const ImageShape&, const ImageShape&) = default;
};

/// Elements of the fine image that a coarse pixel sees: a block of such patches fits into a queue's
/// workspace.
inline constexpr std::int64_t kMostPatch = std::int64_t{1} << 16;

/// A convolution goes from the fine image to the coarse one, a transposed convolution from the coarse to the
/// fine: the same products the other way. Weights are (coarse channels, kernel, kernel, fine channels /
/// groups) for both, so (out, kernel, kernel, in / groups) of a convolution.
struct ConvolutionShape {
  std::int64_t batch = 0;            ///< images; any value >= 1
  ImageShape fine{};                 ///< any size that the kernel fits into, with its padding
  std::int64_t coarse_channels = 0;  ///< a multiple of groups, as fine.channels are
  std::int64_t kernel = 1;           ///< taps in either direction
  std::int64_t stride = 1;
  std::int64_t padding = 0;  ///< of zeroes around the fine image, less than the kernel
  std::int64_t groups = 1;   ///< of channels, none of which sees another's
  bool transposed = false;

  /// Of the coarse image, floor((fine + 2 padding - kernel) / stride) + 1 in either direction.
  AGON_MEMBER_FORMULA ImageShape coarse() const {
    return {(fine.height + 2 * padding - kernel) / stride + 1,
            (fine.width + 2 * padding - kernel) / stride + 1, coarse_channels};
  }
  AGON_MEMBER_FORMULA ImageShape in() const { return transposed ? coarse() : fine; }
  AGON_MEMBER_FORMULA ImageShape out() const { return transposed ? fine : coarse(); }

  AGON_MEMBER_FORMULA std::int64_t fine_group() const { return fine.channels / groups; }
  AGON_MEMBER_FORMULA std::int64_t coarse_group() const { return coarse_channels / groups; }
  AGON_MEMBER_FORMULA std::int64_t taps() const { return kernel * kernel; }
  /// Fine elements that a coarse element of one group sees: the length of a row of weights.
  AGON_MEMBER_FORMULA std::int64_t patch() const { return taps() * fine_group(); }
  AGON_MEMBER_FORMULA std::int64_t weights() const { return coarse_channels * patch(); }
  AGON_MEMBER_FORMULA std::int64_t coarse_pixels() const { return batch * coarse().pixels(); }
  AGON_MEMBER_FORMULA std::int64_t in_size() const { return batch * in().size(); }
  AGON_MEMBER_FORMULA std::int64_t out_size() const { return batch * out().size(); }

  friend auto operator<=>(const ConvolutionShape&, const ConvolutionShape&) = default;
};

}  // namespace agon::kernels
