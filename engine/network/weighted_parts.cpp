#include "engine/network/weighted_parts.hpp"

#include <cmath>
#include <functional>
#include <numeric>

namespace agon {
namespace {

std::int64_t elements_of(const std::vector<std::int64_t>& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies{});
}

/// A residual network, put together from its first step to its last (Huang et al., "The GAN is dead; long
/// live the GAN! A modern GAN baseline", 2024, and the authors' program).
class ResidualSteps {
 public:
  explicit ResidualSteps(const NetworkSpec& spec) : spec_(spec) {}

  std::vector<ImageStep> generator() && {
    const std::size_t last = spec_.widths.size() - 1;
    add_linear(spec_.width_at(0), spec_.columns_behind(1));
    add_blocks(1);
    for (std::size_t stage = 2; stage < last; ++stage) {
      change_channels(spec_.image_behind(stage - 1), spec_.width_at(stage));
      ImageShape coarse = spec_.image_behind(stage - 1);
      coarse.channels = spec_.width_at(stage);
      steps_.push_back({.kind = ImageStep::Kind::resample, .coarse = coarse, .up = true});
      add_blocks(stage);
    }
    add_pointwise(spec_.image_behind(last - 1), spec_.width_at(last));
    return std::move(steps_);
  }

  std::vector<ImageStep> discriminator() && {
    const std::size_t last = spec_.widths.size() - 1;
    add_pointwise(spec_.image_behind(0), spec_.width_at(1));
    add_blocks(1);
    for (std::size_t stage = 2; stage < last; ++stage) {
      ImageShape coarse = spec_.image_behind(stage);
      coarse.channels = spec_.width_at(stage - 1);
      steps_.push_back({.kind = ImageStep::Kind::resample, .coarse = coarse});
      change_channels(coarse, spec_.width_at(stage));
      add_blocks(stage);
    }
    add_linear(spec_.columns_behind(last - 1), spec_.width_at(last));
    return std::move(steps_);
  }

 private:
  void add_linear(std::int64_t in, std::int64_t out) {
    steps_.push_back(
        {.part = {
             .in = in, .out = out, .biased = false, .deviation = 1 / std::sqrt(static_cast<double>(in))}});
  }

  /// Weights start with a variance of gain^2 / fan-in (He et al., 2015).
  void add_convolution(const ConvolutionShape& shape, double gain, bool biased) {
    steps_.push_back({.part = {.in = shape.in().size(),
                               .out = shape.out().size(),
                               .convolution = shape,
                               .biased = biased,
                               .deviation = gain / std::sqrt(static_cast<double>(shape.patch())),
                               .starts_at_zero = gain == 0}});
  }

  void add_pointwise(const ImageShape& image, std::int64_t channels) {
    add_convolution({.batch = 1, .fine = image, .coarse_channels = channels}, 1, false);
  }

  void change_channels(const ImageShape& image, std::int64_t channels) {
    if (image.channels != channels) add_pointwise(image, channels);
  }

  void add_blocks(std::size_t stage) {
    for (std::int64_t b = 0; b < spec_.images.blocks; ++b) add_block(spec_.image_behind(stage));
  }

  /// x + three convolutions of x, the last of which starts at zero.
  void add_block(const ImageShape& image) {
    const double slope = spec_.slope, stages = static_cast<double>(spec_.widths.size() - 2);
    const double blocks = stages * static_cast<double>(spec_.images.blocks);
    const double gain = std::sqrt(2 / (1 + slope * slope)) * std::pow(blocks, -0.25);
    const std::int64_t inner = image.channels * spec_.images.expansion;
    ImageShape wide = image;
    wide.channels = inner;
    steps_.push_back({.kind = ImageStep::Kind::block_begin});
    add_convolution({.batch = 1, .fine = image, .coarse_channels = inner}, gain, true);
    steps_.push_back({.kind = ImageStep::Kind::activation});
    add_convolution({.batch = 1,
                     .fine = wide,
                     .coarse_channels = inner,
                     .kernel = 3,
                     .padding = 1,
                     .groups = spec_.images.groups_of(inner)},
                    gain, true);
    steps_.push_back({.kind = ImageStep::Kind::activation});
    add_convolution({.batch = 1, .fine = wide, .coarse_channels = image.channels}, 0, false);
    steps_.push_back({.kind = ImageStep::Kind::block_end});
  }

  const NetworkSpec& spec_;
  std::vector<ImageStep> steps_;
};

WeightedPart part_of_block(const NetworkSpec& spec, std::size_t block) {
  WeightedPart part{.in = spec.inputs(block),
                    .out = spec.columns_behind(block + 1),
                    .biased = spec.biased(block),
                    .norm_width = spec.normalised(block) ? spec.norm_width(block) : 0,
                    .deviation = spec.initial_deviation};
  if (spec.convolves(block)) part.convolution = spec.convolution(block);
  return part;
}

}  // namespace

std::vector<std::int64_t> WeightedPart::weight_shape() const {
  if (!convolution) return {out, in};
  return {convolution->coarse_channels, convolution->kernel, convolution->kernel, convolution->fine_group()};
}

std::int64_t WeightedPart::weights() const { return elements_of(weight_shape()); }

std::int64_t WeightedPart::multiply_adds() const {
  return weights() * (convolution ? convolution->coarse_pixels() : 1);
}

std::vector<ImageStep> image_steps(const NetworkSpec& spec) {
  ResidualSteps steps(spec);
  return spec.images.role == ImageRole::makes ? std::move(steps).generator()
                                              : std::move(steps).discriminator();
}

std::vector<WeightedPart> weighted_parts(const NetworkSpec& spec) {
  std::vector<WeightedPart> parts;
  if (spec.has_image_blocks()) {
    for (const ImageStep& step : image_steps(spec))
      if (step.kind == ImageStep::Kind::weights) parts.push_back(step.part);
    return parts;
  }
  for (std::size_t block = 0; block + 1 < spec.widths.size(); ++block)
    parts.push_back(part_of_block(spec, block));
  return parts;
}

std::int64_t NetworkSpec::parameter_count() const {
  std::int64_t count = 0;
  for (const WeightedPart& part : weighted_parts(*this))
    count += part.weights() + (part.biased ? part.bias_size() : 0) + 2 * part.norm_width;
  return count;
}

std::int64_t NetworkSpec::multiply_adds() const {
  std::int64_t count = 0;
  for (const WeightedPart& part : weighted_parts(*this)) count += part.multiply_adds();
  return count;
}

std::int64_t NetworkSpec::widest() const {
  std::int64_t most = outputs();
  for (const WeightedPart& part : weighted_parts(*this)) most = std::max({most, part.in, part.out});
  return most;
}

}  // namespace agon
