// An image scaled as its rows come.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "host/images/image_reader.hpp"

namespace agon::host {

/// Which inputs each output of a line is a mean of.
struct TriangleTaps {
  struct Output {
    std::int64_t first = 0;   ///< input
    std::int64_t count = 0;   ///< of inputs
    std::size_t weights = 0;  ///< where its weights begin
  };
  std::vector<Output> outputs;
  std::vector<float> weights;  ///< of each output: add up to 1
};

/// The triangle filter, widened by the scale where a line shrinks, so that every input counts (antialiased),
/// and one input wide to either side where it grows (linear interpolation). Output i has its centre at c = (i
/// + 0.5) s, s = inputs / outputs; input j weighs max(0, 1 - |j + 0.5 - c| / max(s, 1)), over the sum of
/// those. Inputs beyond the ends do not count. Pillow's resize() with BILINEAR is the same filter. Equal
/// lengths copy.
TriangleTaps triangle_taps(std::int64_t inputs, std::int64_t outputs);

/// Scales rows of `in`.width pixels of `channels` numbers to an image of `out`. Holds the image made, and no
/// more than a row of what it is made from.
class Resampler {
 public:
  Resampler(const ImageSize& in, const ImageSize& out, std::int64_t channels);

  /// The next row, (in.width, channels).
  void add_row(std::span<const float> row);
  /// After in.height rows: (out.height, out.width, channels), not rounded.
  std::span<const float> image() const { return image_; }

 private:
  void shrink_row(std::span<const float> row);

  std::int64_t channels_, width_;
  TriangleTaps across_, down_;
  std::vector<float> row_;    // (out.width, channels)
  std::vector<float> image_;  // (out.height, out.width, channels)
  std::int64_t next_ = 0;     // row of the input
  std::size_t begun_ = 0;     // the first output that still lacks rows
};

}  // namespace agon::host
