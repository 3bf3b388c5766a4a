#include <utility>

#include "engine/network/layer.hpp"
#include "engine/network/parameter_layout.hpp"
#include "engine/network/weighted_parts.hpp"

namespace agon {
namespace {

/// Puts a network's layers together, block by block.
class LayerList {
 public:
  LayerList(const std::string& name, const NetworkSpec& spec)
      : name_(name), spec_(spec), parts_(weighted_parts(spec)), tensors_(parameter_layout(name, spec)) {}

  std::vector<Layer> all() && {
    if (spec_.has_image_blocks()) {
      add_image_steps();
    } else {
      for (std::size_t b = 0; b + 1 < spec_.widths.size(); ++b) add_block(b);
    }
    if (spec_.images.classes > 0) layers_.push_back(ClassChoice{name_, spec_.images.classes});
    const RecordLayout& records = spec_.records;
    if (records.choice == HeadChoice::gumbel && records.levels() > 0)
      layers_.push_back(HeadNoise{name_, records.levels()});
    if (records.any()) layers_.push_back(Heads{name_, records});
    return std::move(layers_);
  }

 private:
  void add_block(std::size_t b) {
    const std::string block = name_ + "." + std::to_string(b);
    const std::size_t first = layers_.size();
    const Layer weights = next_weights();
    if (spec_.pre_activation()) {
      if (b > 0) add_activation(block, b);
      layers_.push_back(weights);
    } else {
      layers_.push_back(weights);
      if (spec_.hidden(b)) add_activation(block, b);
    }
    if (spec_.concatenates(b) || spec_.adds(b)) layers_.push_back(Skip{block, spec_.residual, first});
    if (!spec_.hidden(b) && spec_.output != ActivationKind::identity)
      layers_.push_back(Activation{spec_.output});
  }

  /// And the norm before it, and the dropout behind it.
  void add_activation(const std::string& block, std::size_t b) {
    const std::int64_t width = spec_.norm_width(b), pixels = spec_.image_behind(b + 1).pixels();
    if (spec_.normalised(b)) {
      const std::int64_t gamma = next(), beta = next();
      const bool keeps_input = spec_.pre_activation() && spec_.adds(b);
      layers_.push_back(
          Norm{block, spec_.norm, gamma, beta, running_, running_ + aligned(width), keeps_input, pixels});
      running_ += 2 * aligned(width);
    }
    layers_.push_back(Activation{ActivationKind::leaky_relu, spec_.slope});
    if (spec_.dropout > 0) layers_.push_back(Dropout{spec_.dropout, width * pixels, quads_});
    quads_ += (width * pixels + 3) / 4;
  }

  void add_image_steps() {
    std::size_t block = 0;  // the first layer of the one that has begun
    for (const ImageStep& step : image_steps(spec_)) {
      const std::string name = name_ + "." + std::to_string(part_);
      switch (step.kind) {
        case ImageStep::Kind::weights:
          layers_.push_back(next_weights());
          break;
        case ImageStep::Kind::activation:
          layers_.push_back(Activation{ActivationKind::leaky_relu, spec_.slope});
          break;
        case ImageStep::Kind::resample:
          layers_.push_back(Resampling{name, step.coarse, step.up});
          break;
        case ImageStep::Kind::block_begin:
          block = layers_.size();
          break;
        case ImageStep::Kind::block_end:
          layers_.push_back(Skip{name, Residual::pre_activation, block});
          break;
      }
    }
    if (spec_.output != ActivationKind::identity) layers_.push_back(Activation{spec_.output});
  }

  Layer next_weights() {
    const std::string name = name_ + "." + std::to_string(part_);
    const WeightedPart& part = parts_[part_++];
    const std::int64_t weight = next(), bias = part.biased ? next() : 0, unused = aligned(spec_.widest());
    if (part.convolution) return Convolution{name, *part.convolution, weight, bias, part.biased, unused};
    return Linear{name, part.in, part.out, weight, bias, part.biased, unused};
  }

  std::int64_t next() { return tensors_[tensor_++].offset; }

  const std::string& name_;
  const NetworkSpec& spec_;
  std::vector<WeightedPart> parts_;
  std::size_t part_ = 0;
  std::vector<TensorView> tensors_;
  std::vector<Layer> layers_;
  std::size_t tensor_ = 0;
  std::int64_t running_ = 0, quads_ = 0;  // of the layers so far
};

}  // namespace

std::vector<Layer> layers_of(const std::string& name, const NetworkSpec& spec) {
  return LayerList(name, spec).all();
}

}  // namespace agon
