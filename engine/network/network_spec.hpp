// What a multilayer perceptron is made of.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/norm_kind.hpp"

namespace agon {

using kernels::NormKind;

/// widths = {in, hidden..., out}: at least two, each >= 1. Every layer but the last is a hidden one, which
/// LeakyReLU(slope) follows, after a normalisation where there is one; its shift, beta, then takes the
/// place of the linear layer's bias, which the mean would take away again. A residual network's hidden layers
/// have their input beside their output (kernels/concat.hpp), so that later ones read all that came before.
struct NetworkSpec {
  std::vector<std::int64_t> widths;
  float slope = 0.2f;
  NormKind norm = NormKind::none;
  bool residual = false;
  double dropout = 0;  ///< in [0, 1): of hidden layers' outputs, while training; not with a norm or residual

  std::int64_t layers() const { return static_cast<std::int64_t>(widths.size()) - 1; }
  bool hidden(std::size_t layer) const { return layer + 2 < widths.size(); }
  bool normalised(std::size_t layer) const { return norm != NormKind::none && hidden(layer); }
  /// Whether hidden layers are more than a linear one with its activation.
  bool has_blocks() const { return hidden(0) && (norm != NormKind::none || residual); }
  /// Columns that a layer reads, and that the next one reads of it.
  std::int64_t inputs(std::size_t layer) const;
  std::int64_t outputs(std::size_t layer) const {
    return residual && hidden(layer) ? inputs(layer + 1) : widths[layer + 1];
  }
  /// Weights, biases, gammas and betas, padding not counted.
  std::int64_t parameter_count() const;
  /// Multiply-adds of one row through every layer.
  std::int64_t multiply_adds() const;
  /// Columns of the widest layer's input or output.
  std::int64_t widest() const;

  friend bool operator==(const NetworkSpec&, const NetworkSpec&) = default;
};

}  // namespace agon
