// Which algorithm computes each linear layer of a network: a table that the engine fills, and its operations
// ask.
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "kernels/linear_choice.hpp"
#include "kernels/precision.hpp"

namespace agon::kernels {
struct LinearForward;
struct LinearTangent;
struct LinearBackward;
}  // namespace agon::kernels

namespace agon {

/// A product by all that its speed depends on, the device aside.
struct LinearProduct {
  enum class Kind : std::uint8_t { forward, tangent, weight_gradient, input_gradient };

  Kind kind = Kind::forward;
  kernels::LinearShape shape;
  kernels::Precision precision = kernels::Precision::fp32;
  bool leaky = false;       ///< forward: LeakyReLU follows; input gradient: its derivative is folded in
  bool accumulate = false;  ///< weight gradient: added to what is there
  bool weighted = false;    ///< weight gradient: the bias gradient's rows have weights
  bool update = false;      ///< weight gradient: Adam follows

  friend auto operator<=>(const LinearProduct&, const LinearProduct&) = default;
};

/// What is enqueued together: a product, or two that know nothing of each other.
struct LinearLaunch {
  LinearProduct first;
  std::optional<LinearProduct> beside;
  int replicas = 1;

  friend auto operator<=>(const LinearLaunch&, const LinearLaunch&) = default;
};

/// Each operation has one product (or none: then `beside` is absent).
LinearLaunch launch_of(const kernels::LinearForward& op, int replicas);
LinearLaunch launch_of(const kernels::LinearTangent& op, int replicas);
LinearLaunch launch_of(const kernels::LinearBackward& op, const kernels::LinearBackward& beside,
                       int replicas);

/// "forward", "tangent", "weight gradient", "input gradient".
std::string to_string(LinearProduct::Kind kind);
/// "forward 64x100->128 fp32 leaky"; two with " + " between; "8 replicas: " in front where there are several.
std::string to_string(const LinearLaunch& launch);
/// "estimate", "own", "own medium 4" (tile, splits), "library 0" (algorithm), "fused 0" (plan); a second
/// one's behind " + ".
std::string to_string(const kernels::LinearChoice& choice);
std::string to_string(const kernels::LinearChoices& choices);
/// The ways back; nothing where the text is no such choice.
std::optional<kernels::LinearChoice> parse_linear_choice(std::string_view text);
std::optional<kernels::LinearChoices> parse_linear_choices(std::string_view text);

class LinearPlan {
 public:
  using Table = std::map<LinearLaunch, kernels::LinearChoices>;

  LinearPlan() = default;
  explicit LinearPlan(Table table) : table_(std::move(table)) {}

  const Table& table() const { return table_; }
  void set(const LinearLaunch& launch, const kernels::LinearChoices& choices) { table_[launch] = choices; }

  /// Fill in the operations' choices; those of a launch that is not in the table stay the estimate's.
  void choose(kernels::LinearForward& op, int replicas) const;
  void choose(kernels::LinearTangent& op, int replicas) const;
  void choose(kernels::LinearBackward& op, kernels::LinearBackward& beside, int replicas) const;

 private:
  Table table_;
};

}  // namespace agon
