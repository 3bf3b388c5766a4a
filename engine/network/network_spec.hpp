// What a network is made of.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/network/record_layout.hpp"
#include "kernels/activation_kind.hpp"
#include "kernels/convolution_shape.hpp"
#include "kernels/norm_kind.hpp"

namespace agon {

using kernels::ActivationKind;
using kernels::ConvolutionShape;
using kernels::ImageShape;
using kernels::NormKind;

/// What becomes of a hidden block's input, x, beside what the block makes of it, h.
enum class Residual : std::uint8_t {
  none,
  concat,  ///< [h | x], so that later blocks read all that came before (Xu et al., CTGAN, 2019)
  add,     ///< h + x, where both have as many columns (He et al., 2016); else h
  /// The same, but a block begins with the norm and the activation of what came before: what is added goes
  /// straight from the first linear layer to the last (He et al., "Identity mappings in deep residual
  /// networks", 2016). With a norm.
  pre_activation,
};

/// What a network does with images.
enum class ImageRole : std::uint8_t { none, makes, reads };

/// Of a network of images, a row of which is one image, (height, width, channels): widths are channels then,
/// and every block doubles or halves the image (Radford et al., "Unsupervised representation learning with
/// deep convolutional generative adversarial networks", 2016); half of an odd side is rounded down. One that
/// makes images has widths = {latent, channels..., the image's channels}: the first block is a linear layer
/// that makes the smallest image, each later one a transposed convolution to twice the size. One that reads
/// them has widths = {the image's channels, channels..., out}: convolutions to half the size, and a linear
/// layer over all of the smallest image. Norms take a pixel for a row. Its first convolution has no norm
/// where it reads.
///
/// With Residual::add it is that of Huang et al. ("The GAN is dead; long live the GAN! A modern GAN
/// baseline", 2024): at each size residual blocks, x + 1 x 1, 3 x 3 in groups, and 1 x 1 convolutions with
/// LeakyReLU between them; sizes, even ones, are changed by linear interpolation, channels by 1 x 1
/// convolutions where they differ. The hidden widths are those of the sizes, one more than halvings. It has
/// no norm, and biases in the blocks alone.
struct ImageLayout {
  ImageRole role = ImageRole::none;
  ImageShape shape{};
  std::int64_t kernel = 4;  ///< without blocks: taps of a convolution in either direction: even, 2 or more
  std::int64_t blocks = 1;  ///< residual ones at each size
  std::int64_t group_channels = 16;  ///< of their 3 x 3 convolution; 0: all are one group
  std::int64_t expansion = 2;        ///< channels inside a block for each of its input
  /// Of a network that reads: it judges an image as one of its class. Its last block makes 1 + classes
  /// scores, and behind it the one logit is kernels/class_logit.hpp. 0: without classes.
  std::int64_t classes = 0;

  bool any() const { return role != ImageRole::none; }
  std::int64_t groups_of(std::int64_t channels) const {
    return group_channels == 0 ? 1 : channels / group_channels;
  }

  friend bool operator==(const ImageLayout&, const ImageLayout&) = default;
};

/// widths = {in, hidden..., out}: at least two, each >= 1. A hidden block is a linear layer, a normalisation
/// where there is one (its shift, beta, takes the place of the linear layer's bias, which the mean would take
/// away again), LeakyReLU(slope), dropout where there is one, and its residual. The last block is a linear
/// layer and the output's activation. With Residual::pre_activation the first block is a linear layer, and
/// every other one is the norm, LeakyReLU, dropout, a linear layer, and the residual. Behind the last block a
/// generator of records has heads, which turn its output, scores, into the rows that the discriminator reads.
struct NetworkSpec {
  std::vector<std::int64_t> widths;
  float slope = 0.2f;
  NormKind norm = NormKind::none;
  Residual residual = Residual::none;
  double dropout = 0;                                ///< in [0, 1): of hidden blocks' outputs, while training
  ActivationKind output = ActivationKind::identity;  ///< not leaky_relu
  RecordLayout records{};  ///< of heads behind the last block; any(): there are some
  ImageLayout images{};
  /// Weights start as normal numbers of this deviation, biases as 0; 0: as Network::initialise() says.
  double initial_deviation = 0;

  std::int64_t layers() const { return static_cast<std::int64_t>(widths.size()) - 1; }
  bool hidden(std::size_t block) const { return block < widths.size() && block + 2 < widths.size(); }
  /// widths[layer]. Throws ConfigurationError where there is none.
  std::int64_t width_at(std::size_t layer) const;
  bool pre_activation() const { return residual == Residual::pre_activation; }
  bool normalised(std::size_t block) const {
    if (images.role == ImageRole::reads && block == 0) return false;
    return norm != NormKind::none && (pre_activation() ? block > 0 : hidden(block));
  }
  /// Whether a block's linear layer has a bias: no norm's shift takes its place.
  bool biased(std::size_t block) const { return pre_activation() || !normalised(block); }
  /// Columns that a block's norm works on.
  std::int64_t norm_width(std::size_t block) const {
    return pre_activation() ? inputs(block) : width_at(block + 1);
  }
  /// Whether a block's input is in its output.
  bool concatenates(std::size_t block) const { return residual == Residual::concat && hidden(block); }
  bool adds(std::size_t block) const {
    const bool may = residual == Residual::add || (pre_activation() && block > 0);
    return may && hidden(block) && widths[block] == widths[block + 1];
  }
  /// Whether all of it is linear in pieces: then a penalty's gradient has no second derivative to carry.
  bool piecewise_linear() const {
    return (norm == NormKind::none || !hidden(0)) && output == ActivationKind::identity && !records.any();
  }
  /// Columns of the network's output. Throws as width_at().
  std::int64_t outputs() const {
    if (images.classes > 0) return 1;
    return records.any() ? records.width() : columns_behind(widths.size() - 1);
  }
  /// Columns that a block reads. Throws as width_at().
  std::int64_t inputs(std::size_t block) const;
  /// Columns that come out of so many blocks, without what a block's input adds to them. Throws as
  /// width_at().
  std::int64_t columns_behind(std::size_t blocks) const;
  /// The image that they are; of a network without images, and where they are none, one pixel.
  ImageShape image_behind(std::size_t blocks) const;
  bool has_image_blocks() const { return images.any() && residual == Residual::add; }
  /// Times that a network of images halves them or doubles the smallest one.
  std::size_t halvings() const { return widths.size() - (has_image_blocks() ? 3 : 2); }
  /// Whether a block is a convolution: else it is a linear layer. Of a network without residual blocks.
  bool convolves(std::size_t block) const;
  /// Of one image. Of a block that convolves().
  ConvolutionShape convolution(std::size_t block) const;
  /// Weights, biases, gammas and betas, padding not counted.
  std::int64_t parameter_count() const;
  /// Multiply-adds of one row through every block.
  std::int64_t multiply_adds() const;
  /// Columns of the widest linear layer's input or output, or of the network's.
  std::int64_t widest() const;

  friend bool operator==(const NetworkSpec&, const NetworkSpec&) = default;
};

}  // namespace agon
