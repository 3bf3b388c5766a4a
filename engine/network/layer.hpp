// The layers that a network is a list of. Each is a value that records its forward pass, its way back and,
// where it is linear in pieces, its tangent: how its output changes when its input changes along one.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "engine/network/flat_parameters.hpp"
#include "engine/network/network_spec.hpp"
#include "engine/network/rows.hpp"
#include "engine/program/program.hpp"
#include "kernels/condition_shape.hpp"
#include "kernels/precision.hpp"
#include "kernels/random.hpp"
#include "kernels/record_shape.hpp"

namespace agon {

/// Whether a network is trained on what it sees, or only asked: batch norm then takes its running statistics,
/// and nothing is dropped.
enum class Mode : std::uint8_t { training, evaluation };

/// How the rows of a sweep are numbered, for their random numbers (kernels/dropout.hpp, gumbel_noise.hpp).
struct RowNumbers {
  std::int64_t segment = 0;         ///< rows
  std::int64_t segment_stride = 0;  ///< row numbers from one segment to the next
  std::int64_t first = 0;
  std::int64_t of_step = 0;  ///< rows that the network sees in a whole step
  kernels::RandomStream random{};
};

/// What a sweep's layers have in common.
struct Sweep {
  Mode mode = Mode::training;
  kernels::Precision precision = kernels::Precision::fp32;
  RowNumbers numbers{};    ///< looked at where there is noise of heads, or while training dropout
  std::int64_t group = 0;  ///< rows of a batch norm's batch, in training; they divide the sweep's; 0: all
  /// (numbers.segment), where there are some: the class of each row of a segment, the same in all of them.
  const std::int32_t* classes = nullptr;
};

/// What a generator was asked for.
struct AskedLevels {
  kernels::ConditionShape shape;
  const std::int32_t* chosen = nullptr;  ///< (rows)
  float scale = 1;                       ///< of each row's cross-entropy
};

/// What is asked of a way back.
struct Gradients {
  bool parameters = true;              ///< write the gradient buffer
  bool accumulate = false;             ///< add to it instead
  bool input = false;                  ///< go on to the network's input
  const AskedLevels* asked = nullptr;  ///< add the cross-entropy of these to the loss, by the heads' scores
  const float* row_weight = nullptr;   ///< (rows), of the bias gradients (kernels/linear.hpp); or null
};

/// What a layer's forward pass leaves for the way back.
struct Passed {
  Rows x, y;
  float* inverse_deviation = nullptr;  ///< kernels/norm.hpp
  Rows normalised{};                   ///< likewise: x^
};

/// What a layer is recorded with.
struct Recording {
  Program& program;
  const FlatParameters& flat;
  const Sweep& sweep;
  std::vector<Passed> earlier{};  ///< of the layers before
  float* into = nullptr;  ///< where a linear layer's output goes, or that of heads, their noise or a choice
                          ///< of class; null: a temporary

  Rows rows(std::int64_t count, std::int64_t columns, const std::string& name) const {
    return {program.floats(count * columns, {name, columns}), count, columns};
  }
};

// Of each layer, with x its input and y its output:
//   forward()   records y, and what the way back needs.
//   backward()  from the gradient by y, which it may overwrite, to the gradient by x.
//   tangent()   from a tangent of x, which it may overwrite, to that of y; the layers' before are
//   r.earlier[].x.
// `name` begins the names of what they take, such as "generator.0".

/// y = x W^T + b.
struct Linear {
  std::string name;
  std::int64_t in = 0, out = 0;
  std::int64_t weight = 0;       ///< where it lies in the flat buffers, in elements
  std::int64_t bias = 0;         ///< likewise
  bool biased = true;            ///< false: a norm follows, and b is 0
  std::int64_t unused_bias = 0;  ///< then: where its gradient goes, behind flat.no_bias

  Passed forward(const Recording& r, Rows x) const;
  Rows backward(const Recording& r, const Passed& passed, Rows dy, const Gradients& wanted) const;
  Rows tangent(const Recording& r, const Passed& passed, Rows dx) const;
  /// Of the parameters alone.
  void parameter_gradient(const Recording& r, const Passed& passed, Rows dy, const Gradients& wanted) const;
};

/// A convolution or a transposed one (kernels/convolution.hpp) with its bias, over rows that are images.
struct Convolution {
  std::string name;
  ConvolutionShape shape;  ///< of one image
  // As Linear has them:
  std::int64_t weight = 0;
  std::int64_t bias = 0;
  bool biased = true;
  std::int64_t unused_bias = 0;

  Passed forward(const Recording& r, Rows x) const;
  Rows backward(const Recording& r, const Passed& passed, Rows dy, const Gradients& wanted) const;
  Rows tangent(const Recording& r, const Passed& passed, Rows dx) const;
  /// Of the parameters alone.
  void parameter_gradient(const Recording& r, const Passed& passed, Rows dy, const Gradients& wanted) const;

 private:
  ConvolutionShape of(Rows images) const;
};

/// Batch or layer normalisation; in training x is overwritten where it is not to be kept. It is not piecewise
/// linear: tangent() throws std::logic_error.
struct Norm {
  std::string name;
  NormKind kind = NormKind::batch;
  std::int64_t gamma = 0, beta = 0;                     ///< in the flat buffers
  std::int64_t running_mean = 0, running_variance = 0;  ///< in flat.running
  bool keeps_input = false;                             ///< a Skip adds it later
  std::int64_t pixels = 1;  ///< of a row of the sweep, each of which is a row of the norm's

  Passed forward(const Recording& r, Rows x) const;
  Rows backward(const Recording& r, const Passed& passed, Rows dy, const Gradients& wanted) const;
  Rows tangent(const Recording& r, const Passed& passed, Rows dx) const;

 private:
  /// Rows of a batch: all have statistics of their own.
  std::int64_t group_of(const Recording& r, Rows pixel_rows) const;
};

/// y = phi(x), in place of x.
struct Activation {
  ActivationKind kind = ActivationKind::leaky_relu;
  float slope = 1.0f;

  Passed forward(const Recording& r, Rows x) const;
  Rows backward(const Recording& r, const Passed& passed, Rows dy, const Gradients& wanted) const;
  Rows tangent(const Recording& r, const Passed& passed, Rows dx) const;
};

/// While training, in place of x. The activation before reads its derivative off what is left: its sign, or
/// 0, where the gradient is 0 as well.
struct Dropout {
  double probability = 0;
  std::int64_t width = 0;
  std::int64_t first_quad = 0;  ///< masks of the layers before, in fours of a row

  Passed forward(const Recording& r, Rows x) const;
  Rows backward(const Recording& r, const Passed& passed, Rows dy, const Gradients& wanted) const;
  Rows tangent(const Recording& r, const Passed& passed, Rows dx) const;
};

/// The end of a block: its input beside what it made, or added to that; with Residual::pre_activation in
/// place of that.
struct Skip {
  std::string name;
  Residual kind = Residual::concat;
  std::size_t from = 0;  ///< the block's first layer, whose input it is

  Passed forward(const Recording& r, Rows x) const;
  /// Of the gradient the part that goes through the block.
  Rows backward(const Recording& r, const Passed& passed, Rows dy, const Gradients& wanted) const;
  /// Adds the other part to the gradient by the block's input.
  void add_skipped(const Recording& r, const Passed& passed, Rows dy, Rows dx) const;
  Rows tangent(const Recording& r, const Passed& passed, Rows dx) const;
};

/// Images to half or twice their size by linear interpolation (kernels/resample.hpp).
struct Resampling {
  std::string name;
  ImageShape coarse;  ///< the smaller image
  bool up = false;

  Passed forward(const Recording& r, Rows x) const;
  Rows backward(const Recording& r, const Passed& passed, Rows dy, const Gradients& wanted) const;
  Rows tangent(const Recording& r, const Passed& passed, Rows dx) const;
};

/// The end of a discriminator by class: from scores to the logit of the row's class.
struct ClassChoice {
  std::string name;
  std::int64_t classes = 0;

  Passed forward(const Recording& r, Rows x) const;
  Rows backward(const Recording& r, const Passed& passed, Rows dy, const Gradients& wanted) const;
  Rows tangent(const Recording& r, const Passed& passed, Rows dx) const;
};

/// Ahead of heads that choose by gumbel: noise on the logits, of the row's number. Its input is what the
/// network says, its output what the heads choose by.
struct HeadNoise {
  std::string name;
  std::int64_t levels = 0;

  Passed forward(const Recording& r, Rows x) const;
  Rows backward(const Recording& r, const Passed& passed, Rows dy, const Gradients& wanted) const;
  Rows tangent(const Recording& r, const Passed& passed, Rows dx) const;
};

/// The end of a generator of records: from scores to the row that the discriminator reads. They have no
/// tangent: tangent() throws std::logic_error.
struct Heads {
  std::string name;
  RecordLayout records;

  Passed forward(const Recording& r, Rows x) const;
  Rows backward(const Recording& r, const Passed& passed, Rows dy, const Gradients& wanted) const;
  Rows tangent(const Recording& r, const Passed& passed, Rows dx) const;
};

/// What FlatParameters::records holds, and a shape that finds it in memory.
std::vector<std::int32_t> record_numbers(const RecordLayout& records);
kernels::RecordShape shape_of(const RecordLayout& records, const std::int32_t* in_memory);

using Layer = std::variant<Linear, Convolution, Norm, Activation, Dropout, Skip, Resampling, ClassChoice,
                           HeadNoise, Heads>;

/// Whether a layer has weights, and with them a product of its own.
template <class LayerKind>
concept Weighted = std::same_as<LayerKind, Linear> || std::same_as<LayerKind, Convolution>;
inline bool is_weighted(const Layer& layer) {
  return std::visit([]<class Kind>(const Kind&) { return Weighted<Kind>; }, layer);
}
/// use(its) where the layer has weights.
template <class Use>
void with_weighted(const Layer& layer, const Use& use) {
  std::visit(
      [&]<class Kind>(const Kind& its) {
        if constexpr (Weighted<Kind>) use(its);
      },
      layer);
}

/// The layers of a network of that name, with its parameters as parameter_layout() has them, its running
/// statistics one behind the other.
std::vector<Layer> layers_of(const std::string& name, const NetworkSpec& spec);

}  // namespace agon
