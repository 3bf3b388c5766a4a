// A multilayer perceptron: its widths, its parameters in flat buffers, its forward and backward sweeps.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/network/network_spec.hpp"
#include "engine/network/parameter_layout.hpp"
#include "engine/program/program.hpp"
#include "engine/runtime/arena.hpp"
#include "engine/runtime/queue.hpp"
#include "kernels/adam.hpp"
#include "kernels/concat.hpp"
#include "kernels/dropout.hpp"
#include "kernels/linear.hpp"
#include "kernels/linear_tangent.hpp"
#include "kernels/spectral_norm.hpp"

namespace agon {

/// Equal buffers of `size` elements. Gaps between tensors are zero and stay so.
struct FlatParameters {
  float* value = nullptr;
  float* gradient = nullptr;
  float* moment1 = nullptr;
  float* moment2 = nullptr;
  float* normalised = nullptr;  ///< `value` with its weights divided by their spectral norms; null: none
  float* singular = nullptr;    ///< each weight's u and v, (singular_size()); null: none
  float* spectral = nullptr;    ///< each weight's sigma, and scratch of singular_size(); null: none
  float* average = nullptr;     ///< exponential moving average of `value`; null where none is kept
  float* running = nullptr;     ///< batch norm: hidden layers' running means and variances; or null
  float* no_bias = nullptr;     ///< with a norm: zeroes for its layers, and behind them room for what would
                                ///< be the bias's gradient
  std::int64_t size = 0;
};

/// Whether a network is trained on what it sees, or only asked: batch norm then takes its running statistics.
enum class Mode : std::uint8_t { training, evaluation };

/// Which of a step's rows a sweep goes over, as their dropout masks are numbered (kernels/dropout.hpp).
struct DroppedRows {
  std::int64_t segment = 0;
  std::int64_t segment_stride = 0;
  std::int64_t first_row = 0;
  std::int64_t row_numbers = 0;  ///< of the whole step
  kernels::RandomStream random{};
};

/// What a forward sweep leaves behind for the backward one: output[l] is what layer l + 1 reads, (rows,
/// spec().outputs(l)).
struct Activations {
  std::vector<float*> output;
  /// Of hidden layers where the spec has_blocks(): what the linear layer makes, (rows, widths[l + 1]); with a
  /// norm, in training then normalised.
  std::vector<float*> inner{};
  std::vector<float*> inverse_deviation{};  ///< kernels/norm.hpp; empty: an evaluation's
  std::int64_t group = 0;                   ///< rows of a batch whose statistics are taken, at most
};

class Network {
 public:
  Network(std::string name, NetworkSpec spec);

  /// Takes the flat buffers from an Arena (or counts them in an ArenaSize), the average's where it is wanted.
  template <class Allocator>
  void lay_out(Allocator& memory, bool averaged = false) {
    const auto flat = [&](const char* what) {
      const std::string name = name_ + "." + what;
      float* const buffer = memory.template take<float>(static_cast<std::size_t>(flat_.size), {name});
      for (const TensorView& tensor : tensors_)
        memory.name(buffer + tensor.offset, tensor.size,
                    {tensor.name + (std::string_view(what) == "value" ? "" : std::string(" ") + what)});
      return buffer;
    };
    flat_.value = flat("value");
    flat_.gradient = flat("gradient");
    flat_.moment1 = flat("moment1");
    flat_.moment2 = flat("moment2");
    flat_.average = averaged ? flat("average") : nullptr;
    if (!spec_.has_blocks()) return;
    if (spec_.norm == NormKind::batch) lay_out_running(memory);
    flat_.no_bias = memory.template take<float>(static_cast<std::size_t>(2 * aligned(spec_.widest())),
                                                {name_ + ".no bias"});
  }

  /// Running statistics; instead of those that the network has, where it has some.
  template <class Allocator>
  void lay_out_running(Allocator& memory) {
    flat_.running =
        memory.template take<float>(static_cast<std::size_t>(running_size()), {name_ + ".running"});
  }

  /// Makes the weights that sweeps read those divided by their spectral norms. u and v are what is learnt of
  /// them, and are taken first, so that they can lie beside the flat buffers; the rest follows in `work`.
  template <class Allocator>
  void lay_out_singular(Allocator& memory) {
    flat_.singular =
        memory.template take<float>(static_cast<std::size_t>(singular_size()), {name_ + ".singular vectors"});
  }
  template <class Allocator>
  void lay_out_normalised(Allocator& memory) {
    flat_.normalised =
        memory.template take<float>(static_cast<std::size_t>(flat_.size), {name_ + ".normalised"});
    flat_.spectral = memory.template take<float>(
        static_cast<std::size_t>(aligned(spec_.layers()) + singular_size()), {name_ + ".singular values"});
  }

  /// Room for `rows` rows of every layer's output. A training pass goes over at most two batches of `group`
  /// rows at a time.
  template <class Allocator>
  Activations lay_out_activations(Allocator& memory, std::int64_t rows, Mode mode = Mode::evaluation,
                                  std::int64_t group = 0, const char* purpose = " output") const {
    const auto floats = [&](std::int64_t count, std::size_t layer, const char* what, std::int64_t columns) {
      return memory.template take<float>(static_cast<std::size_t>(count),
                                         {name_ + "." + std::to_string(layer) + what, columns});
    };
    Activations activations;
    activations.group = group;
    for (std::size_t l = 0; l + 1 < spec_.widths.size(); ++l) {
      const std::int64_t width = spec_.widths[l + 1];
      activations.output.push_back(floats(rows * spec_.outputs(l), l, purpose, spec_.outputs(l)));
      if (!spec_.has_blocks() || !spec_.hidden(l)) continue;
      activations.inner.push_back(floats(rows * width, l, " linear part", width));
      if (mode == Mode::training && spec_.normalised(l))
        activations.inverse_deviation.push_back(
            floats(spec_.norm == NormKind::batch ? 2 * width : rows, l, " inverse deviation", 0));
    }
    return activations;
  }

  /// The same activations from row `first` on, a multiple of the group's where there is one; a view.
  Activations rows_from(const Activations& activations, std::int64_t first) const;

  /// U(-1/sqrt(in), 1/sqrt(in)) for weights and biases, PyTorch's default for a linear layer (LeCun et al.,
  /// "Efficient backprop", 1998, up to the constant); gammas and running variances start as 1, betas and
  /// running means as 0. `stream_index` keeps two networks' numbers apart. An average starts as the weights.
  void initialise(const Queue& queue, std::uint64_t seed, std::uint64_t stream_index) const;

  /// x (rows, widths.front()) -> activations.output, the last of which is the network's output.
  void forward(Program& program, const float* x, std::int64_t rows, const Activations& activations,
               kernels::Precision precision) const;
  /// Layers [first, last) of that sweep; layer `first` reads x or the output before it.
  void forward(Program& program, const float* x, std::int64_t rows, const Activations& activations,
               kernels::Precision precision, std::size_t first, std::size_t last,
               const DroppedRows* dropped = nullptr) const;
  /// Layer `layer` alone, without its norm: x (rows, spec().inputs(layer)) -> y (rows, widths[layer + 1]).
  kernels::LinearForward forward_layer(std::size_t layer, const float* x, std::int64_t rows, float* y,
                                       kernels::Precision precision) const;

  struct Backward {
    const float* x = nullptr;  ///< (rows, widths.front()): the input of the forward sweep
    std::int64_t rows = 0;
    const Activations* activations = nullptr;  ///< of that sweep
    std::size_t layer = 0;                     ///< where the sweep begins
    /// (rows, widths[layer + 1]): gradient before its activation; with blocks (rows, spec().outputs(layer)),
    /// by its output; overwritten where the network is residual.
    float* dz = nullptr;
    /// (rows, widths[layer + 2]): of the layer above, whose own parameters' gradients are part of the sweep
    /// though its input's are not; null where there is nothing left to do for it.
    const float* dz_above = nullptr;
    bool parameters = true;                ///< write the gradient buffer; false only passes gradients through
    bool accumulate = false;               ///< add to the gradient buffer instead
    const float* row_weight = nullptr;     ///< (rows), of the bias gradients: kernels/linear.hpp; or null
    const DroppedRows* dropped = nullptr;  ///< the sweep's, where the forward one had dropout; or null
    kernels::Precision precision = kernels::Precision::fp32;
  };
  /// Returns the first layer's dz, (rows, widths[1]). Where the spec has_blocks(), dz of a hidden layer is
  /// input_gradient's of the layer above: by its norm's output before the activation, or in a residual
  /// network by its whole output.
  const float* backward(Program& program, const Backward& sweep) const;
  /// Dropout of hidden layer `layer`'s numbers x, (rows, widths[layer + 1]), and of the activation that a
  /// tangent x has updated; nothing where the network has none or `dropped` is null.
  void drop(Program& program, std::size_t layer, const DroppedRows* dropped, std::int64_t rows, float* x,
            float* activation = nullptr) const;
  /// A temporary (rows, spec().inputs(layer)) for the gradient by what layer `layer` reads.
  float* take_delta(Program& program, std::size_t layer, std::int64_t rows) const;
  /// The parameters' gradients alone, from every layer's dz: deltas.output[l] is (rows, widths[l + 1]). Of
  /// the sweep `layer`, dz and dz_above are not read.
  void parameter_gradients(Program& program, const Activations& deltas, const Backward& sweep) const;
  /// kernels/linear_tangent.hpp: x and y (rows, widths[layer]) and (rows, widths[layer + 1]).
  kernels::LinearTangent tangent_layer(std::size_t layer, const float* x, std::int64_t rows,
                                       float* activation, const float* row_weight, float* y,
                                       kernels::Precision precision) const;
  /// The whole network's Adam.
  kernels::Adam adam(const kernels::AdamState* state) const;
  /// With normalised weights: makes them from the weights, after a power iteration where it is asked for
  /// (kernels/spectral_norm.hpp); turns the gradients by them into those by the weights.
  void normalise(Program& program, bool iterate) const;
  void normalise_gradient(Program& program) const;
  /// dx (rows, spec().inputs(layer)) of layer `layer` from its dz, with the derivative of the activation
  /// below, in a residual network without.
  kernels::LinearBackward input_gradient(std::size_t layer, const float* x, std::int64_t rows,
                                         const float* dz, float* dx, kernels::Precision precision) const;

  /// The same network, whose forward sweeps read the average of its weights; it is not to be trained. Its
  /// running statistics are still those of the weights.
  Network averaged() const;
  /// The same network with its buffers `bytes` further on.
  Network moved(std::int64_t bytes) const;

  const std::string& name() const { return name_; }
  const NetworkSpec& spec() const { return spec_; }
  const FlatParameters& flat() const { return flat_; }
  /// Where a layer's u (out) and v (in) lie in flat().singular, in elements.
  struct SingularVectors {
    std::int64_t left = 0;
    std::int64_t right = 0;
  };
  SingularVectors singular_vectors(std::size_t layer) const;
  /// Where a layer's running mean and variance, (widths[layer + 1]) each, lie in flat().running, in elements.
  struct RunningStatistics {
    std::int64_t mean = 0;
    std::int64_t variance = 0;
  };
  RunningStatistics running_statistics(std::size_t layer) const;
  std::int64_t running_size() const;  ///< of all hidden layers, in elements
  /// weight and bias, or weight, gamma and beta, of layer 0, 1, ...
  const std::vector<TensorView>& tensors() const { return tensors_; }

 private:
  const float* backward_through_blocks(Program& program, const Backward& sweep) const;
  /// From a hidden layer's linear part to its output.
  void finish_block(Program& program, std::size_t layer, const float* x, std::int64_t rows,
                    const Activations& activations) const;
  void normalise_forward(Program& program, std::size_t layer, std::int64_t rows,
                         const Activations& activations) const;
  /// gradient (rows, widths[layer + 1]): by the norm's output, overwritten by that by its input.
  void normalise_backward(Program& program, std::size_t layer, const Backward& sweep, float* gradient) const;
  kernels::LinearBackward weight_gradient(std::size_t layer, const Backward& sweep, const float* dz) const;
  /// Of layer `layer`'s parameters, where the sweep computes them.
  void add_gradient(Program& program, std::size_t layer, const Backward& sweep, const float* dz) const;
  std::int64_t singular_size() const;
  void initialise_norms(const Queue& queue) const;
  void initialise_singular(const Queue& queue, std::uint64_t seed, std::uint64_t stream_index) const;
  template <class Use>
  void for_each_spectral(const Use& use) const;
  /// What sweeps read.
  const float* weights(std::size_t layer) const {
    return (flat_.normalised != nullptr ? flat_.normalised : flat_.value) + weight(layer).offset;
  }
  std::size_t tensors_of(std::size_t layer) const { return spec_.normalised(layer) ? 3 : 2; }
  const TensorView& weight(std::size_t layer) const { return tensors_[tensors_of(0) * layer]; }
  const TensorView& bias(std::size_t layer) const { return tensors_[tensors_of(0) * layer + 1]; }
  const TensorView& gamma(std::size_t layer) const { return tensors_[tensors_of(0) * layer + 1]; }
  const TensorView& beta(std::size_t layer) const { return tensors_[tensors_of(0) * layer + 2]; }

  std::string name_;
  NetworkSpec spec_;
  std::vector<TensorView> tensors_;
  FlatParameters flat_;
};

}  // namespace agon
