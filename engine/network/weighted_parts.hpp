// What of a network has weights, known from its specification alone.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/network/network_spec.hpp"

namespace agon {

/// A linear layer or a convolution, with the norm that belongs to it.
struct WeightedPart {
  std::int64_t in = 0, out = 0;                   ///< columns of its input and output
  std::optional<ConvolutionShape> convolution{};  ///< of one image; nothing: a linear layer
  bool biased = true;                             ///< else no norm's shift or nothing at all takes its place
  std::int64_t norm_width = 0;                    ///< of gamma and beta; 0: none
  double deviation =
      0;  ///< of the normal numbers that the weights start as; 0: as Network::initialise() says
  bool starts_at_zero = false;

  /// (out, in), or (coarse channels, kernel, kernel, fine channels / groups).
  std::vector<std::int64_t> weight_shape() const;
  std::int64_t weights() const;
  /// One for each column, of a convolution for each channel.
  std::int64_t bias_size() const { return convolution ? convolution->out().channels : out; }
  /// Of one row.
  std::int64_t multiply_adds() const;
};

/// In the order in which a row goes through them.
std::vector<WeightedPart> weighted_parts(const NetworkSpec& spec);

/// One thing of a residual network of images after the other.
struct ImageStep {
  enum class Kind : std::uint8_t {
    weights,
    activation,
    resample,     ///< kernels/resample.hpp, linear
    block_begin,  ///< what comes here is added at the block's end
    block_end,
  };

  Kind kind = Kind::weights;
  WeightedPart part{};  ///< of weights
  ImageShape coarse{};  ///< of resample: the smaller image
  bool up = false;      ///< and whether it comes first
};

/// Of a network with spec.images and Residual::add.
std::vector<ImageStep> image_steps(const NetworkSpec& spec);

}  // namespace agon
