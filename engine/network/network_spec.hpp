// What a network is made of.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/activation_kind.hpp"
#include "kernels/norm_kind.hpp"

namespace agon {

using kernels::ActivationKind;
using kernels::NormKind;

/// What becomes of a hidden block's input, x, beside what the block makes of it, h.
enum class Residual : std::uint8_t {
  none,
  concat,  ///< [h | x], so that later blocks read all that came before (Xu et al., CTGAN, 2019)
  add,     ///< h + x, where both have as many columns (He et al., 2016); else h
};

/// widths = {in, hidden..., out}: at least two, each >= 1. A hidden block is a linear layer, a normalisation
/// where there is one (its shift, beta, takes the place of the linear layer's bias, which the mean would take
/// away again), LeakyReLU(slope), dropout where there is one, and its residual. The last block is a linear
/// layer and the output's activation.
struct NetworkSpec {
  std::vector<std::int64_t> widths;
  float slope = 0.2f;
  NormKind norm = NormKind::none;
  Residual residual = Residual::none;
  double dropout = 0;                                ///< in [0, 1): of hidden blocks' outputs, while training
  ActivationKind output = ActivationKind::identity;  ///< not leaky_relu

  std::int64_t layers() const { return static_cast<std::int64_t>(widths.size()) - 1; }
  bool hidden(std::size_t block) const { return block + 2 < widths.size(); }
  bool normalised(std::size_t block) const { return norm != NormKind::none && hidden(block); }
  /// Whether a block's input is in its output.
  bool concatenates(std::size_t block) const { return residual == Residual::concat && hidden(block); }
  bool adds(std::size_t block) const {
    return residual == Residual::add && hidden(block) && widths[block] == widths[block + 1];
  }
  /// Whether all of it is linear in pieces: then a penalty's gradient has no second derivative to carry.
  bool piecewise_linear() const {
    return (norm == NormKind::none || !hidden(0)) && output == ActivationKind::identity;
  }
  /// Columns that a block reads.
  std::int64_t inputs(std::size_t block) const;
  /// Weights, biases, gammas and betas, padding not counted.
  std::int64_t parameter_count() const;
  /// Multiply-adds of one row through every block.
  std::int64_t multiply_adds() const;
  /// Columns of the widest linear layer's input or output.
  std::int64_t widest() const;

  friend bool operator==(const NetworkSpec&, const NetworkSpec&) = default;
};

}  // namespace agon
