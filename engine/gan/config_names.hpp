// The names of a configuration's enumerations.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "engine/gan/config.hpp"
#include "kernels/error.hpp"

namespace agon {

/// `what` is named and all its values, in the order in which people are told them.
template <class Value>
struct Names;

template <>
struct Names<Objective> {
  static constexpr std::string_view what = "objective";
  static constexpr std::pair<std::string_view, Objective> all[] = {
      {"non-saturating", Objective::non_saturating},
      {"minimax", Objective::minimax},
      {"hinge", Objective::hinge},
      {"least-squares", Objective::least_squares},
      {"wasserstein", Objective::wasserstein},
      {"relativistic", Objective::relativistic},
  };
};

template <>
struct Names<kernels::Precision> {
  static constexpr std::string_view what = "precision";
  static constexpr std::pair<std::string_view, kernels::Precision> all[] = {
      {"fp32", kernels::Precision::fp32},
      {"tf32", kernels::Precision::tf32},
      {"bf16", kernels::Precision::bf16},
  };
};

template <>
struct Names<kernels::RateShape> {
  static constexpr std::string_view what = "rate schedule";
  static constexpr std::pair<std::string_view, kernels::RateShape> all[] = {
      {"constant", kernels::RateShape::constant},
      {"linear", kernels::RateShape::linear},
      {"cosine", kernels::RateShape::cosine},
  };
};

template <>
struct Names<NormKind> {
  static constexpr std::string_view what = "norm";
  static constexpr std::pair<std::string_view, NormKind> all[] = {
      {"none", NormKind::none},
      {"batch", NormKind::batch},
      {"layer", NormKind::layer},
  };
};

template <>
struct Names<Residual> {
  static constexpr std::string_view what = "residual";
  static constexpr std::pair<std::string_view, Residual> all[] = {
      {"none", Residual::none},
      {"concat", Residual::concat},
      {"add", Residual::add},
      {"pre-activation", Residual::pre_activation},
  };
  /// What older versions wrote.
  static constexpr std::pair<std::string_view, Residual> earlier[] = {
      {"false", Residual::none},
      {"true", Residual::concat},
  };
};

template <>
struct Names<ImageRole> {
  static constexpr std::string_view what = "images";
  static constexpr std::pair<std::string_view, ImageRole> all[] = {
      {"none", ImageRole::none},
      {"makes", ImageRole::makes},
      {"reads", ImageRole::reads},
  };
};

template <>
struct Names<AugmentationMode> {
  static constexpr std::string_view what = "augmentation";
  static constexpr std::pair<std::string_view, AugmentationMode> all[] = {
      {"none", AugmentationMode::none},
      {"adaptive", AugmentationMode::adaptive},
      {"fixed", AugmentationMode::fixed},
  };
};

template <>
struct Names<HeadChoice> {
  static constexpr std::string_view what = "choice";
  static constexpr std::pair<std::string_view, HeadChoice> all[] = {
      {"straight-through", HeadChoice::straight_through},
      {"gumbel", HeadChoice::gumbel},
  };
};

template <>
struct Names<NumberLink> {
  static constexpr std::string_view what = "link";
  static constexpr std::pair<std::string_view, NumberLink> all[] = {
      {"rank", NumberLink::rank},
      {"tanh", NumberLink::tanh},
  };
};

/// Those that an output can have.
template <>
struct Names<ActivationKind> {
  static constexpr std::string_view what = "output";
  static constexpr std::pair<std::string_view, ActivationKind> all[] = {
      {"identity", ActivationKind::identity},
      {"tanh", ActivationKind::tanh},
      {"sigmoid", ActivationKind::sigmoid},
  };
};

template <class Value>
concept Named = requires {
  Names<Value>::all;
};

template <Named Value>
std::string_view name_of(Value value) {
  for (const auto& [name, candidate] : Names<Value>::all)
    if (candidate == value) return name;
  throw ConfigurationError("no name for value " + std::to_string(static_cast<int>(value)));
}

/// Throws ConfigurationError that lists the names.
template <Named Value>
Value value_named(std::string_view text) {
  if constexpr (requires { Names<Value>::earlier; })
    for (const auto& [name, value] : Names<Value>::earlier)
      if (name == text) return value;
  std::string known;
  for (const auto& [name, value] : Names<Value>::all) {
    if (name == text) return value;
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  throw ConfigurationError(std::string(Names<Value>::what) + ": '" + std::string(text) + "' is none of " +
                           known);
}

}  // namespace agon
