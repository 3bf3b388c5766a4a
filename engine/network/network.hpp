// A network: a list of layers, its parameters in flat buffers, and the sweeps over them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/network/layer.hpp"
#include "engine/network/parameter_layout.hpp"
#include "engine/program/program.hpp"
#include "engine/runtime/arena.hpp"
#include "engine/runtime/queue.hpp"
#include "kernels/adam.hpp"
#include "kernels/spectral_norm.hpp"

namespace agon {

/// What a forward sweep leaves for the ways back over it.
struct Trace {
  std::vector<Passed> layers;

  Rows y() const { return layers.back().y; }
  /// Of the first rows alone. With a batch norm they are whole batches.
  Trace first(std::int64_t rows) const { return part(0, rows); }
  /// Of networks without a norm.
  Trace part(std::int64_t first, std::int64_t rows) const;
};

class Network {
 public:
  Network(std::string name, NetworkSpec spec);

  /// Takes the flat buffers, the average's where it is wanted.
  void lay_out(Memory& memory, bool averaged = false);
  /// Running statistics; instead of those that the network has, where it has some.
  void lay_out_running(Memory& memory);
  /// Makes the weights that sweeps read those divided by their spectral norms. u and v are what is learnt of
  /// them, and are taken first, so that they can lie beside the flat buffers; the rest follows in `work`.
  void lay_out_singular(Memory& memory);
  void lay_out_normalised(Memory& memory);

  /// U(-1/sqrt(in), 1/sqrt(in)) for weights and biases, PyTorch's default for linear layers and convolutions,
  /// with in a row's elements of the weights (LeCun et al., "Efficient backprop", 1998, up to the constant),
  /// or what spec().initial_deviation says; gammas and running variances start as 1, betas and
  /// running means as 0. `stream_index` keeps two networks' numbers apart. An average starts as the weights.
  void initialise(const Queue& queue, std::uint64_t seed, std::uint64_t stream_index) const;

  /// x (rows, spec().inputs(0)) to the network's output, (rows, spec().outputs()), which goes to `into` where
  /// that is not null, else into a temporary, as all else does that the sweep makes.
  Trace forward(Program& program, Rows x, const Sweep& sweep, float* into = nullptr) const;

  /// What a way back leaves.
  struct Deltas {
    std::vector<Rows>
        by_output;  ///< of each layer; of one with layers in place behind it, of the last of them
    Rows by_input;  ///< where it was asked for

    Deltas part(std::int64_t first, std::int64_t rows) const;
  };
  /// From the gradient by the output, `dy`, to those by all parameters, from the last layer to the first. It
  /// may overwrite dy.
  Deltas backward(Program& program, const Trace& trace, Rows dy, const Sweep& sweep,
                  const Gradients& wanted = {}) const;
  /// The gradient by the input alone, where backward() did not go so far, of a part of its rows.
  Rows input_gradient(Program& program, const Trace& trace, const Deltas& deltas, const Sweep& sweep) const;
  /// The parameters' gradients alone, with the input of each layer with weights as it is now. Of networks
  /// without a norm.
  void parameter_gradients(Program& program, const Trace& trace, const Deltas& deltas, const Sweep& sweep,
                           const Gradients& wanted) const;
  /// Takes a tangent of the input, `dx`, through all layers but the last one with weights, and leaves
  /// row_weight x + the tangent of x in place of the input x of each that has some, but for the network's
  /// own. Of networks that are piecewise linear.
  void add_tangents(Program& program, const Trace& trace, Rows dx, const Sweep& sweep,
                    const float* row_weight) const;

  /// The whole network's Adam.
  kernels::Adam adam(const kernels::AdamState* state) const;
  /// With normalised weights: makes them from the weights, after a power iteration where it is asked for
  /// (kernels/spectral_norm.hpp); turns the gradients by them into those by the weights.
  void normalise(Program& program, bool iterate) const;
  void normalise_gradient(Program& program) const;

  /// The same network, whose forward sweeps read the average of its weights; it is not to be trained. Its
  /// running statistics are still those of the weights.
  Network averaged() const;
  /// The same network without its heads: its output is the scores that they choose by.
  Network without_heads() const;
  /// The same network without its choice of a class: its output is the scores that it chooses from.
  Network without_choice() const;
  /// The same network with its buffers `bytes` further on.
  Network moved(std::int64_t bytes) const;

  /// Whether an evaluation pass draws random numbers of its own, for its heads.
  bool draws_noise() const { return !all<HeadNoise>().empty(); }
  const std::string& name() const { return name_; }
  const NetworkSpec& spec() const { return spec_; }
  const FlatParameters& flat() const { return flat_; }
  /// weight and bias, or weight, gamma and beta, of block 0, 1, ...
  const std::vector<TensorView>& tensors() const { return tensors_; }
  /// Where u (out) and v (in) of a weight lie; null where the weights are not normalised, or it is none.
  struct Singular {
    float* left = nullptr;
    float* right = nullptr;
  };
  Singular singular_of(const TensorView& tensor) const;
  /// Where the running statistics of a batch norm's gamma lie, (width) each; null where the tensor is none.
  struct Running {
    float* mean = nullptr;
    float* variance = nullptr;
  };
  Running running_of(const TensorView& tensor) const;
  std::int64_t running_size() const;  ///< of all layers, in elements

 private:
  /// The layers of a kind, in order.
  template <class LayerKind>
  std::vector<const LayerKind*> all() const {
    std::vector<const LayerKind*> found;
    for (const Layer& layer : layers_)
      if (const auto* const one = std::get_if<LayerKind>(&layer)) found.push_back(one);
    return found;
  }
  /// A layer's weights as a matrix, (rows, columns), row-major, and its bias.
  struct Matrix {
    std::int64_t weight = 0, bias = 0;  ///< offsets in the flat buffers
    bool biased = false;
    std::int64_t rows = 0, columns = 0, bias_size = 0;

    std::int64_t size() const { return rows * columns; }
  };
  /// Of all layers with weights, in order.
  std::vector<Matrix> matrices() const;
  std::int64_t singular_size() const;
  void initialise_norms(const Queue& queue) const;
  void initialise_records(const Queue& queue) const;
  void initialise_singular(const Queue& queue, std::uint64_t seed, std::uint64_t stream_index) const;
  template <class Use>
  void for_each_spectral(const Use& use) const;

  std::string name_;
  NetworkSpec spec_;
  std::vector<TensorView> tensors_;
  std::vector<Layer> layers_;
  FlatParameters flat_;
};

}  // namespace agon
