#include "engine/tuning/layer_plan.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "kernels/convolution.hpp"
#include "kernels/error.hpp"
#include "kernels/linear.hpp"
#include "kernels/linear_tangent.hpp"

namespace agon {
namespace {

using kernels::ConvolutionBackward;
using kernels::ConvolutionForward;
using kernels::ConvolutionShape;
using kernels::ConvolutionTangent;
using kernels::LayerBackend;
using kernels::LayerChoice;
using kernels::LayerChoices;
using kernels::LinearBackward;
using kernels::LinearForward;
using kernels::LinearTangent;
using kernels::TileKind;

constexpr std::string_view kBeside = " + ";
constexpr std::array<std::string_view, 3> kTiles{"small", "medium", "large"};
constexpr std::array<std::string_view, 4> kKinds{"forward", "tangent", "weight gradient", "input gradient"};
constexpr std::array<std::string_view, 3> kPrecisions{"fp32", "tf32", "bf16"};

template <std::size_t count>
std::string name_in(const std::array<std::string_view, count>& names, std::size_t value) {
  if (value < count) return std::string(names[value]);
  throw ConfigurationError("a plan: no name for value " + std::to_string(value));
}

bool computes(const LinearBackward& op) { return op.dx != nullptr || op.dweight != nullptr; }

LayerProduct product_of(const LinearBackward& op) {
  LayerProduct product{.kind = LayerProduct::Kind::input_gradient,
                       .shape = op.shape,
                       .precision = kernels::precision_of(op.shape, op.precision)};
  if (op.dweight != nullptr) {
    product.kind = LayerProduct::Kind::weight_gradient;
    product.accumulate = op.accumulate;
    product.weighted = op.row_weight != nullptr;
    product.update = op.update.state != nullptr;
  } else {
    product.leaky = op.input_slope != 1.0f;
  }
  return product;
}

LayerProduct product_of(LayerProduct::Kind kind, const ConvolutionShape& shape,
                        kernels::Precision precision) {
  return {.kind = kind,
          .shape = {shape.coarse_pixels(), shape.patch(), shape.coarse_channels},
          .convolution = shape,
          .precision = kernels::precision_of(shape, precision)};
}

std::string shape_text(const kernels::LinearShape& s) {
  return std::to_string(s.batch) + 'x' + std::to_string(s.in) + "->" + std::to_string(s.out);
}

std::string shape_text(const ConvolutionShape& s) {
  const auto times = [](std::int64_t a, std::int64_t b) {
    return std::to_string(a) + 'x' + std::to_string(b);
  };
  const auto image = [&](const kernels::ImageShape& i) {
    return times(i.height, i.width) + 'x' + std::to_string(i.channels);
  };
  std::string text = std::to_string(s.batch) + 'x' + image(s.in()) + "->" + image(s.out());
  text += (s.transposed ? " transposed " : " ") + times(s.kernel, s.kernel);
  if (s.stride > 1) text += " stride " + std::to_string(s.stride);
  if (s.padding > 0) text += " padding " + std::to_string(s.padding);
  if (s.groups > 1) text += " groups " + std::to_string(s.groups);
  return text;
}

std::string to_string(const LayerProduct& p) {
  std::string text = agon::to_string(p.kind) + ' ';
  text += p.convolution ? shape_text(*p.convolution) : shape_text(p.shape);
  text += ' ' + name_in(kPrecisions, static_cast<std::size_t>(p.precision));
  if (p.leaky) text += " leaky";
  if (p.accumulate) text += " added";
  if (p.weighted) text += " weighted";
  if (p.update) text += " adam";
  return text;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t end; !text.empty(); text.remove_prefix(std::min(text.size(), end + 1))) {
    end = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, end));
  }
  return words;
}

std::optional<std::uint8_t> small_number(std::string_view text, int least, int most) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most) return {};
  return static_cast<std::uint8_t>(value);
}

std::optional<LayerChoice> parse_own(const std::vector<std::string_view>& words) {
  if (words.size() == 1) return LayerChoice{.by = LayerBackend::own};
  const auto tile = std::find(kTiles.begin(), kTiles.end(), words[1]);
  if (words.size() > 3 || tile == kTiles.end()) return {};
  const auto splits = words.size() == 3 ? small_number(words[2], 1, kernels::kMostPieces) : std::uint8_t{1};
  if (!splits) return {};
  return LayerChoice{
      .by = LayerBackend::own, .tile = static_cast<TileKind>(tile - kTiles.begin()), .splits = *splits};
}

/// Of a list of at most `most`.
std::optional<LayerChoice> parse_listed(const std::vector<std::string_view>& words, LayerBackend by,
                                        int most) {
  if (words.size() > 2) return {};
  const auto algorithm = words.size() == 2 ? small_number(words[1], 0, most - 1) : std::uint8_t{0};
  if (!algorithm) return {};
  return LayerChoice{.by = by, .algorithm = *algorithm};
}

}  // namespace

LayerLaunch launch_of(const LinearForward& op, int replicas) {
  return {.first = {.kind = LayerProduct::Kind::forward,
                    .shape = op.shape,
                    .precision = kernels::precision_of(op.shape, op.precision),
                    .leaky = op.slope != 1.0f},
          .beside = {},
          .replicas = replicas};
}

/// A tangent's slope costs nothing: its pass over the products is never left out.
LayerLaunch launch_of(const LinearTangent& op, int replicas) {
  return {.first = {.kind = LayerProduct::Kind::tangent,
                    .shape = op.shape,
                    .precision = kernels::precision_of(op.shape, op.precision)},
          .beside = {},
          .replicas = replicas};
}

LayerLaunch launch_of(const LinearBackward& op, const LinearBackward& beside, int replicas) {
  LayerLaunch launch{.first = product_of(op), .beside = {}, .replicas = replicas};
  if (computes(beside)) launch.beside = product_of(beside);
  return launch;
}

LayerLaunch launch_of(const ConvolutionForward& op, int replicas) {
  LayerLaunch launch{.first = product_of(LayerProduct::Kind::forward, op.shape, op.precision),
                     .beside = {},
                     .replicas = replicas};
  launch.first.leaky = op.slope != 1.0f;
  return launch;
}

LayerLaunch launch_of(const ConvolutionTangent& op, int replicas) {
  return {.first = product_of(LayerProduct::Kind::tangent, op.shape, op.precision),
          .beside = {},
          .replicas = replicas};
}

LayerLaunch launch_of(const ConvolutionBackward& op, int replicas) {
  const bool weights = op.dweight != nullptr;
  const auto kind = weights ? LayerProduct::Kind::weight_gradient : LayerProduct::Kind::input_gradient;
  LayerLaunch launch{.first = product_of(kind, op.shape, op.precision), .beside = {}, .replicas = replicas};
  launch.first.leaky = !weights && op.input_slope != 1.0f;
  launch.first.accumulate = weights && op.accumulate;
  launch.first.weighted = weights && op.row_weight != nullptr;
  return launch;
}

std::string to_string(LayerProduct::Kind kind) { return name_in(kKinds, static_cast<std::size_t>(kind)); }

std::string to_string(const LayerLaunch& launch) {
  std::string text = launch.replicas > 1 ? std::to_string(launch.replicas) + " replicas: " : std::string();
  text += to_string(launch.first);
  if (launch.beside) text += std::string(kBeside) + to_string(*launch.beside);
  return text;
}

std::string to_string(const LayerChoice& choice) {
  switch (choice.by) {
    case LayerBackend::own:
      if (choice.splits == 0) return "own";
      return "own " + name_in(kTiles, static_cast<std::size_t>(choice.tile)) + ' ' +
             std::to_string(choice.splits);
    case LayerBackend::library:
      return "library " + std::to_string(choice.algorithm);
    case LayerBackend::fused:
      return "fused " + std::to_string(choice.algorithm);
    default:
      return "estimate";
  }
}

std::string to_string(const LayerChoices& choices) {
  const std::string first = to_string(choices.first);
  return choices.beside == LayerChoice{} ? first : first + std::string(kBeside) + to_string(choices.beside);
}

std::optional<LayerChoice> parse_layer_choice(std::string_view text) {
  const std::vector<std::string_view> words = words_of(text);
  if (words.empty()) return {};
  if (words[0] == "own") return parse_own(words);
  if (words[0] == "library") return parse_listed(words, LayerBackend::library, kernels::kMostAlgorithms);
  if (words[0] == "fused") return parse_listed(words, LayerBackend::fused, kernels::kMostFused);
  if (words[0] == "estimate" && words.size() == 1) return LayerChoice{};
  return {};
}

std::optional<LayerChoices> parse_layer_choices(std::string_view text) {
  const std::size_t between = text.find(kBeside);
  const auto first = parse_layer_choice(text.substr(0, between));
  if (!first) return {};
  if (between == std::string_view::npos) return LayerChoices{*first};
  const auto beside = parse_layer_choice(text.substr(between + kBeside.size()));
  if (!beside) return {};
  return LayerChoices{*first, *beside};
}

template <class Operation>
void LayerPlan::choose_one(Operation& op, int replicas) const {
  const auto found = table_.find(launch_of(op, replicas));
  if (found != table_.end()) op.choice = found->second.first;
}

void LayerPlan::choose(LinearForward& op, int replicas) const { choose_one(op, replicas); }
void LayerPlan::choose(LinearTangent& op, int replicas) const { choose_one(op, replicas); }
void LayerPlan::choose(ConvolutionForward& op, int replicas) const { choose_one(op, replicas); }
void LayerPlan::choose(ConvolutionTangent& op, int replicas) const { choose_one(op, replicas); }
void LayerPlan::choose(ConvolutionBackward& op, int replicas) const { choose_one(op, replicas); }

void LayerPlan::choose(LinearBackward& op, LinearBackward& beside, int replicas) const {
  const auto found = table_.find(launch_of(op, beside, replicas));
  if (found == table_.end()) return;
  op.choice = found->second.first;
  beside.choice = found->second.beside;
}

}  // namespace agon
