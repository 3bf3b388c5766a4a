// Which algorithm computes each layer with weights of a network, linear layers and convolutions: a table that
// the engine fills, and its operations ask.
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "kernels/convolution_shape.hpp"
#include "kernels/layer_choice.hpp"
#include "kernels/linear_shape.hpp"
#include "kernels/precision.hpp"

namespace agon::kernels {
struct LinearForward;
struct LinearTangent;
struct LinearBackward;
struct ConvolutionForward;
struct ConvolutionTangent;
struct ConvolutionBackward;
}  // namespace agon::kernels

namespace agon {

/// A product by all that its speed depends on, the device aside.
struct LayerProduct {
  enum class Kind : std::uint8_t { forward, tangent, weight_gradient, input_gradient };

  Kind kind = Kind::forward;
  kernels::LinearShape shape{};  ///< of a convolution as of a layer that goes down: pixels, patch, channels
  std::optional<kernels::ConvolutionShape> convolution{};  ///< where it is one
  kernels::Precision precision = kernels::Precision::fp32;
  bool leaky = false;       ///< forward: LeakyReLU follows; input gradient: its derivative is folded in
  bool accumulate = false;  ///< weight gradient: added to what is there
  bool weighted = false;    ///< weight gradient: the bias gradient's rows have weights
  bool update = false;      ///< weight gradient: Adam follows

  friend auto operator<=>(const LayerProduct&, const LayerProduct&) = default;
};

/// What is enqueued together: a product, or two that know nothing of each other.
struct LayerLaunch {
  LayerProduct first;
  std::optional<LayerProduct> beside;
  int replicas = 1;

  friend auto operator<=>(const LayerLaunch&, const LayerLaunch&) = default;
};

/// Each operation has one product (or none: then `beside` is absent).
LayerLaunch launch_of(const kernels::LinearForward& op, int replicas);
LayerLaunch launch_of(const kernels::LinearTangent& op, int replicas);
LayerLaunch launch_of(const kernels::LinearBackward& op, const kernels::LinearBackward& beside, int replicas);
LayerLaunch launch_of(const kernels::ConvolutionForward& op, int replicas);
LayerLaunch launch_of(const kernels::ConvolutionTangent& op, int replicas);
/// Of one of dx and dweight.
LayerLaunch launch_of(const kernels::ConvolutionBackward& op, int replicas);

/// "forward", "tangent", "weight gradient", "input gradient".
std::string to_string(LayerProduct::Kind kind);
/// "forward 64x100->128 fp32 leaky"; two with " + " between; "8 replicas: " in front where there are several.
/// Of a convolution "forward 64x7x7x128->14x14x64 transposed 4x4 stride 2 padding 1 fp32 leaky": images of
/// height, width and channels, and taps.
std::string to_string(const LayerLaunch& launch);
/// "estimate", "own", "own medium 4" (tile, splits), "library 0" (algorithm), "fused 0" (plan); a second
/// one's behind " + ".
std::string to_string(const kernels::LayerChoice& choice);
std::string to_string(const kernels::LayerChoices& choices);
/// The ways back; nothing where the text is no such choice.
std::optional<kernels::LayerChoice> parse_layer_choice(std::string_view text);
std::optional<kernels::LayerChoices> parse_layer_choices(std::string_view text);

class LayerPlan {
 public:
  using Table = std::map<LayerLaunch, kernels::LayerChoices>;

  LayerPlan() = default;
  explicit LayerPlan(Table table) : table_(std::move(table)) {}

  const Table& table() const { return table_; }
  void set(const LayerLaunch& launch, const kernels::LayerChoices& choices) { table_[launch] = choices; }

  /// Fill in the operations' choices; those of a launch that is not in the table stay the estimate's.
  void choose(kernels::LinearForward& op, int replicas) const;
  void choose(kernels::LinearTangent& op, int replicas) const;
  void choose(kernels::LinearBackward& op, kernels::LinearBackward& beside, int replicas) const;
  void choose(kernels::ConvolutionForward& op, int replicas) const;
  void choose(kernels::ConvolutionTangent& op, int replicas) const;
  void choose(kernels::ConvolutionBackward& op, int replicas) const;

 private:
  template <class Operation>
  void choose_one(Operation& op, int replicas) const;

  Table table_;
};

}  // namespace agon
